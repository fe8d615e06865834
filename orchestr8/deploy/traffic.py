"""Who gets which share of a service's requests: routes, members and weights, as values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

from orchestr8.core.secret import Secret
from orchestr8.deploy.codec import digest

MOST = 256
"""The largest weight of a member (HAProxy's; other proxies take at least as much)."""


Group = Literal["stable", "canary", "preview"]


@dataclass(frozen=True, slots=True)
class Member:
    """A replica that may get requests: where it listens, its weight among the members, whether it drains.

    Stable and canary members share the requests by weight; canary ones also have those that `Route.match`
    tells. Preview members have those of `Route.preview` and no others.
    """

    name: str
    address: str
    port: int
    weight: int = 100
    draining: bool = False
    group: Group = "stable"

    @property
    def share(self) -> int:
        """Its weight for new requests; none while it drains."""
        return 0 if self.draining else self.weight


@dataclass(frozen=True, slots=True)
class Tls:
    """A certificate (PEM, with what it needs up to its root) and its private key (PEM)."""

    certificate: Secret
    key: Secret


@dataclass(frozen=True, slots=True)
class Match:
    """What tells some requests from others: a host name, or a header or cookie (of this value, if any)."""

    kind: Literal["host", "header", "cookie"]
    name: str
    value: str = ""


@dataclass(frozen=True, slots=True)
class Timeouts:
    """How long a balancer waits, in seconds: to connect, for an answer, and in a websocket's silence."""

    connect: float = 3.0
    response: float = 60.0
    tunnel: float = 3600.0


@dataclass(frozen=True, slots=True)
class Route:
    """Which requests go to a service: a port of the edge; for HTTP also a host name and a path's start.

    redirect: the port whose plain HTTP requests are sent on to this one. sticky: the cookie that keeps a
    client with its member; for tcp any word, a client is then known by its address. match: any of these
    leads to the canary members, as long as there are some. preview: leads to the preview members alone.
    inside: only containers on the edge's own host can ask.
    """

    service: str
    listen: int = 80
    host: str = ""
    path: str = "/"
    mode: Literal["http", "tcp"] = "http"
    tls: Tls | None = None
    redirect: int | None = None
    sticky: str = ""
    match: tuple[Match, ...] = ()
    preview: Match | None = None
    timeouts: Timeouts = Timeouts()
    inside: bool = False

    @property
    def digest(self) -> str:
        """Return what tells it from every other route; secrets do not show in it."""
        return digest(self)[:32]


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What a kind of balancer can do, for whoever has to say beforehand what will not work."""

    weights: bool = False
    match: bool = False
    preview: bool = False
    tcp: bool = False
    tls: bool = False
    redirect: bool = False
    sticky: bool = False
    drain: bool = False
    stats: bool = False
    times: bool = False


BACKENDS: Mapping[str, Capabilities] = MappingProxyType(
    {
        "haproxy": Capabilities(
            weights=True,
            match=True,
            preview=True,
            tcp=True,
            tls=True,
            redirect=True,
            sticky=True,
            drain=True,
            stats=True,
            times=True,
        ),
        "caddy": Capabilities(
            weights=True, match=True, preview=True, tls=True, redirect=True, sticky=True, drain=True
        ),
    }
)
"""The kinds of balancers by the name that `via` gives them."""


@dataclass(frozen=True, slots=True)
class Share:
    """Weights for each stable and each canary member, and the share of the canary they really give."""

    stable: int
    canary: int
    percent: float


def share(percent: float, stable: int, canary: int) -> Share:
    """Return weights by which `canary` members together get `percent` of the requests of all.

    The pair of whole weights up to MOST that comes nearest; of equals the one with the larger weights.
    Raises ValueError for a share that the numbers of members cannot give at all.
    """
    if not 0 <= percent <= 100:
        raise ValueError(f"a share is from 0 to 100 percent, not {percent:g}")
    if percent > 0 and not canary:
        raise ValueError(f"nobody is there to take {percent:g} percent")
    if percent < 100 and not stable:
        raise ValueError(f"nobody is there to take the other {100 - percent:g} percent")
    if percent in (0, 100):
        return Share(0 if percent else 100, 100 if percent else 0, float(percent))
    return min(_candidates(percent, stable, canary), key=lambda s: _miss(s, percent))


def _miss(found: Share, percent: float) -> tuple[float, int]:
    return round(abs(found.percent - percent), 9), -found.stable - found.canary


def _candidates(percent: float, stable: int, canary: int) -> list[Share]:
    """Return, for each weight of a stable member, the canary weights around the exact one."""
    found = []
    for weight in range(1, MOST + 1):
        exact = percent * stable * weight / ((100 - percent) * canary)
        for other in (int(exact), int(exact) + 1):
            if 1 <= other <= MOST:
                real = 100 * canary * other / (canary * other + stable * weight)
                found.append(Share(weight, other, real))
    return found or [Share(*_extreme(percent, stable, canary))]


def _extreme(percent: float, stable: int, canary: int) -> tuple[int, int, float]:
    """Return the weights nearest to a share that lies beyond what weights up to MOST can give."""
    low = 100 * canary / (canary + stable * MOST)
    weights = (MOST, 1) if percent < low else (1, MOST)
    return (*weights, 100 * canary * weights[1] / (canary * weights[1] + stable * weights[0]))


def effective(members: Sequence[Member]) -> dict[str, float]:
    """Return the share of requests in percent that each member gets by its weight.

    Draining and preview members get none.
    """
    weights = {m.name: 0 if m.group == "preview" else m.share for m in members}
    total = sum(weights.values())
    return {name: 100 * weight / total if total else 0.0 for name, weight in weights.items()}
