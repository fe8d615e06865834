"""The balancers of a project's edges: what they show, and changes to them, one at a time for each."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from orchestr8.core.errors import Diagnostic, Unreachable
from orchestr8.deploy.ingress import EdgeSight, Ingress, Placed
from orchestr8.deploy.model import Action, Revision, ServiceSpec
from orchestr8.deploy.traffic import Member, Route
from orchestr8.deploy.traffic_counts import Counts
from orchestr8.engine.services.together import together
from orchestr8.engine.services.traffic import Edge, Seen, TrafficError

MakeEdge = Callable[[str, Ingress], Edge]
"""Makes the balancer of a host, as a service's ingress names it."""

Histories = Mapping[str, Sequence[Revision]]
Sights = Mapping[str, Mapping[str, EdgeSight]]


@dataclass(slots=True)
class _Door:
    """A balancer, the routes that services of ours may have on it, and whether we have set it up before."""

    edge: Edge
    routes: dict[str, dict[str, Route]] = field(default_factory=dict)
    ours: bool = False
    lock: threading.Lock = field(default_factory=threading.Lock)


class Roads:
    """Balancers by host. resolve: returns the hosts of a pattern; one that selects nobody is no mistake."""

    def __init__(self, make: MakeEdge, resolve: Callable[[str], Sequence[str]], forks: int = 20) -> None:
        self._make = make
        self._resolve = resolve
        self._forks = forks
        self._doors: dict[tuple[str, str, str], _Door] = {}
        self._of: dict[tuple[str, str], _Door] = {}

    @property
    def used(self) -> bool:
        """Whether any service has an ingress."""
        return bool(self._of)

    def edges(self, specs: Iterable[ServiceSpec]) -> dict[str, tuple[str, ...]]:
        """Return the hosts of every pattern that specs name as their edges."""
        patterns = {s.ingress.on for s in specs if s.ingress is not None}
        return {pattern: tuple(self._resolve(pattern)) for pattern in sorted(patterns)}

    def look(self, histories: Histories, wanted: Mapping[str, ServiceSpec]) -> Sights:
        """Return what the balancers show of every service that has or had an ingress."""
        asked: dict[str, list[str]] = {}
        for service in sorted({*histories, *wanted}):
            specs = [*_own(wanted.get(service)), *(r.spec for r in reversed(histories.get(service, ())))]
            for host in self._admit(service, specs):
                asked.setdefault(host, []).append(service)
        looks = together(lambda item: self._look(*item), asked.items(), self._forks)
        found: dict[str, dict[str, EdgeSight]] = {}
        for service, host, sight in (each for look in looks for each in look):
            found.setdefault(service, {})[host] = sight
        return found

    def counts(self, service: str) -> dict[str, Counts]:
        """Return what each edge of a service has counted for its members; raise when one does not answer."""
        doors = [(host, door) for (host, name), door in sorted(self._of.items()) if name == service]
        return dict(together(lambda item: (item[0], item[1].edge.counts(service)), doors, self._forks))

    def lead(self, action: Action) -> None:
        """Make the balancer of an edge show what an action says; raise TrafficError or Unreachable."""
        door = self._of[action.host, action.service]
        with door.lock:
            if not door.ours:
                door.edge.wake()
            has = dict(door.edge.routes())
            wanted = (
                {**has, action.service: action.route.digest} if action.route else _less(has, action.service)
            )
            if has == wanted and door.ours:
                door.edge.put(action.service, action.members)
                self._drain(door, action)
                return
            routes = [self._known(door, action, *each) for each in sorted(wanted.items())]
            pools: dict[str, Sequence[Member]] = {
                s: [seen.member for seen in door.edge.members(s)] for s in wanted if s in has
            }
            door.edge.ensure(routes, {**pools, action.service: action.members} if action.route else pools)
            door.ours = True
            self._drain(door, action)

    def _drain(self, door: _Door, action: Action) -> None:
        """Have workers of a balancer that came before a change of routes know who drains."""
        for member in action.members:
            if member.draining:
                door.edge.drain(action.service, member.name)

    def _admit(self, service: str, specs: Sequence[ServiceSpec]) -> Iterator[str]:
        """Yield the edges of a service, and note which of its routes each may have."""
        for spec in specs:
            if spec.ingress is None:
                continue
            for host in self._resolve(spec.ingress.on):
                if (host, service) not in self._of:
                    self._of[host, service] = self._door(host, spec.ingress)
                route = spec.ingress.route(service)
                self._of[host, service].routes.setdefault(service, {})[route.digest] = route
        yield from sorted({host for host, name in self._of if name == service})

    def _door(self, host: str, ingress: Ingress) -> _Door:
        key = (host, ingress.via, ingress.socket)
        if key not in self._doors:
            self._doors[key] = _Door(self._make(host, ingress))
        return self._doors[key]

    def _look(self, host: str, services: Sequence[str]) -> list[tuple[str, str, EdgeSight]]:
        """Return what the balancers of a host show; each is asked for its routes once."""
        doors = {id(self._of[host, service]): self._of[host, service] for service in services}
        routes = {key: self._routes(door) for key, door in doors.items()}
        return [
            (service, host, self._one(door, service, routes[id(door)]))
            for service in services
            for door in [self._of[host, service]]
        ]

    def _routes(self, door: _Door) -> Mapping[str, str] | EdgeSight:
        try:
            return door.edge.routes()
        except (TrafficError, Unreachable) as error:
            return _silent(error)

    def _one(self, door: _Door, service: str, routes: Mapping[str, str] | EdgeSight) -> EdgeSight:
        if isinstance(routes, EdgeSight):
            return routes
        try:
            seen = door.edge.members(service) if service in routes else ()
            placed = tuple(Placed(s.member, self._busy(door, service, s), s.up) for s in seen)
        except (TrafficError, Unreachable) as error:
            return _silent(error)
        return EdgeSight(routes.get(service, ""), placed)

    def _busy(self, door: _Door, service: str, seen: Seen) -> int:
        """Return how many requests a member has; of one that drains, those of earlier workers count too."""
        if seen.current or not seen.member.draining:
            return seen.current
        return int(not door.edge.drained(service, seen.member.name))

    def _known(self, door: _Door, action: Action, service: str, digest: str) -> Route:
        if service == action.service and action.route is not None:
            return action.route
        route = door.routes.get(service, {}).get(digest)
        if route is None:
            text = f"{action.host}: the balancer has a route of `{service}` that no record tells of"
            raise TrafficError(Diagnostic("O8-3505", text, hint=f"`o8 prune {service}` removes it"))
        return route


def _silent(error: TrafficError | Unreachable) -> EdgeSight:
    return EdgeSight(error=error.message.partition("\n")[0])


def _own(spec: ServiceSpec | None) -> list[ServiceSpec]:
    return [] if spec is None else [spec]


def _less(routes: Mapping[str, str], service: str) -> dict[str, str]:
    return {name: digest for name, digest in routes.items() if name != service}
