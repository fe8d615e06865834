"""Drives the same decisions against a world in memory, to see a whole rollout before anything is touched."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from orchestr8.deploy.action import Action
from orchestr8.deploy.desired import Desired, Journal, Verdict
from orchestr8.deploy.memory import World
from orchestr8.deploy.observed import Observed
from orchestr8.deploy.project import step


@dataclass(frozen=True, slots=True)
class Trace:
    """The waves of actions of a rollout in which all goes well, how it ends, and its numbers by service.

    `peak` is the highest number of live containers, `least` the lowest number of serving ones.
    """

    waves: tuple[tuple[Action, ...], ...] = ()
    verdicts: Mapping[str, Verdict] = field(default_factory=dict)
    peak: Mapping[str, int] = field(default_factory=dict)
    least: Mapping[str, int] = field(default_factory=dict)
    seconds: float = 0.0
    final: Observed = field(default_factory=Observed)


def simulate(
    desired: Sequence[Desired], observed: Observed, journals: Mapping[str, Journal] | None = None
) -> Trace:
    """Return the trace of a rollout; it always ends, in the worst case with `infeasible`."""
    world, known, now = World(observed), dict(journals or {}), 0.0
    waves: list[tuple[Action, ...]] = []
    numbers = _Numbers([d.service for d in desired])
    for _ in range(_limit(desired, observed)):
        seen = world.observe()
        numbers.look(seen)
        now_round = step(desired, seen, known, now)
        known = dict(now_round.journals)
        acting = tuple(a for d in now_round.decisions.values() for a in d.actions if a.kind != "wait_ready")
        if acting:
            waves.append(acting)
            world.apply_all(acting)
        if now_round.final:
            break
        now = now if acting else max(now, now_round.wake_at or now)
    verdicts = {s: _ended(d.verdict) for s, d in now_round.decisions.items()}
    return Trace(tuple(waves), verdicts, numbers.peak, numbers.least, now, world.observe())


def _ended(verdict: Verdict) -> Verdict:
    """Return the verdict, where what never ends cannot be done."""
    return verdict if verdict.final else Verdict("infeasible", verdict.reason or "the rollout never ends")


def _limit(desired: Sequence[Desired], observed: Observed) -> int:
    slots = sum(d.spec.replicas if d.spec.mode == "replicated" else len(observed.hosts) for d in desired)
    return 50 + 12 * (slots + len(observed.replicas))


class _Numbers:
    """The extremes of a simulation."""

    def __init__(self, services: Sequence[str]) -> None:
        self.peak = dict.fromkeys(services, 0)
        self.least: dict[str, int] = {}

    def look(self, observed: Observed) -> None:
        for service in self.peak:
            mine = observed.of(service)
            self.peak[service] = max(self.peak[service], sum(1 for r in mine if r.live))
            serving = sum(1 for r in mine if r.serving)
            self.least[service] = min(self.least.get(service, serving), serving)
