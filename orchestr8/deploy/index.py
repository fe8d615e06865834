"""What many services ask of one look at the world, worked out once."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property

from orchestr8.deploy.observed import HostFacts, Observed, Replica
from orchestr8.deploy.placement.room import Room, rooms_of
from orchestr8.deploy.placement.shape import Shapes


class Index:
    """Hosts by name, replicas by host, room, pins; each is made when it is first asked for."""

    def __init__(self, observed: Observed) -> None:
        self._observed = observed

    @cached_property
    def hosts(self) -> dict[str, HostFacts]:
        """All hosts by name, in the order of names."""
        return {h.name: h for h in sorted(self._observed.hosts, key=lambda h: h.name)}

    @cached_property
    def silent(self) -> tuple[str, ...]:
        """The hosts that do not answer."""
        return tuple(n for n, h in self.hosts.items() if not h.reachable)

    @cached_property
    def on(self) -> Mapping[str, tuple[Replica, ...]]:
        """The containers of each host."""
        found: dict[str, list[Replica]] = {}
        for replica in self._observed.replicas:
            found.setdefault(replica.host, []).append(replica)
        return {host: tuple(held) for host, held in found.items()}

    @cached_property
    def rooms(self) -> dict[str, Room]:
        """What is free on each host; nobody may change these."""
        return rooms_of(self.hosts.values(), self._observed.replicas)

    @cached_property
    def shapes(self) -> Shapes:
        """What the hosts are to services."""
        return Shapes(self.hosts)

    @cached_property
    def timers(self) -> Mapping[str, tuple[tuple[str, int], ...]]:
        """The timers of each service on hosts that answer: host and slot."""
        found: dict[str, list[tuple[str, int]]] = {}
        for name, host in self.hosts.items():
            for timer in host.timers if host.reachable else ():
                found.setdefault(timer.service, []).append((name, timer.slot))
        return {service: tuple(sorted(timers)) for service, timers in found.items()}

    @cached_property
    def pins(self) -> Mapping[str, tuple[tuple[str, int], ...]]:
        """The keep-tags of each service on hosts that answer: host and revision."""
        found: dict[str, list[tuple[str, int]]] = {}
        for name, host in self.hosts.items():
            for pin in sorted(host.pins) if host.reachable else ():
                service, _, number = pin.rpartition(":")
                if number.isdigit():
                    found.setdefault(service, []).append((name, int(number)))
        return {service: tuple(pins) for service, pins in found.items()}


def index_of(observed: Observed) -> Index:
    """Return the index of a look at the world, which is made only once."""
    if observed.index is None:
        object.__setattr__(observed, "index", Index(observed))
    index: Index = observed.index
    return index
