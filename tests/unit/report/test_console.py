"""The live view: finished tasks, the region of what runs, and the end."""

from __future__ import annotations

import io
import threading

import pytest
from rich.console import Console

from orchestr8.core import event as ev
from orchestr8.core.clock import ManualClock
from orchestr8.core.outcome import Outcome, Status
from orchestr8.core.span import Span
from orchestr8.report.console import ConsoleReporter

HOSTS = ("h1", "h2")


class Screen:
    """A terminal of a given width that keeps what was written."""

    def __init__(self, width: int = 100, verbosity: int = 0, *, no_color: bool = False) -> None:
        self.out = io.StringIO()
        console = Console(
            file=self.out,
            force_terminal=True,
            width=width,
            height=30,
            no_color=no_color,
            color_system="standard",
        )
        self.reporter = ConsoleReporter(console, ManualClock(), verbosity=verbosity)

    def __call__(self, *events: ev.Event) -> str:
        before = self.out.tell()
        for event in events:
            self.reporter.emit(event)
        return self.out.getvalue()[before:]


def end(key: str, host: str, status: Status = Status.OK, **result: object) -> ev.HostFinished:
    return ev.HostFinished(key, host, Outcome(status, result))


START = (ev.RunStarted("01JD3KABCDEF", "site.yml"), ev.PlayStarted("Web [1]", HOSTS, 2))
TASK = ev.TaskStarted("k", "Copy [x]", "copy", Span("site.yml", 4, 7), role="base")


@pytest.mark.parametrize("width", [80, 120])
def test_a_run_from_start_to_end(width: int) -> None:
    screen = Screen(width)
    text = screen(*START)
    assert "01JD3KABCD" in text
    assert "Web [1]" in text
    assert "base › Copy [x]" not in screen(TASK, end("k", "h1", Status.CHANGED))
    done = screen(end("k", "h2", Status.FAILED, msg="boom"))
    assert "base › Copy [x]" in done
    assert "1 changed" in done
    assert "1 failed h2" in done
    tallies = {"h1": ev.HostTally(ok=1, changed=1), "h2": ev.HostTally(failed=1)}
    last = screen(ev.RunFinished("r", tallies, 2, 3.2, advice=("Fix [it]",)))
    assert "boom" in last
    assert "Ended with exit code 2" in last
    assert "Fix [it]" in last


def test_the_region_shows_what_runs_and_who_is_waited_for() -> None:
    screen = Screen()
    screen(*START, TASK, end("k", "h1"))
    console = Console(file=io.StringIO(), width=100)
    console.print(screen.reporter._region())
    text = console.file.getvalue()  # type: ignore[attr-defined]
    assert "2 hosts" in text
    assert "0/2 steps" in text
    assert "base › Copy [x]  ⠿ h2  0 s" in text
    screen(ev.RunFinished("r", {}, 0, 1.0))


def test_who_draws_the_region_never_waits_for_who_shows_an_event() -> None:
    """Whoever shows an event waits for the display in turn, so that both would wait for ever."""
    screen = Screen()
    screen(*START[:1])
    drawing = threading.Thread(target=screen.reporter._live.refresh, daemon=True)
    with screen.reporter._lock:
        drawing.start()
        drawing.join(30)
        assert not drawing.is_alive()
    screen.reporter._live.stop()


def test_a_rescued_failure_keeps_its_host_and_is_no_cause() -> None:
    screen = Screen()
    rescued = ev.HostFinished("k", "h1", Outcome(Status.FAILED, {"msg": "boom"}), rescued=True)
    text = screen(*START, TASK, rescued, end("k", "h2"))
    assert "! 1 rescued" in text
    assert screen.reporter._board.hosts == set(HOSTS)
    assert "boom" not in screen(ev.RunFinished("r", {}, 0, 1.0))


def test_hidden_results_stay_hidden() -> None:
    screen = Screen(verbosity=4)
    secret = Outcome(Status.CHANGED, {"stdout": "hunter2", "diff": {"before": "", "after": "hunter2"}})
    text = screen(*START, TASK, ev.HostFinished("k", "h1", secret, no_log=True))
    assert "hunter2" not in text + screen(ev.RunFinished("r", {}, 0, 1.0))


def test_without_colour_no_colour_is_written() -> None:
    screen = Screen(no_color=True)
    text = screen(*START, TASK, end("k", "h1"), end("k", "h2"), ev.RunFinished("r", {}, 0, 1.0))
    assert "\x1b[3" not in text
    assert "Done" in text
