"""Drives the same decisions against a world in memory, to see a whole rollout before anything is touched."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from orchestr8.deploy.action import Action
from orchestr8.deploy.desired import Decision, Desired, Intent, Journal, Verdict
from orchestr8.deploy.memory import World
from orchestr8.deploy.observed import Observed
from orchestr8.deploy.project import Round, step


@dataclass(frozen=True, slots=True)
class Trace:
    """The waves of actions of a rollout in which all goes well, how it ends, and its numbers by service.

    `waves` end where somebody has to approve; `paused` says by service why, `later` holds what comes after.
    `downtime` has the slots whose old replica stops before the new one has started.
    `peak` is the highest number of live containers, `least` the lowest number of serving ones.
    """

    waves: tuple[tuple[Action, ...], ...] = ()
    verdicts: Mapping[str, Verdict] = field(default_factory=dict)
    peak: Mapping[str, int] = field(default_factory=dict)
    least: Mapping[str, int] = field(default_factory=dict)
    seconds: float = 0.0
    final: Observed = field(default_factory=Observed)
    later: tuple[tuple[Action, ...], ...] = ()
    paused: Mapping[str, str] = field(default_factory=dict)
    downtime: Mapping[str, tuple[int, ...]] = field(default_factory=dict)


def simulate(
    desired: Sequence[Desired], observed: Observed, journals: Mapping[str, Journal] | None = None
) -> Trace:
    """Return the trace of a rollout; it always ends, in the worst case with `infeasible`."""
    walk = _Walk(World(observed), _Numbers([d.service for d in desired]))
    ended = walk.go(desired, dict(journals or {}), _limit(desired, observed))
    waiting = {s: d.verdict.reason for s, d in ended.decisions.items() if d.journal.waiting and _paused(d)}
    now = len(walk.waves)
    if waiting:
        onward = [replace(d, intent=Intent(full=True)) if d.service in waiting else d for d in desired]
        known = {s: j for s, j in ended.journals.items() if s not in waiting}
        ended = walk.go(onward, known, _limit(desired, observed))
    verdicts = {s: _ended(d.verdict) for s, d in ended.decisions.items()}
    waves, numbers, final = walk.waves, walk.numbers, walk.world.observe()
    return Trace(
        tuple(waves[:now]),
        verdicts,
        numbers.peak,
        numbers.least,
        walk.now,
        final,
        tuple(waves[now:]),
        waiting,
        _downtime(waves),
    )


def _downtime(waves: Sequence[Sequence[Action]]) -> dict[str, tuple[int, ...]]:
    started: set[tuple[str, int]] = set()
    found: dict[str, list[int]] = {}
    for action in (a for wave in waves for a in wave):
        if action.kind == "start":
            started.add((action.service, action.slot))
            continue
        early = action.kind == "stop" and (action.service, action.slot) not in started
        if early and action.reason.startswith("makes way"):
            found.setdefault(action.service, []).append(action.slot)
    return {service: tuple(sorted(slots)) for service, slots in found.items()}


def _paused(decision: Decision) -> bool:
    return decision.verdict.end == "paused"


@dataclass(slots=True)
class _Walk:
    """A controller in a world in memory, and what it did."""

    world: World
    numbers: _Numbers
    waves: list[tuple[Action, ...]] = field(default_factory=list)
    now: float = 0.0

    def go(self, desired: Sequence[Desired], known: Mapping[str, Journal], limit: int) -> Round:
        """Drive to the end, or for so many rounds."""
        ended = Round()
        jobs = {d.service for d in desired if d.spec.mode == "job" and not d.spec.schedule}
        for _ in range(limit):
            seen = self.world.observe()
            self.numbers.look(seen)
            ended = step(desired, seen, known, self.now)
            known = ended.journals
            acting = tuple(a for d in ended.decisions.values() for a in d.actions if a.kind != "wait_ready")
            if acting:
                self.waves.append(acting)
                self.world.apply_all(acting)
            if ended.final:
                break
            if not acting and not self.world.finish(jobs):
                self.now = max(self.now, ended.wake_at or self.now)
        return ended


def _ended(verdict: Verdict) -> Verdict:
    """Return the verdict, where what never ends cannot be done."""
    return verdict if verdict.final else Verdict("infeasible", verdict.reason or "the rollout never ends")


def _limit(desired: Sequence[Desired], observed: Observed) -> int:
    slots = sum(len(observed.hosts) if d.spec.mode == "global" else d.spec.replicas for d in desired)
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
