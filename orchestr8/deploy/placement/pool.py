"""Hosts of one shape, best first; services alike share a pool while they are placed one after the other."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator
from heapq import heapify, heappop, heappush, heapreplace

from orchestr8.deploy.placement.shape import Key, Shape

Entry = tuple[float, int, str]
"""The score turned round, how many containers the host runs, its name: the least is the best."""

Pools = dict[Hashable, "Pool"]


class Pool:
    """Hosts in buckets of equal spread values. An entry may be older than its host; hosts only fill up."""

    def __init__(self, shape: Shape, offer: Callable[[str], Entry]) -> None:
        self.buckets: dict[Key, list[Entry]] = {}
        for name, key in shape.keys.items():
            self.buckets.setdefault(key, []).append(offer(name))
        for bucket in self.buckets.values():
            heapify(bucket)


class Picks:
    """The use of a pool by one service; hosts that it has already are looked at apart."""

    def __init__(self, pool: Pool, offer: Callable[[str], Entry], fits: Callable[[str], bool]) -> None:
        self._pool, self._offer, self._fits = pool, offer, fits
        self._own: dict[Key, list[Entry]] = {}
        self._touched: set[str] = set()
        self._aside: list[tuple[list[Entry], Entry]] = []

    def touch(self, name: str, key: Key) -> None:
        """Note that a host has one more replica of the service."""
        self._touched.add(name)
        heappush(self._own.setdefault(key, []), self._offer(name))

    def tops(self) -> Iterator[tuple[Key, Callable[[], Entry | None]]]:
        """Yield every bucket's key, and what finds its best host."""
        for key, bucket in self._pool.buckets.items():
            yield key, lambda key=key, bucket=bucket: self._top(key, bucket)  # type: ignore[misc]

    def _top(self, key: Key, bucket: list[Entry]) -> Entry | None:
        found = (self._head(bucket), self._own_head(self._own.get(key, [])))
        return min((entry for entry in found if entry is not None), default=None)

    def _head(self, bucket: list[Entry]) -> Entry | None:
        while bucket:
            name = bucket[0][2]
            if name in self._touched:
                self._aside.append((bucket, heappop(bucket)))
            elif bucket[0] != (now := self._offer(name)):
                heapreplace(bucket, now)
            elif self._fits(name):
                return now
            else:
                heappop(bucket)
        return None

    def _own_head(self, own: list[Entry]) -> Entry | None:
        while own:
            if own[0] == self._offer(own[0][2]) and self._fits(own[0][2]):
                return own[0]
            heappop(own)
        return None

    def close(self) -> None:
        """Give back the hosts that were looked at apart."""
        for bucket, entry in self._aside:
            heappush(bucket, entry)
