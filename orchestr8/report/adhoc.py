"""What one task on many hosts gave: each host as it ends, or hosts with the same output together."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, TextIO

from orchestr8.core.event import Event, HostFinished, RunFinished, TaskStarted, Warned
from orchestr8.core.natural import natural
from orchestr8.core.outcome import Outcome, Status
from orchestr8.report.wording import censored, differences, dump, spoken

Paint = Callable[[str, str], str]
COMMANDS = frozenset(("command", "shell", "raw", "script"))
_WORDS = {
    Status.OK: "SUCCESS",
    Status.CHANGED: "CHANGED",
    Status.SKIPPED: "SKIPPED",
    Status.FAILED: "FAILED!",
}


class AdHocReporter:
    """Writes results in the form of Ansible's ad hoc command.

    module: the one of the task; none where a run has many. together: hosts whose output is the same are
    named in one heading, once all have ended. warnings: where they go, if not to `out`.
    """

    def __init__(
        self,
        out: TextIO,
        module: str,
        *,
        together: bool = False,
        one_line: bool = False,
        paint: Paint | None = None,
        warnings: TextIO | None = None,
    ) -> None:
        self._out = out
        self._warnings = warnings or out
        self._module = module
        self._actions: dict[str, str] = {}
        self._together = together
        self._one_line = one_line
        self._paint = paint or (lambda text, _status: text)
        self._groups: dict[tuple[str, str, str], list[str]] = {}
        self._lock = threading.Lock()

    def emit(self, event: Event) -> None:
        """Take one event."""
        with self._lock:
            if isinstance(event, TaskStarted) and not self._module:
                self._actions[event.key] = event.action
            elif isinstance(event, HostFinished) and event.outcome.status is not Status.CANCELLED:
                self._finished(event)
            elif isinstance(event, Warned):
                self._warnings.write(self._paint(f"[WARNING]: {event.diagnostic.message}", "warning") + "\n")
            elif isinstance(event, RunFinished):
                self._write_groups()
            self._out.flush()

    def _finished(self, event: HostFinished) -> None:
        module = self._module or self._actions.get(event.key, "")
        command = module.rpartition(".")[2] in COMMANDS
        outcome = censored(event.outcome) if event.no_log else event.outcome
        if module.rpartition(".")[2] == "debug":
            outcome = replace(outcome, result=spoken(outcome.result))
        diff = "" if event.no_log else differences(event)
        heading, body = described(outcome, diff, command=command, one_line=self._one_line)
        status = event.outcome.status.value
        if self._together:
            self._groups.setdefault((heading, body, status), []).append(event.host)
        else:
            self._write(event.host, heading, body, status)

    def _write_groups(self) -> None:
        """Write hosts with the same output together, in the order in which people count."""
        groups = [(sorted(hosts, key=natural), texts) for texts, hosts in self._groups.items()]
        for hosts, (heading, body, status) in sorted(groups, key=lambda group: natural(group[0][0])):
            self._write(_named(hosts), heading, body, status)

    def _write(self, hosts: str, heading: str, body: str, status: str) -> None:
        self._out.write(self._paint(f"{hosts} | {heading}{body}", status) + "\n")


def described(outcome: Outcome, diff: str = "", *, command: bool, one_line: bool) -> tuple[str, str]:
    """Return what stands behind the host's name: a heading, and the output or the result."""
    result = outcome.result
    if outcome.status is Status.UNREACHABLE:
        return "UNREACHABLE! => ", dump(result, indent=None if one_line else 4)
    word = _WORDS[outcome.status]
    if outcome.status is Status.SKIPPED:
        return word, ""
    if command and "rc" in result:
        heading = f"{word.rstrip('!')} | rc={result['rc']} "
        return (heading, f"| {_single(result)}") if one_line else (f"{heading}>>\n", _output(result))
    return f"{word} => ", dump(result, indent=None if one_line else 4) + (f"\n{diff}" if diff else "")


def _output(result: Mapping[str, Any]) -> str:
    parts = [str(result.get(key, "")) for key in ("stdout", "stderr")]
    parts += [str(result.get("msg", ""))] if result.get("failed") else []
    return "\n".join(part for part in parts if part)


def _single(result: Mapping[str, Any]) -> str:
    out, err = (str(result.get(key, "")).replace("\n", "\\n") for key in ("stdout", "stderr"))
    return f"(stdout) {out}" + (f" (stderr) {err}" if err else "")


def _named(hosts: list[str]) -> str:
    return hosts[0] if len(hosts) == 1 else f"{len(hosts)} hosts: {', '.join(hosts)}"
