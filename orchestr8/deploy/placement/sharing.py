"""All ways to share equal replicas among hosts."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

Shares = tuple[int, ...]
"""How many replicas each of some hosts gets."""


@dataclass(frozen=True, slots=True)
class Berth:
    """What a host has for the replicas of a service: how many places, how many are wished for.

    `twin` says that the host before it is just the same, so that it need not get more than that one.
    """

    places: int
    liked: int = 0
    twin: bool = False


def sharings(number: int, berths: Sequence[Berth], spend: Callable[[int], None]) -> Iterator[Shares]:
    """Yield every way to share `number` replicas, the most wished ones first; `spend` is told of work."""
    likes = _likes(berths)
    beyond = [0] * (len(berths) + 1)
    for at in range(len(berths) - 1, -1, -1):
        beyond[at] = beyond[at + 1] + berths[at].places

    def walk(at: int, left: int, taken: Shares) -> Iterator[Shares]:
        spend(1)
        if at == len(berths):
            yield taken
            return
        most = min(left, berths[at].places, taken[-1] if berths[at].twin else left)
        numbers = range(max(0, left - beyond[at + 1]), most + 1)
        for count in sorted(numbers, key=lambda n: (abs(n - likes[at]), n)):
            yield from walk(at + 1, left - count, (*taken, count))

    return walk(0, number, ())


def _likes(berths: Sequence[Berth]) -> list[int]:
    """Return the wishes, among twins the highest first."""
    likes: list[int] = []
    begin = 0
    for at, berth in enumerate(berths):
        begin = begin if berth.twin else at
        likes.append(berth.liked)
        likes[begin:] = sorted(likes[begin:], reverse=True)
    return likes
