"""The log file of runs, and what is deprecated."""

from __future__ import annotations

import io
import re

from orchestr8.core import event as ev
from orchestr8.core.clock import ManualClock
from orchestr8.core.errors import Diagnostic
from orchestr8.core.outcome import Outcome, Status
from orchestr8.report.log import Both, LogLines
from orchestr8.report.plain import PlainReporter

FORM = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d{3} p=\d+ u=\S+ n=o8 INFO\| (.*)")


def test_the_log_has_every_line_with_its_time_beside_what_is_shown() -> None:
    file, out = io.StringIO(), io.StringIO()
    logged = PlainReporter(LogLines(file, ManualClock()), verbosity=3)  # type: ignore[arg-type]
    both = Both((PlainReporter(out, verbosity=1), logged))
    both.emit(ev.TaskStarted("k", "try", "ping"))
    both.emit(ev.HostFinished("k", "web1", Outcome(Status.OK, {"ping": "pong"})))
    both.emit(ev.Warned(Diagnostic("O8-1310", "no braces", severity="warning")))
    found = [FORM.fullmatch(line) for line in file.getvalue().splitlines()]
    lines = [each.group(1) for each in found if each]
    assert len(lines) == len(found)
    assert lines[0].startswith("TASK [try] ***")
    assert "<web1> EXEC ping" in lines
    assert lines[-1] == "[DEPRECATION WARNING]: no braces"
    assert "EXEC" not in out.getvalue()
