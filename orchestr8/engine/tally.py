"""Counts of a run as Ansible's recap has them, and how every step ended on every host."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from orchestr8.core.errors import Exit
from orchestr8.core.event import HostTally
from orchestr8.core.outcome import Outcome, Status

_FIELDS = ("ok", "changed", "unreachable", "failed", "skipped", "rescued", "ignored")


@dataclass(frozen=True, slots=True)
class RunResult:
    """How a run ended; `outcomes` are by step, then host, without the results of what went well."""

    tallies: Mapping[str, HostTally]
    outcomes: Mapping[str, Mapping[str, Outcome]]
    exit_code: int
    seconds: float = 0.0
    interrupted: bool = False


@dataclass(slots=True)
class Tally:
    """Counts while a run goes on. custom: what `set_stats` left, by host, for the run under "".

    forgiven: how many failures of a host no longer count.
    """

    outcomes: dict[str, dict[str, Outcome]] = field(default_factory=dict)
    counts: dict[str, dict[str, int]] = field(default_factory=dict)
    custom: dict[str, dict[str, Any]] = field(default_factory=dict)
    forgiven: dict[str, int] = field(default_factory=dict)

    def host(self, name: str) -> dict[str, int]:
        """Return the counts of a host."""
        return self.counts.setdefault(name, dict.fromkeys(_FIELDS, 0))

    def add(self, key: str, host: str, outcome: Outcome, *, rescued: bool = False) -> None:
        """Count how a step ended on a host."""
        counts = self.host(host)
        for name in _counted(outcome, rescued=rescued):
            counts[name] += 1
        kept = outcome if outcome.bad else _BRIEF[outcome.status, outcome.ignored]
        self.outcomes.setdefault(key, {})[host] = kept

    def failures(self, host: str) -> int:
        """Return how often a host failed so far."""
        return self.host(host)["failed"]

    def leave(self, host: str, data: Mapping[str, Any], *, per_host: bool, aggregate: bool) -> None:
        """Take statistics of `set_stats`."""
        kept = self.custom.setdefault(host if per_host else "", {})
        for name, value in data.items():
            kept[name] = _added(kept[name], value) if aggregate and name in kept else value

    def tallies(self) -> dict[str, HostTally]:
        """Return the counts of every host."""
        return {host: HostTally(**counts) for host, counts in self.counts.items()}

    def touched(self) -> bool:
        """Return whether anything was changed on any host."""
        return any(counts["changed"] for counts in self.counts.values())

    def exit_code(self) -> int:
        """Return the exit code that the hosts' ends ask for."""
        failed = any(counts["failed"] > self.forgiven.get(host, 0) for host, counts in self.counts.items())
        lost = any(counts["unreachable"] for counts in self.counts.values())
        return (Exit.FAILED if failed else 0) | (Exit.UNREACHABLE if lost else 0)


_BRIEF = {
    (status, ignored): Outcome(status, ignored=ignored) for status in Status for ignored in (False, True)
}


def _added(now: Any, value: Any) -> Any:
    """Return two values of one kind added up: mappings merged, numbers, texts and lists added."""
    if type(now) is not type(value) or isinstance(value, bool):
        return value
    if isinstance(value, dict):
        return {
            **now,
            **{
                key: _added(now[key], each) if key in now and isinstance(each, dict) else each
                for key, each in value.items()
            },
        }
    try:
        return now + value
    except TypeError:
        return value


def _counted(outcome: Outcome, *, rescued: bool) -> tuple[str, ...]:
    status = outcome.status
    if status is Status.CHANGED:
        return ("ok", "changed")
    if status in (Status.FAILED, Status.UNREACHABLE) and outcome.ignored:
        return ("ok", "ignored", "changed") if outcome.result.get("changed") else ("ok", "ignored")
    if status is Status.FAILED:
        return ("rescued",) if rescued else ("failed",)
    return (status.value,) if status is not Status.CANCELLED else ()
