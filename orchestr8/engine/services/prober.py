"""Readiness of replicas over time: single checks become a verdict by their thresholds."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace

from orchestr8.core.clock import Clock
from orchestr8.deploy.model import Readiness, Replica, ServiceSpec
from orchestr8.engine.services.ports import Answer, EngineError, Site, Target

ASKED = ("http", "tcp", "exec")
_KEPT_LINES = 5
_EARLY = 0.9

SpecOf = Callable[[Replica], ServiceSpec | None]


@dataclass(slots=True)
class Watched:
    """What checks of one container found so far."""

    ready: bool | None = None
    since: float | None = None
    good: int = 0
    bad: int = 0
    counted: float | None = None
    lines: deque[str] = field(default_factory=lambda: deque(maxlen=_KEPT_LINES))

    def take(self, answer: Answer, rule: Readiness, now: float) -> None:
        """Count one answer; failures count once an interval, however often it was asked."""
        self.lines.append(answer.detail)
        if answer.ok:
            self.good, self.bad = self.good + 1, 0
            if self.ready is not True and self.good >= rule.success_threshold:
                self.ready, self.since = True, now
            return
        self.good = 0
        if self.counted is not None and now - self.counted < rule.interval * _EARLY:
            return
        self.bad, self.counted = self.bad + 1, now
        if self.bad >= rule.failure_threshold:
            self.ready, self.since = False, None


class Prober:
    """Asks containers that run whether they are ready, and remembers what they answered."""

    def __init__(self, clock: Clock, spec_of: SpecOf) -> None:
        self._clock = clock
        self._spec_of = spec_of
        self._watched: dict[tuple[str, str], Watched] = {}
        self._asked: dict[tuple[str, str], float] = {}

    def judged(self, site: Site, replicas: Iterable[Replica]) -> list[Replica]:
        """Return a host's replicas with their readiness as known after asking those that are due."""
        found = list(replicas)
        due = [(r, s) for r in found if (s := self._due(r)) is not None]
        for (replica, spec), answer in zip(due, self._answers(site, due), strict=True):
            watched = self._watched.setdefault(_key(replica), Watched())
            watched.take(answer, spec.readiness, self._clock.monotonic())
        return [self._marked(replica) for replica in found]

    def transcript(self, replica: Replica) -> tuple[str, ...]:
        """Return the last answers of a container."""
        watched = self._watched.get(_key(replica))
        return () if watched is None else tuple(watched.lines)

    def undecided(self, replicas: Iterable[Replica]) -> list[Readiness]:
        """Return the rules of those containers of which is not known yet whether they are ready."""
        rules = ((r, self._spec_of(r)) for r in replicas if r.state == "running" and r.ready is None)
        return [s.readiness for _, s in rules if s is not None and s.readiness.kind in ASKED]

    def _due(self, replica: Replica) -> ServiceSpec | None:
        spec = self._spec_of(replica) if replica.state == "running" else None
        if spec is None or spec.readiness.kind not in ASKED:
            return None
        now, key = self._clock.monotonic(), _key(replica)
        watched, last = self._watched.get(key), self._asked.get(key)
        settled = watched is not None and watched.ready is True
        if settled and last is not None and now - last < spec.readiness.interval * _EARLY:
            return None
        self._asked[key] = now
        return spec

    def _marked(self, replica: Replica) -> Replica:
        watched = self._watched.get(_key(replica))
        if watched is None or replica.state != "running":
            return replica
        return replace(replica, ready=watched.ready, ready_since=watched.since)

    def _answers(self, site: Site, due: list[tuple[Replica, ServiceSpec]]) -> list[Answer]:
        targets = {n: t for n, (r, s) in enumerate(due) if (t := target(r, s)) is not None}
        told = dict(zip(targets, site.probe(list(targets.values())), strict=True)) if targets else {}
        return [told[n] if n in told else _other(site, r, s) for n, (r, s) in enumerate(due)]


def _key(replica: Replica) -> tuple[str, str]:
    return (replica.id, replica.started_at)


def target(replica: Replica, spec: ServiceSpec) -> Target | None:
    """Return where to ask a replica, or None when its rule asks nothing by network or it has no address."""
    rule = spec.readiness
    if rule.kind not in ("http", "tcp") or rule.port is None:
        return None
    address, port = _place(replica, spec, rule.port)
    if not address:
        return None
    return Target(rule.kind, address, port, rule.path, rule.host_header, rule.expect, rule.timeout)


def _place(replica: Replica, spec: ServiceSpec, port: int) -> tuple[str, int]:
    if spec.workload.network_mode == "host":
        return "127.0.0.1", port
    published = _published(replica.published, port)
    inner = next(iter(replica.addresses.values()), "")
    if inner:
        return inner, port
    return ("127.0.0.1", published) if published else ("", port)


def _published(ports: Mapping[str, int], port: int) -> int | None:
    return ports.get(f"{port}/tcp")


def _other(site: Site, replica: Replica, spec: ServiceSpec) -> Answer:
    rule = spec.readiness
    if rule.kind != "exec":
        return Answer(ok=False, detail="the container has no address to ask")
    try:
        code, output = site.runtime.execute(replica.name, rule.command, rule.timeout)
    except EngineError as error:
        return Answer(ok=False, detail=error.message)
    return Answer(code == 0, f"exit code {code}" + (f": {output.strip()[:200]}" if output.strip() else ""))
