"""What balancers have counted: requests, failures and times by member, and what they mean for a gate."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

BOUNDS = (
    1,
    2,
    3,
    5,
    7,
    10,
    15,
    20,
    30,
    50,
    70,
    100,
    150,
    200,
    300,
    500,
    700,
    1000,
    1500,
    2000,
    3000,
    5000,
    10000,
)
"""The upper bounds in milliseconds, inclusive, of the ranges in which times are counted; one more is open."""


@dataclass(frozen=True, slots=True)
class Tally:
    """The requests that one member had: how many, how many failed, and how many took how long.

    A request has failed when its answer is a 5xx or there is none. times: numbers for each range of BOUNDS
    and the open one, measured from the request until the head of its answer; empty where nobody measures.
    """

    member: str
    requests: int = 0
    failures: int = 0
    times: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Counts:
    """What one balancer has counted for a service since it began; with a new `epoch` it began at nothing."""

    epoch: str
    tallies: tuple[Tally, ...] = ()


def since(mark: Counts, now: Counts) -> tuple[Tally, ...] | None:
    """Return what came after a mark; None when the balancer began anew, so that nobody knows."""
    before = {tally.member: tally for tally in mark.tallies}
    found = [_less(tally, before.get(tally.member, Tally(tally.member))) for tally in now.tallies]
    if mark.epoch != now.epoch or any(_backwards(tally) for tally in found):
        return None
    return tuple(found)


def total(tallies: Iterable[Tally], name: str = "") -> Tally:
    """Return the sum of tallies, of several members or balancers."""
    found = Tally(name)
    for tally in tallies:
        times = _added(found.times, tally.times, 1)
        found = Tally(name, found.requests + tally.requests, found.failures + tally.failures, times)
    return found


def percentile(times: Sequence[int], percent: float) -> tuple[float, float] | None:
    """Return the range in milliseconds that holds a percentile; None without a sample.

    The upper end is infinite for what took longer than the last bound.
    """
    samples = sum(times)
    if not samples:
        return None
    rank, seen = max(1.0, samples * percent / 100), 0
    lows, highs = (0.0, *map(float, BOUNDS)), (*map(float, BOUNDS), float("inf"))
    for low, high, number in zip(lows, highs, times, strict=True):
        seen += number
        if seen >= rank - 1e-9:
            return low, high
    return lows[-1], highs[-1]


def _less(now: Tally, before: Tally) -> Tally:
    times = _added(now.times, before.times, -1)
    return Tally(now.member, now.requests - before.requests, now.failures - before.failures, times)


def _added(one: Sequence[int], other: Sequence[int], sign: int) -> tuple[int, ...]:
    longest = max(len(one), len(other))
    padded = ((*row, *([0] * (longest - len(row)))) for row in (one, other))
    return tuple(left + sign * right for left, right in zip(*padded, strict=True))


def _backwards(tally: Tally) -> bool:
    return min(tally.requests, tally.failures, *tally.times) < 0
