"""What a check run foretells: which tasks would change which hosts, which cannot be foretold, which plans."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from orchestr8.core import event as ev
from orchestr8.core.natural import natural
from orchestr8.core.outcome import Status
from orchestr8.report.failures import Failures
from orchestr8.report.wording import differences, title

UNKNOWN = "check mode"
_MOST_HOSTS = 6
_MOST_LINES = 30


@dataclass(frozen=True, slots=True)
class Foretold:
    """One task on one host: sign `~` would change, `?` cannot be foretold; `diff` as unified text."""

    key: str
    sign: str
    action: str
    name: str
    place: str
    diff: str = ""


@dataclass
class Forecast:
    """Takes the events of a check run. plans: those of services as JSON values, in the order of plays."""

    hosts: dict[str, list[Foretold]] = field(default_factory=dict)
    plans: list[Mapping[str, Any]] = field(default_factory=list)
    texts: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    failures: Failures = field(default_factory=Failures)
    same: int = 0
    exit_code: int = 0
    _tasks: dict[str, ev.TaskStarted] = field(default_factory=dict)
    _diffs: dict[tuple[str, str], str] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def emit(self, event: ev.Event) -> None:
        """Take one event."""
        with self._lock:
            self.failures.note(event)
            self._take(event)

    def _take(self, event: ev.Event) -> None:
        match event:
            case ev.TaskStarted():
                self._tasks[event.key] = event
            case ev.ItemFinished():
                key = (event.key, event.host)
                self._diffs[key] = self._diffs.get(key, "") + differences(event)
            case ev.HostFinished():
                self._finished(event)
            case ev.RolloutEvent(kind="planned"):
                self.plans.append(event.detail)
                self.texts.append(event.message)
            case ev.Warned():
                self.warnings.append(event.diagnostic.message)
            case ev.RunFinished():
                self.exit_code = event.exit_code

    def _finished(self, event: ev.HostFinished) -> None:
        task = self._tasks.get(event.key)
        sign = _sign(event)
        if task is None or task.action == "services":
            return
        if not sign:
            self.same += event.outcome.status is Status.OK
            return
        diff = "" if event.no_log else self._diffs.get((event.key, event.host), "")
        diff = diff if diff or event.no_log else differences(event)
        place = f"{task.span.file}:{task.span.line}" if task.span else ""
        name = ("handler " if task.handler else "") + title(task)
        found = Foretold(event.key, sign, task.action, name, place, diff)
        self.hosts.setdefault(event.host, []).append(found)

    @property
    def changes(self) -> int:
        """How many tasks would change a host, counted for each host."""
        return sum(1 for rows in self.hosts.values() for row in rows if row.sign == "~")

    @property
    def unknown(self) -> int:
        """How many tasks may change a host or not."""
        return sum(1 for rows in self.hosts.values() for row in rows if row.sign == "?")

    @property
    def rollouts(self) -> list[Mapping[str, Any]]:
        """The services for which something would be done, as in their plans."""
        busy = [{a["service"] for wave in plan["waves"] for a in wave} for plan in self.plans]
        pairs = zip(self.plans, busy, strict=True)
        return [s for plan, names in pairs for s in plan["services"] if s["service"] in names]

    @property
    def empty(self) -> bool:
        """Whether nothing would be done, as far as can be told."""
        return not self.hosts and not self.rollouts


def _sign(event: ev.HostFinished) -> str:
    status, message = event.outcome.status, str(event.outcome.result.get("msg", ""))
    if status is Status.CHANGED:
        return "~"
    return "?" if status is Status.SKIPPED and UNKNOWN in message else ""


def lines(forecast: Forecast) -> Iterator[str]:
    """Yield the forecast as text: hosts with the same changes together, then services."""
    for hosts, rows in grouped(forecast):
        alike = ", the same" if len(hosts) > 1 else ""
        yield f"{named(hosts)} — {len(hosts)} host{'s' if len(hosts) > 1 else ''}{alike}"
        for row in rows:
            unsure = "   cannot be foretold" if row.sign == "?" else ""
            yield f"  {row.sign} {row.action:<10} {row.name}   {row.place}{unsure}"
            yield from (f"      {line}" for line in _shortened(row.diff))
        yield ""
    for text in forecast.texts:
        yield from text.splitlines()
        yield ""


def grouped(forecast: Forecast) -> list[tuple[list[str], list[Foretold]]]:
    """Return hosts with the same changes together, in the order in which people count."""
    groups: dict[tuple[Foretold, ...], list[str]] = {}
    for host in sorted(forecast.hosts, key=natural):
        rows = sorted(forecast.hosts[host], key=lambda row: natural(row.key))
        groups.setdefault(tuple(rows), []).append(host)
    return [(hosts, list(rows)) for rows, hosts in groups.items()]


def named(hosts: Iterable[str]) -> str:
    """Return hosts for a heading, not too many of them."""
    found = list(hosts)
    more = f" and {len(found) - _MOST_HOSTS} more" if len(found) > _MOST_HOSTS else ""
    return ", ".join(found[:_MOST_HOSTS]) + more


def _shortened(diff: str) -> list[str]:
    found = [line for line in diff.splitlines() if line.strip()]
    left = len(found) - _MOST_LINES
    return [*found[:_MOST_LINES], *([f"… {left} more lines"] if left > 0 else [])]


def summary(forecast: Forecast) -> str:
    """Return all of it in one line."""
    hosts = sum(1 for rows in forecast.hosts.values() if any(row.sign == "~" for row in rows))
    parts = []
    if forecast.changes or not forecast.rollouts:
        parts.append(f"{forecast.changes} change{_s(forecast.changes)} on {hosts} host{_s(hosts)}")
    if forecast.unknown:
        parts.append(f"{forecast.unknown} unknown")
    for service in forecast.rollouts:
        before = service.get("before")
        arrow = f"{before} → " if before not in (None, service["revision"]) else ""
        parts.append(f"service {service['service']} revision {arrow}{service['revision']}")
    same = (
        f" {forecast.same} task{_s(forecast.same)} already in state."
        if forecast.same or not forecast.plans
        else ""
    )
    return f"Plan: {'; '.join(parts)}.{same}"


def _s(number: int) -> str:
    return "" if number == 1 else "s"


def as_json(forecast: Forecast) -> dict[str, Any]:
    """Return the forecast as JSON values."""
    names = ("sign", "action", "name", "place", "diff")
    groups = [
        {"hosts": hosts, "tasks": [{name: getattr(row, name) for name in names} for row in rows]}
        for hosts, rows in grouped(forecast)
    ]
    return {
        "format": 1,
        "hosts": groups,
        "services": list(forecast.plans),
        "changes": forecast.changes,
        "unknown": forecast.unknown,
        "same": forecast.same,
        "warnings": forecast.warnings,
    }
