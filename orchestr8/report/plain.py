"""Plain lines in the form of Ansible's default output, for logs, pipes and CI."""

from __future__ import annotations

import threading
from collections.abc import Callable
from functools import singledispatchmethod
from typing import TextIO

from orchestr8.core import event as ev
from orchestr8.core.outcome import Outcome, Status
from orchestr8.report.failures import Failures
from orchestr8.report.wording import CENSORED, diff_text, dump, title

_WIDTH = 79


class PlainReporter:
    """Writes each event as lines; `paint` colours a line by status, or leaves it."""

    def __init__(
        self, out: TextIO, *, verbosity: int = 0, paint: Callable[[str, str], str] | None = None
    ) -> None:
        self._out = out
        self._verbosity = verbosity
        self._paint = paint or (lambda text, _status: text)
        self._lock = threading.Lock()
        self._tasks: dict[str, ev.TaskStarted] = {}
        self._current = ""
        self._failures = Failures()

    def emit(self, event: ev.Event) -> None:
        """Write one event."""
        with self._lock:
            self._failures.note(event)
            self._on(event)
            self._out.flush()

    def _line(self, text: str = "", status: str = "") -> None:
        self._out.write((self._paint(text, status) if status else text) + "\n")

    def _banner(self, text: str) -> None:
        self._line()
        self._line(f"{text} ".ljust(max(_WIDTH, len(text) + 4), "*"))

    @singledispatchmethod
    def _on(self, event: ev.Event) -> None:
        """Ignore events that plain output does not show."""

    @_on.register
    def _(self, event: ev.PlayStarted) -> None:
        self._current = ""
        self._banner(f"PLAY [{event.name}]")

    @_on.register
    def _(self, event: ev.TaskStarted) -> None:
        self._tasks[event.key] = event
        self._announce(event.key)

    def _announce(self, key: str) -> None:
        task = self._tasks.get(key)
        if task is None or key == self._current:
            return
        self._current = key
        self._banner(f"{'RUNNING HANDLER' if task.handler else 'TASK'} [{title(task)}]")
        if self._verbosity >= 2 and task.span:
            self._line(f"task path: {task.span.file}:{task.span.line}")

    @_on.register
    def _(self, event: ev.ItemFinished) -> None:
        self._announce(event.key)
        self._result(event.host, event.outcome, f" => (item={event.label})", f" (item={event.label})")

    @_on.register
    def _(self, event: ev.HostFinished) -> None:
        if event.outcome.status is Status.CANCELLED:
            return
        self._announce(event.key)
        if event.loop and event.outcome.status not in (Status.FAILED, Status.UNREACHABLE, Status.SKIPPED):
            return
        name = f"{event.host} -> {event.delegate}" if event.delegate else event.host
        outcome = event.outcome
        if event.no_log:
            outcome = Outcome(
                outcome.status, {"censored": CENSORED, "changed": bool(outcome.result.get("changed"))}
            )
        self._result(name, outcome, "", "", ignored=event.outcome.ignored)

    def _result(
        self, host: str, outcome: Outcome, item: str, failed_item: str, *, ignored: bool = False
    ) -> None:
        if diff := diff_text(outcome.result.get("diff")):
            self._out.write(diff + "\n")
        status = outcome.status
        if status is Status.UNREACHABLE:
            self._line(f"fatal: [{host}]: UNREACHABLE! => {dump(outcome.result)}", "unreachable")
        elif status is Status.FAILED:
            word = "failed" if failed_item else "fatal"
            text = f"{failed_item} => " if failed_item else ": FAILED! => "
            self._line(f"{word}: [{host}]{text}{self._dump(outcome)}", "failed")
        elif status is Status.SKIPPED:
            self._line(f"skipping: [{host}]{item}", "skipped")
        else:
            self._line(f"{status.value}: [{host}]{item}{self._details(outcome)}", status.value)
        if ignored or outcome.ignored:
            self._line("...ignoring", "skipped")

    def _details(self, outcome: Outcome) -> str:
        if outcome.result.get("_ansible_verbose_always") or self._verbosity >= 1:
            return f" => {self._dump(outcome)}"
        return ""

    def _dump(self, outcome: Outcome) -> str:
        wide = self._verbosity >= 1 or bool(outcome.result.get("_ansible_verbose_always"))
        good = outcome.status is not Status.FAILED
        return dump(outcome.result, indent=4 if wide and good else None, verbose=self._verbosity >= 3)

    @_on.register
    def _(self, event: ev.Retrying) -> None:
        task = self._tasks.get(event.key)
        name = title(task) if task else event.key
        self._line(
            f"FAILED - RETRYING: [{event.host}]: {name} ({event.attempts_left} retries left).", "skipped"
        )

    @_on.register
    def _(self, event: ev.HandlerNotified) -> None:
        if self._verbosity >= 2:
            self._line(f"NOTIFIED HANDLER {event.handler} for {event.host}")

    @_on.register
    def _(self, event: ev.Warned) -> None:
        diagnostic = event.diagnostic
        place = f" ({diagnostic.span})" if diagnostic.span else ""
        self._line(f"[WARNING]: {diagnostic.message}{place}", "warning")

    @_on.register
    def _(self, event: ev.RolloutEvent) -> None:
        where = f" {event.host}" if event.host else ""
        slot = f" slot {event.slot}" if event.slot is not None else ""
        revision = f" rev {event.revision}" if event.revision is not None else ""
        message = f"  {event.message}" if event.message else ""
        self._line(
            f"service {event.service}: {event.kind}{where}{slot}{revision}{message}", _rollout(event.kind)
        )

    @_on.register
    def _(self, event: ev.RunFinished) -> None:
        self._banner("PLAY RECAP")
        for host, tally in sorted(event.tallies.items()):
            counts = "    ".join(f"{key}={getattr(tally, key)}" for key in _COUNTS)
            self._line(f"{host:<26} : {counts}", _recap(tally))
        for line in self._failures.lines():
            self._line(line)
        for line in event.advice:
            self._line(line)


_COUNTS = ("ok", "changed", "unreachable", "failed", "skipped", "rescued", "ignored")


def _recap(tally: ev.HostTally) -> str:
    if tally.failed or tally.unreachable:
        return "failed"
    return "changed" if tally.changed else "ok"


def _rollout(kind: str) -> str:
    if kind in ("failed", "unhealthy", "rolling_back"):
        return "failed"
    return "ok" if kind in ("healthy", "promoted", "unchanged", "ready") else "changed"
