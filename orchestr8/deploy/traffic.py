"""Who gets which share of a service's requests: routes, members and weights, as values."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

MOST = 256
"""The largest weight of a member (HAProxy's; other proxies take at least as much)."""


@dataclass(frozen=True, slots=True)
class Member:
    """A replica that may get requests: where it listens, its weight among the members, whether it drains."""

    name: str
    address: str
    port: int
    weight: int = 100
    draining: bool = False


@dataclass(frozen=True, slots=True)
class Route:
    """Which requests go to a service: a port of the edge; for HTTP also a host name and a path's start."""

    service: str
    listen: int = 80
    host: str = ""
    path: str = "/"
    mode: Literal["http", "tcp"] = "http"
    sticky: bool = False


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
    """Return the share of requests in percent that each member gets by its weight; draining ones get none."""
    weights = {m.name: 0 if m.draining else m.weight for m in members}
    total = sum(weights.values())
    return {name: 100 * weight / total if total else 0.0 for name, weight in weights.items()}
