"""Exhaustive search for numbers of replicas a bucket of hosts that keep every required spread."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence

from orchestr8.deploy.placement.shape import Key
from orchestr8.deploy.placement.spread import keeps
from orchestr8.deploy.service import Spread

_BUDGET = 50_000


class _Search:
    """Depth-first over buckets; `steps` bounds the work."""

    def __init__(self, caps: Sequence[tuple[Key, int]], spreads: Sequence[Spread], had: Counter[Key]) -> None:
        self.caps, self.spreads, self.had, self.steps = caps, spreads, had, 0
        self.room = [0] * (len(caps) + 1)
        for index in range(len(caps) - 1, -1, -1):
            self.room[index] = self.room[index + 1] + caps[index][1]

    def run(self, index: int, left: int, taken: tuple[int, ...]) -> tuple[int, ...] | None:
        self.steps += 1
        if self.steps > _BUDGET or left > self.room[index]:
            return None
        if index == len(self.caps):
            return taken if self._holds(taken) else None
        share = left // max(1, len(self.caps) - index)
        numbers = range(min(left, self.caps[index][1]) + 1)
        for number in sorted(numbers, key=lambda n: (abs(n - share), n)):
            found = self.run(index + 1, left - number, (*taken, number))
            if found is not None:
                return found
        return None

    def _holds(self, taken: tuple[int, ...]) -> bool:
        new = {key: number for (key, _), number in zip(self.caps, taken, strict=True)}
        required = ((axis, s) for axis, s in enumerate(self.spreads) if s.required)
        return all(keeps(spread, axis, self.had, new) for axis, spread in required)


def search(
    number: int,
    places: Mapping[str, int],
    keys: Mapping[str, Key],
    spreads: Sequence[Spread],
    had: Counter[Key],
) -> list[str] | None:
    """Return hosts for `number` equal replicas, or None when there are none or the search is too wide."""
    buckets: dict[Key, list[str]] = defaultdict(list)
    for host in sorted(places):
        buckets[keys[host]].append(host)
    ordered = sorted(buckets, key=str)
    caps = [(key, min(number, sum(places[h] for h in buckets[key]))) for key in ordered]
    taken = _Search(caps, spreads, had).run(0, number, ())
    if taken is None:
        return None
    return [h for key, count in zip(ordered, taken, strict=True) for h in _deal(buckets[key], places, count)]


def _deal(hosts: Sequence[str], places: Mapping[str, int], count: int) -> list[str]:
    """Return `count` hosts of a bucket, evenly."""
    dealt: Counter[str] = Counter()
    for _ in range(count):
        open_hosts = [h for h in hosts if dealt[h] < places[h]]
        dealt[min(open_hosts, key=lambda h: (dealt[h], h))] += 1
    return sorted(dealt.elements())
