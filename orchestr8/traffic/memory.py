"""A load balancer in memory, that behaves as a real one does: for tests and dry runs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from orchestr8.core.errors import Diagnostic
from orchestr8.deploy.traffic import BACKENDS, Capabilities, Member, Route
from orchestr8.deploy.traffic_counts import Counts, Tally
from orchestr8.engine.services.traffic import Seen, TrafficError


class MemoryEdge:
    """Keeps routes and members; `busy` names members that still have requests in flight.

    `tallies` are what it tells by `counts`; a test fills them in. `epoch` counts its restarts.
    """

    capabilities: Capabilities = BACKENDS["haproxy"]

    def __init__(self) -> None:
        self.tallies: dict[str, tuple[Tally, ...]] = {}
        self.epoch = 1
        self.kept: tuple[Route, ...] = ()
        self.pools: dict[str, dict[str, Member]] = {}
        self.busy: set[str] = set()
        self.reloads = 0

    def wake(self) -> None:
        """Have it running, as it always is."""

    def routes(self) -> Mapping[str, str]:
        """Return the digests of routes."""
        return {route.service: route.digest for route in self.kept}

    def ensure(self, routes: Sequence[Route], pools: Mapping[str, Sequence[Member]]) -> bool:
        """Have these routes and members."""
        wanted = {service: {m.name: m for m in members} for service, members in pools.items()}
        changed = (self.kept, self.pools) != (tuple(routes), wanted)
        self.reloads += self.kept != tuple(routes)
        self.kept, self.pools = tuple(routes), wanted
        return changed

    def members(self, service: str) -> tuple[Seen, ...]:
        """Return who gets requests of a service."""
        return tuple(Seen(m, up=True, current=int(m.name in self.busy)) for m in self._pool(service).values())

    def put(self, service: str, members: Sequence[Member]) -> bool:
        """Have exactly these members; a busy one that should go is kept draining."""
        pool = self._pool(service)
        wanted = {member.name: member for member in members}
        kept = {name: replace(pool[name], draining=True) for name in self.busy & pool.keys() - wanted.keys()}
        self.pools[service] = kept | wanted
        return self.pools[service] != pool

    def counts(self, service: str) -> Counts:
        """Return what was counted."""
        self._pool(service)
        return Counts(str(self.epoch), self.tallies.get(service, ()))

    def set_weights(self, service: str, weights: Mapping[str, int]) -> None:
        """Give members these weights."""
        pool = self._pool(service)
        for name, weight in weights.items():
            pool[name] = replace(self._member(service, name), weight=weight)

    def add(self, service: str, member: Member) -> None:
        """Let a replica have requests."""
        self._pool(service).setdefault(member.name, member)

    def drain(self, service: str, name: str) -> None:
        """Send a member no new request."""
        self._pool(service)[name] = replace(self._member(service, name), draining=True)

    def drained(self, service: str, name: str) -> bool:
        """Whether a member has no request left."""
        return self._member(service, name).draining and name not in self.busy

    def remove(self, service: str, name: str) -> None:
        """Forget a member."""
        if name in self.busy:
            raise _refused(f"`{name}` still has requests in flight")
        self._pool(service).pop(name, None)

    def _pool(self, service: str) -> dict[str, Member]:
        if service not in self.pools:
            raise _refused(f"the balancer has no service `{service}`")
        return self.pools[service]

    def _member(self, service: str, name: str) -> Member:
        if name not in self._pool(service):
            raise _refused(f"service `{service}` has no member `{name}`")
        return self._pool(service)[name]


def _refused(why: str) -> TrafficError:
    return TrafficError(Diagnostic("O8-3501", why))
