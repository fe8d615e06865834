"""The root causes of a run that did not converge, each with its place, as told at the end."""

from __future__ import annotations

from collections.abc import Iterator

from orchestr8.core import event as ev
from orchestr8.core.outcome import Status
from orchestr8.report.wording import title

_TAIL = 20


class Failures:
    """Collects what failed; hosts that failed alike are told together.

    brief: leave out what each result has said already, for readers that count lines as Ansible writes them.
    """

    def __init__(self, *, brief: bool = False) -> None:
        self._cause = _place if brief else _cause
        self._tasks: dict[str, ev.TaskStarted] = {}
        self._by_cause: dict[tuple[str, str], list[str]] = {}

    def note(self, event: ev.Event) -> None:
        """Take what matters of an event."""
        if isinstance(event, ev.TaskStarted):
            self._tasks[event.key] = event
        elif isinstance(event, ev.HostFinished) and event.outcome.bad and not event.rescued:
            self._by_cause.setdefault((event.key, self._cause(event)), []).append(event.host)

    def lines(self) -> Iterator[str]:
        """Yield the text, nothing when nothing failed."""
        for (key, cause), hosts in self._by_cause.items():
            task = self._tasks.get(key)
            name = title(task) if task else key
            place = f"   {task.span}" if task and task.span else ""
            yield ""
            yield f"✗ {_together(hosts)}  {name}{place}"
            for line in cause.splitlines():
                yield f"    {line}"


def _together(hosts: list[str]) -> str:
    shown = ", ".join(hosts[:5])
    return shown if len(hosts) <= 5 else f"{shown} and {len(hosts) - 5} more"


def _cause(event: ev.HostFinished) -> str:
    if event.no_log:
        return "the output is hidden by no_log"
    result = event.outcome.result
    lines = [str(result.get("msg") or event.outcome.reason or "failed")]
    if event.outcome.status is Status.UNREACHABLE:
        lines[0] = f"unreachable: {lines[0]}"
    lines += _place(event).splitlines()
    items = [item for item in result.get("results") or () if isinstance(item, dict) and item.get("failed")]
    lines += [f"item {item.get('item')}: {item.get('msg', 'failed')}" for item in items]
    if "cmd" in result:
        lines.append(f"command: {_command(result['cmd'])}   rc {result.get('rc')}")
    stderr = str(result.get("stderr") or "").rstrip().splitlines()[-_TAIL:]
    return "\n".join(lines + [f"│ {line}" for line in stderr])


def _place(event: ev.HostFinished) -> str:
    """Return where the cause stands and what to do about it."""
    outcome = event.outcome
    lines = [f"at {outcome.reason}"] if outcome.reason and outcome.status is not Status.UNREACHABLE else []
    hint = None if event.no_log else outcome.result.get("hint")
    return "\n".join([*lines, f"hint: {hint}"] if hint else lines)


def _command(cmd: object) -> str:
    return " ".join(map(str, cmd)) if isinstance(cmd, list) else str(cmd)
