"""What the rollout executor needs of a load balancer on one edge host, as a Protocol."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from orchestr8.core.errors import HostFailed
from orchestr8.deploy.traffic import Capabilities, Member, Route
from orchestr8.deploy.traffic_counts import Counts


class TrafficError(HostFailed):
    """A load balancer refused or did not answer."""


@dataclass(frozen=True, slots=True)
class Seen:
    """A member as the balancer itself tells: its weight, health and counts since the balancer started."""

    member: Member
    up: bool
    current: int = 0
    total: int = 0
    errors: int = 0


class Edge(Protocol):
    """The load balancer of one edge host; every call has a deadline and raises TrafficError."""

    @property
    def capabilities(self) -> Capabilities:
        """What this kind of balancer can do."""
        ...

    def wake(self) -> None:
        """Have the balancer running with what it was told last; nothing where others see to that."""
        ...

    def routes(self) -> Mapping[str, str]:
        """Return the services of the project that have a route, with its `Route.digest`."""
        ...

    def ensure(self, routes: Sequence[Route], pools: Mapping[str, Sequence[Member]]) -> bool:
        """Have these routes and no others of the project, with their members; return whether it changed.

        Members that a service has already keep their connections; only new routes reload the balancer.
        """
        ...

    def members(self, service: str) -> tuple[Seen, ...]:
        """Return who gets requests of a service, as the balancer tells; raise when it has no such service."""
        ...

    def put(self, service: str, members: Sequence[Member]) -> bool:
        """Have exactly these members of a service, with their groups, weights and states; read them back.

        Return whether it changed. When stable and preview members change places, they do so for all requests
        at one instant: nobody gets an old answer after the first new one. A member that goes while it still
        has requests is kept draining until `remove`.
        """
        ...

    def counts(self, service: str) -> Counts:
        """Return what the balancer has counted for each member since it began."""
        ...

    def set_weights(self, service: str, weights: Mapping[str, int]) -> None:
        """Give members these weights at once, and read them back."""
        ...

    def add(self, service: str, member: Member) -> None:
        """Let a replica have requests; nothing when it has them already."""
        ...

    def drain(self, service: str, name: str) -> None:
        """Send a member no new request; those in flight go on."""
        ...

    def drained(self, service: str, name: str) -> bool:
        """Whether a member has no request left."""
        ...

    def remove(self, service: str, name: str) -> None:
        """Forget a member; nothing when it is not there."""
        ...
