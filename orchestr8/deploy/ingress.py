"""How requests come to a service: as the user asks for it, and what a balancer shows of it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Literal

from orchestr8.deploy.traffic import Match, Member, Route, Timeouts, Tls

FIRST_PORT, LAST_PORT = 20000, 32000
"""Where the host ports of members are taken from; Linux takes its own for outgoing connections above."""


@dataclass(frozen=True, slots=True)
class Drain:
    """How a member leaves, in seconds: not stopped before `delay`, and not waited for beyond `timeout`."""

    delay: float = 0.0
    timeout: float = 30.0


@dataclass(frozen=True, slots=True)
class Ingress:
    """Which requests a service gets, and through whom.

    `on` is an inventory pattern of edge hosts, `port` the container's port. `socket` is the admin socket of
    a balancer that is there already; without it one is run from `image`. `inside`: only containers on the
    edges themselves can ask.
    """

    on: str
    port: int
    via: Literal["haproxy", "caddy"] = "haproxy"
    host: str = ""
    path: str = "/"
    listen: int = 80
    mode: Literal["http", "tcp"] = "http"
    tls: Tls | None = None
    redirect: int | None = None
    sticky: str = ""
    match: tuple[Match, ...] = ()
    preview: Match | None = None
    timeouts: Timeouts = field(default_factory=Timeouts)
    drain: Drain = Drain()
    socket: str = ""
    image: str = ""
    inside: bool = False

    def route(self, service: str) -> Route:
        """Return the route of a service."""
        return Route(
            service, self.listen, self.host, self.path, self.mode, self.tls, self.redirect, self.sticky,
            self.match, self.preview, self.timeouts, self.inside,
        )  # fmt: skip

    def __str__(self) -> str:
        if self.mode == "tcp":
            return f"tcp :{self.listen}"
        return f"http{'s' if self.tls else ''}://{self.host or '*'}:{self.listen}{self.path}"


@dataclass(frozen=True, slots=True)
class Placed:
    """A member as a balancer shows it, the requests it has now, and whether the balancer finds it healthy."""

    member: Member
    current: int = 0
    up: bool = True


@dataclass(frozen=True, slots=True)
class EdgeSight:
    """What the balancer of one edge shows of a service: its route by digest, and its members.

    `error` says why it does not answer; then the rest means nothing.
    """

    route: str = ""
    members: tuple[Placed, ...] = ()
    error: str = ""
    _by_name: dict[str, Placed] = field(default_factory=dict, init=False, repr=False, compare=False)

    def placed(self, name: str) -> Placed | None:
        """Return a member by its name."""
        if not self._by_name and self.members:
            self._by_name.update({p.member.name: p for p in self.members})
        return self._by_name.get(name)

    def shows(self, route: Route | None, members: Iterable[Member]) -> bool:
        """Say whether it shows just this."""
        digest = "" if route is None else route.digest
        have = {_told(p.member) for p in self.members}
        return self.route == digest and have == {_told(m) for m in members}


def _told(member: Member) -> tuple[str, str, int, int, str]:
    """Return what all balancers tell of a member; of one that drains it does not matter in which group."""
    group = "" if member.draining else member.group
    return (member.name, member.address, member.port, member.share, group)
