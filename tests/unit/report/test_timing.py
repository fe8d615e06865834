"""How long tasks took, below each and at the end."""

from __future__ import annotations

import io

from orchestr8.core import event as ev
from orchestr8.core.clock import ManualClock
from orchestr8.report.plain import PlainReporter
from orchestr8.report.timing import KINDS, Timing


def test_times_of_tasks_roles_and_the_run() -> None:
    out, clock = io.StringIO(), ManualClock()
    timing = Timing(PlainReporter(out), out, clock, KINDS)
    timing.emit(ev.TaskStarted("1", "copy it", "copy", role="web"))
    clock.sleep(61.5)
    timing.emit(ev.TaskStarted("2", "", "debug"))
    clock.sleep(2)
    timing.emit(ev.RunFinished("r", {}, 0, 63.5))
    text = out.getvalue()
    assert "(0:01:01.500)       0:01:01.500 ***" in text
    assert "Playbook run took 0 days, 0 hours, 1 minutes, 3 seconds" in text
    tasks, roles = text.partition("TASKS RECAP")[2].split("ROLES RECAP")
    assert [line for line in tasks.splitlines() if "--" in line] == [
        "web : copy it ".ljust(72, "-") + " 61.50s",
        "debug ".ljust(73, "-") + " 2.00s",
    ]
    assert "total ".ljust(72, "-") + " 63.50s" in roles


def test_only_what_was_asked_for() -> None:
    out = io.StringIO()
    timing = Timing(PlainReporter(out), out, ManualClock(), ("timer",))
    timing.emit(ev.TaskStarted("1", "a"))
    timing.emit(ev.RunFinished("r", {}, 0, 0))
    assert "RECAP" in out.getvalue()
    assert "TASKS" not in out.getvalue()
    assert "(0:" not in out.getvalue()
