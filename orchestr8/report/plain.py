"""Plain lines in the form of Ansible's default output, for logs, pipes and CI."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace
from functools import singledispatchmethod
from typing import TextIO

from orchestr8.core import event as ev
from orchestr8.core.codes import DEPRECATED
from orchestr8.core.outcome import Outcome, Status
from orchestr8.report.failures import Failures
from orchestr8.report.style import Style
from orchestr8.report.wording import censored, differences, dump, excerpt, short_digests, spoken, title

_WIDTH = 80
_INCLUDES = ("include_tasks", "include_role")
_FACTS = ("setup", "gather_facts")
"""What finds so much that no line shows it."""


class PlainReporter:
    """Writes each event as lines; `paint` colours a line by status, or leaves it.

    custom_stats: show what the playbook left with `set_stats` after the recap.
    warnings: where warnings go, if not to `out`. brief: do not repeat at the end what failed hosts said.
    debug: say also what is done without a task. style: what readers chose of the form.
    """

    def __init__(
        self,
        out: TextIO,
        *,
        verbosity: int = 0,
        paint: Callable[[str, str], str] | None = None,
        custom_stats: bool = False,
        warnings: TextIO | None = None,
        brief: bool = False,
        debug: bool = False,
        style: Style | None = None,
    ) -> None:
        self._style = style or Style()
        self._brief = brief
        self._out = out
        self._warnings = warnings or out
        self._verbosity = verbosity
        self._remarks = ev.DEBUG if debug else verbosity
        self._custom = custom_stats
        self._paint = paint or (lambda text, _status: text)
        self._lock = threading.Lock()
        self._tasks: dict[str, ev.TaskStarted] = {}
        self._current = ""
        self._failures = Failures(brief=brief)
        self._services_said: set[tuple[str, str]] = set()

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
    def _(self, event: ev.RunStarted) -> None:
        if self._verbosity >= 2 and event.plays:
            self._banner(f"PLAYBOOK: {event.playbook.rpartition('/')[2]}")
            self._line(f"{event.plays} plays in {event.playbook}")

    @_on.register
    def _(self, event: ev.PlayStarted) -> None:
        self._current = ""
        self._banner(f"PLAY [{event.name}]")
        if not event.hosts:
            self._line("skipping: no hosts matched", "skipped")

    @_on.register
    def _(self, event: ev.TaskStarted) -> None:
        self._tasks[event.key] = event
        if self._style.ok and self._style.skipped:
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
    def _(self, event: ev.Included) -> None:
        item = f" => (item={event.label})" if event.label else ""
        self._line(f"included: {event.name} for {', '.join(event.hosts)}{item}", "skipped")

    @_on.register
    def _(self, event: ev.ItemFinished) -> None:
        if self._silent(event.outcome):
            return
        self._announce(event.key)
        outcome, item = event.outcome, f"(item={event.label})"
        host = _worked(event)
        self._diff(event)
        if outcome.status in (Status.FAILED, Status.UNREACHABLE):
            self._bad(f"failed: [{host}] {item} => {self._dump(event.key, outcome)}", "failed")
        elif outcome.status is Status.SKIPPED:
            self._good(event.key, f"skipping: [{event.host}] => {item} ", outcome)
        elif not self._includes(event.key):
            self._good(event.key, f"{outcome.status.value}: [{host}] => {item}", outcome)

    @_on.register
    def _(self, event: ev.HostFinished) -> None:
        outcome = event.outcome
        if outcome.status is Status.CANCELLED or self._silent(outcome):
            return
        self._announce(event.key)
        if self._verbosity >= _EXEC and outcome.status is not Status.SKIPPED and event.key in self._tasks:
            self._line(f"<{event.delegate or event.host}> EXEC {self._tasks[event.key].action}")
        if event.no_log:
            outcome = censored(outcome)
        else:
            self._diff(event)
        self._ended(event, outcome)
        if outcome.ignored:
            self._line("...ignoring", "skipped")

    def _ended(self, event: ev.HostFinished, outcome: Outcome) -> None:
        host, status = _worked(event), outcome.status
        if status is Status.UNREACHABLE:
            self._bad(f"fatal: [{host}]: UNREACHABLE! => {self._dump(event.key, outcome)}", "unreachable")
        elif status is Status.SKIPPED:
            shown = _without_rounds(outcome) if event.loop else outcome
            self._good(event.key, f"skipping: [{event.host}]", shown)
        elif event.loop and (event.no_log or "results" in outcome.result):
            return
        elif status is Status.FAILED:
            self._failed(event.key, outcome)
            self._bad(f"fatal: [{host}]: FAILED! => {self._dump(event.key, outcome)}", "failed")
        elif not self._includes(event.key):
            self._good(event.key, f"{status.value}: [{host}]", outcome)

    def _failed(self, key: str, outcome: Outcome) -> None:
        """Say what failed and where it is written, as Ansible does before the result itself.

        What failed of a service is the same for all its hosts, and is said once.
        """
        message, task = outcome.result.get("msg"), self._tasks.get(key)
        if not message or task is None or task.span is None or (key, message) in self._services_said:
            return
        if task.action == "services":
            self._services_said.add((key, message))
        told = str(message).removeprefix("Task failed: ")
        lines = [f"[ERROR]: Task failed: {told}", f"Origin: {task.span}", "", *excerpt(task.span)]
        self._bad("\n".join(lines), "failed")
        if self._style.path:
            self._bad(f"task path: {task.span.file}:{task.span.line}")

    def _bad(self, text: str, status: str = "") -> None:
        """Write what went wrong, where readers want that."""
        out = self._warnings if self._style.aside else self._out
        out.write((self._paint(text, status) if status else text) + "\n")

    def _silent(self, outcome: Outcome) -> bool:
        """Return whether nobody wants to see such an end."""
        if outcome.status is Status.SKIPPED:
            return not self._style.skipped
        return outcome.status is Status.OK and not self._style.ok

    def _good(self, key: str, text: str, outcome: Outcome) -> None:
        task = self._tasks.get(key)
        facts = task is not None and task.action.rpartition(".")[2] in _FACTS
        if (self._verbosity >= 1 and not facts) or outcome.result.get("_ansible_verbose_always"):
            text += f" => {self._dump(key, outcome)}"
        self._line(text, outcome.status.value)

    def _diff(self, event: ev.ItemFinished | ev.HostFinished) -> None:
        if event.outcome.result.get("changed") and (diff := differences(event, self._style.context)):
            self._out.write(diff)

    def _includes(self, key: str) -> bool:
        task = self._tasks.get(key)
        return task is not None and task.action.rpartition(".")[2] in _INCLUDES

    def _dump(self, key: str, outcome: Outcome) -> str:
        wide = self._verbosity >= 3 or bool(outcome.result.get("_ansible_verbose_always"))
        task = self._tasks.get(key)
        result = spoken(outcome.result) if task and task.action == "debug" else outcome.result
        return self._style.text(result, wide=wide, verbose=self._verbosity >= 3)

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
        place = f"\nOrigin: {diagnostic.span}\n" if diagnostic.span else ""
        kind = "DEPRECATION WARNING" if diagnostic.code in DEPRECATED else "WARNING"
        self._warnings.write(self._paint(f"[{kind}]: {diagnostic.message}{place}", "warning") + "\n")
        self._warnings.flush()

    @_on.register
    def _(self, _event: ev.NobodyLeft) -> None:
        for _ in range(2 if self._brief else 1):  # Ansible says it twice
            self._banner("NO MORE HOSTS LEFT")

    @_on.register
    def _(self, event: ev.Remarked) -> None:
        if self._remarks >= event.level:
            self._line(event.message)

    @_on.register
    def _(self, event: ev.RolloutEvent) -> None:
        if event.kind == "planned":
            for line in event.message.splitlines():
                self._line(line, _planned(line))
        elif event.kind != "unchanged":
            self._line(_told(event), _rollout(event.kind))

    @_on.register
    def _(self, event: ev.RunFinished) -> None:
        self._banner("PLAY RECAP")
        for host, tally in sorted(event.tallies.items()):
            counts = (self._count(key, getattr(tally, key)) for key in _COUNTS)
            self._line(f"{self._paint(host, _recap(tally))}{' ' * (26 - len(host))} : {' '.join(counts)}")
        if self._custom and event.custom:
            self._banner("CUSTOM STATS:")
            for host, values in sorted(event.custom.items(), key=lambda one: (not one[0], one[0])):
                self._line(f"\t{host or 'RUN'}: {dump(values, indent=1)}".replace("\n", ""))
        if self._brief:
            self._line()
        for line in (*self._failures.lines(), *event.advice):
            self._warnings.write(line + "\n")
        self._warnings.flush()

    def _count(self, key: str, number: int) -> str:
        text = f"{key}={number:<4}"
        return self._paint(text, _COUNTS[key]) if number else text


def _without_rounds(outcome: Outcome) -> Outcome:
    """Return an outcome without the results of a loop's rounds, which the lines before it say already."""
    return replace(outcome, result={key: value for key, value in outcome.result.items() if key != "results"})


def _worked(event: ev.HostFinished | ev.ItemFinished) -> str:
    """Return the host that something ended on, and the one that did the work when it was another."""
    elsewhere = event.delegate and event.delegate != event.host
    return f"{event.host} -> {event.delegate}" if elsewhere else event.host


_EXEC = 3
"""The verbosity that says what each host is asked to do."""
_COUNTS = {
    "ok": "ok",
    "changed": "changed",
    "unreachable": "unreachable",
    "failed": "failed",
    "skipped": "skipped",
    "rescued": "ok",
    "ignored": "warning",
}
"""The recap's columns, and the status that each is coloured by."""


def _recap(tally: ev.HostTally) -> str:
    if tally.failed or tally.unreachable:
        return "failed"
    return "changed" if tally.changed else "ok"


def _told(event: ev.RolloutEvent) -> str:
    where = f" {event.host}" if event.host else ""
    slot = f" slot {event.slot}" if event.slot is not None else ""
    revision = f" rev {event.revision}" if event.revision is not None else ""
    message = f"  {short_digests(event.message)}" if event.message else ""
    return f"service {event.service}: {event.kind}{where}{slot}{revision}{message}"


def _planned(line: str) -> str:
    """Return the status that a line of a plan is coloured by."""
    if line.lstrip().startswith("CANNOT"):
        return "failed"
    if line.endswith(": unchanged"):
        return "ok"
    return "changed" if line.lstrip()[:1] in "~≈+-" else ""


def _rollout(kind: str) -> str:
    if kind in ("failed", "unhealthy", "rolling_back"):
        return "failed"
    return "ok" if kind in ("healthy", "completed", "promoted", "unchanged", "ready") else "changed"
