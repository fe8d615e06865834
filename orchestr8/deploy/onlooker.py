"""What somebody who looks on sees of a rollout, from the hosts' containers and records alone."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from orchestr8.deploy.codec import plain
from orchestr8.deploy.conditions import health, revision_of
from orchestr8.deploy.edge_view import disagreements, edge_views, traffic
from orchestr8.deploy.gate.tally import Tally
from orchestr8.deploy.observed import Observed, Replica
from orchestr8.deploy.revision import Revision, last_good
from orchestr8.deploy.rollout.course import expanded

End = Literal["", "good", "failed", "rolled_back", "rollback_failed", "paused", "abandoned"]
"""How a rollout ended. failed: it stays so, as was wanted. abandoned: nobody carries it out any more."""


@dataclass(frozen=True, slots=True)
class Row:
    """A container that lives: where, of which revision, in which condition."""

    host: str
    slot: int
    revision: int
    name: str
    health: str

    def __str__(self) -> str:
        return f"slot {self.slot} on {self.host}: {self.name} (revision {self.revision}) {self.health}"


@dataclass(frozen=True, slots=True)
class Picture:
    """A service in the middle of a rollout, or at its end.

    `target` is the newest revision and `stable` the last good one before it. `step` counts from one, 0
    where there are none. `traffic` is the share of requests in percent by revision, `odd` what edges do not
    agree on. `holder` is who changes the service now. `stays` says that nothing is undone when it fails.
    """

    service: str
    target: int = 0
    image: str = ""
    stable: int = 0
    before: str = ""
    strategy: str = ""
    outcome: str = ""
    reason: str = ""
    step: int = 0
    steps: tuple[str, ...] = ()
    waiting: str = ""
    wanted: int = 0
    holder: str = ""
    stays: bool = False
    traffic: Mapping[int, float] = field(default_factory=dict)
    odd: tuple[str, ...] = ()
    gates: tuple[Tally, ...] = ()
    rows: tuple[Row, ...] = ()
    silent: Mapping[str, str] = field(default_factory=dict)

    @property
    def at(self) -> str:
        """Return the step it is at."""
        number = f"step {self.step} of {len(self.steps)}"
        return f"{number}: {self.steps[self.step - 1]}" if 0 < self.step <= len(self.steps) else ""

    @property
    def whole(self) -> bool:
        """Whether the last good revision, or nobody, lives as it should."""
        mine = [r for r in self.rows if r.revision == self.stable and r.health in ("healthy", "running")]
        return len(mine) == len(self.rows) and len(mine) >= (self.wanted if self.stable else 0)

    @property
    def end(self) -> End:
        """Return how it ended, as far as can be seen; nothing has ended while somebody is at it."""
        if self.outcome == "good":
            return "good"
        if self.holder:
            return ""
        if self.outcome == "bad" and self.stays:
            return "failed"
        if self.outcome == "bad":
            return "rolled_back" if self.whole else "rollback_failed"
        return "paused" if self.waiting else "abandoned"

    def to_json(self) -> dict[str, Any]:
        """Return the picture as JSON values."""
        return {**plain(self), "at": self.at, "end": self.end}


def picture(observed: Observed, service: str, holder: str = "") -> Picture:
    """Return what is seen of a service; raises LookupError when it has no record."""
    history = observed.history(service)
    if not history:
        raise LookupError(f"`{service}` has no record")
    newest = history[-1]
    stable = last_good(history, newest.number)
    views = edge_views(observed, service)
    home = newest if newest.outcome != "bad" or stable is None else stable
    return Picture(
        service,
        newest.number,
        newest.spec.workload.image,
        *((0, "") if stable is None else (stable.number, stable.spec.workload.image)),
        strategy=newest.spec.update.strategy,
        outcome=newest.outcome,
        reason=newest.reason,
        **_progress(newest, routed=newest.spec.ingress is not None),
        wanted=_wanted(home),
        holder=holder,
        stays=newest.spec.update.on_failure == "continue",
        traffic=traffic(views),
        odd=tuple(disagreements(views)),
        rows=tuple(_rows(observed.of(service), history)),
        silent={h.name: h.error for h in observed.hosts if not h.reachable},
    )


def _wanted(record: Revision) -> int:
    """Return how many replicas are to live; those of a job come to an end."""
    spec = record.spec
    return {"global": len(record.placements), "job": 0}.get(spec.mode, spec.replicas)


def _progress(record: Revision, *, routed: bool) -> dict[str, Any]:
    """Return how far a pending revision has come."""
    stage = record.stage
    if record.outcome != "pending":
        return {}
    steps = tuple(map(str, expanded(record.spec.update, routed=routed))) if stage.course else ()
    held = "somebody to resume it" if stage.held else ""
    step = min(stage.step + 1, len(steps))
    return {"step": step, "steps": steps, "waiting": held or stage.waiting, "gates": stage.gates}


def _rows(replicas: tuple[Replica, ...], history: Sequence[Revision]) -> Iterator[Row]:
    for each in replicas:
        if each.live:
            yield Row(each.host, each.slot, revision_of(each, history), each.name, health(each))


def changes(before: Picture | None, now: Picture) -> Iterator[str]:
    """Yield a line for each thing that is not as it was; of the first picture, for all there is."""
    old = before or Picture(now.service)
    if (old.target, old.outcome) != (now.target, now.outcome):
        yield _headline(now)
    if now.holder != old.holder:
        yield f"carried out by {now.holder}" if now.holder else "nobody changes it now"
    if now.at and now.at != old.at:
        yield now.at
    if now.waiting and now.waiting != old.waiting:
        yield f"waits for {now.waiting}"
    if now.traffic != old.traffic and now.traffic:
        yield f"requests: {shares(now.traffic)}"
    yield from (line for line in now.odd if line not in old.odd)
    for tally in now.gates:
        if tally not in old.gates:
            yield f"check {tally}"
    yield from _moved(old.rows, now.rows)
    for host in sorted({*old.silent, *now.silent}):
        if (host in old.silent) != (host in now.silent):
            yield f"{host}: no answer: {now.silent[host]}" if host in now.silent else f"{host} answers again"


def _headline(now: Picture) -> str:
    change = f"{now.before} → {now.image}" if now.stable else now.image
    numbers = f"{now.stable} → {now.target}" if now.stable else f"{now.target}"
    words = {"pending": "under way", "good": "good", "bad": f"failed: {now.reason}"}
    return f"revision {numbers} ({change}), {now.strategy}: {words.get(now.outcome, now.outcome)}"


def shares(traffic: Mapping[int, float]) -> str:
    """Return who gets which part of the requests."""
    return ", ".join(f"{share:g}% to revision {number}" for number, share in traffic.items())


def _moved(old: tuple[Row, ...], now: tuple[Row, ...]) -> Iterator[str]:
    known = {(r.host, r.name): r for r in old}
    left = {(r.host, r.name) for r in now}
    for row in now:
        if known.get((row.host, row.name)) != row:
            yield str(row)
    for key, row in known.items():
        if key not in left:
            yield f"slot {row.slot} on {row.host}: {row.name} (revision {row.revision}) is gone"
