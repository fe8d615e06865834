"""Chooses hosts for slots: hard rules, then the best mean score; near-linear in replicas."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from heapq import heapify, heappop, heappush

from orchestr8.deploy.placement.filters import objection
from orchestr8.deploy.placement.room import Room
from orchestr8.deploy.placement.score import Term, host_terms, mean
from orchestr8.deploy.placement.search import search
from orchestr8.deploy.placement.spread import Key, SpreadCounts
from orchestr8.deploy.service import ServiceSpec, claim_of

UNEVEN = "the spread over its values would exceed max_skew|"


@dataclass(frozen=True, slots=True)
class Seat:
    """A slot's host and the terms of its score; `kept` when it stayed where it was wanted."""

    slot: int
    host: str
    terms: tuple[Term, ...] = ()
    kept: bool = False


@dataclass(frozen=True, slots=True)
class Seating:
    """Hosts for slots; the slots without one, and what each host has against one more replica."""

    seats: Mapping[int, Seat] = field(default_factory=dict)
    unplaced: tuple[int, ...] = ()
    rejected: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Request:
    """What is to be placed.

    `slots` need hosts. `settled` are the service's other slots, which stay and count for spread and
    `max_per_host`. `prefer` names the host a slot should have if that is possible at all.
    """

    spec: ServiceSpec
    slots: Sequence[int]
    settled: Mapping[int, str] = field(default_factory=dict)
    prefer: Mapping[int, str] = field(default_factory=dict)
    candidates: frozenset[str] | None = None


@dataclass(frozen=True, slots=True)
class Bid:
    """What a host has to offer a replica: its terms, what is `against` it, soft spreads it breaks, its load.

    `against` has the form `kind|detail`; it is empty where the replica could run.
    """

    host: str
    terms: tuple[Term, ...] = ()
    against: str = ""
    uneven: int = 0
    load: int = 0

    @property
    def score(self) -> float:
        """Return the weighted mean of the terms, from -1 to 1."""
        return mean(self.terms)

    @property
    def order(self) -> tuple[int, float, int, str]:
        """Return the key by which hosts are chosen, the best first."""
        return (self.uneven, -self.score, self.load, self.host)


class _Table:
    """The rooms of one placing: fit hosts in buckets of equal spread values, best first."""

    def __init__(self, request: Request, rooms: Mapping[str, Room]) -> None:
        self.request, self.spec, self.claim = request, request.spec, claim_of(request.spec)
        self.rejected: dict[str, str] = {}
        self.rooms: dict[str, Room] = {}
        for name, room in rooms.items():
            against = objection(self.spec, room.host, request.candidates)
            if against:
                self.rejected[name] = against
            else:
                self.rooms[name] = replace(room, ports=list(room.ports), volumes=set(room.volumes))
        self.wanted = len(request.slots) + len(request.settled)
        self.mine: Counter[str] = Counter(request.settled.values())
        self.counts = SpreadCounts(self.spec, (r.host for r in self.rooms.values()), self.wanted)
        self.keys = {name: self.counts.key(room.host) for name, room in self.rooms.items()}
        for name in request.settled.values():
            if name in self.keys:
                self.counts.add(self.keys[name])
        self._buckets: dict[Key, list[tuple[float, int, str]]] = {}
        for name in sorted(self.rooms):
            self._buckets.setdefault(self.keys[name], []).append(self._entry(name))
        for bucket in self._buckets.values():
            heapify(bucket)

    def terms(self, name: str) -> tuple[Term, ...]:
        return host_terms(self.spec, self.rooms[name], self.claim, self.mine[name], self.wanted)

    def _entry(self, name: str) -> tuple[float, int, str]:
        return (-mean(self.terms(name)), self.rooms[name].load, name)

    def against(self, name: str) -> str:
        """Say what a fit host has against one more replica, spreads aside."""
        if name not in self.rooms:
            return self.rejected.get(name, "unknown host|")
        limit = self.spec.placement.max_per_host
        if limit and self.mine[name] >= limit:
            return f"max_replicas_per_node {limit} reached|"
        return self.rooms[name].lacks(self.claim)

    def take(self, name: str) -> None:
        self.rooms[name].take(self.claim)
        self.mine[name] += 1
        self.counts.add(self.keys[name])
        heappush(self._buckets[self.keys[name]], self._entry(name))

    def _top(self, bucket: list[tuple[float, int, str]]) -> tuple[float, int, str] | None:
        while bucket:
            entry = bucket[0]
            if not self.against(entry[2]) and entry == self._entry(entry[2]):
                return entry
            heappop(bucket)
        return None

    def best(self) -> str | None:
        """Return the best host that has room, or None."""
        best: tuple[int, float, int, str] | None = None
        for key, bucket in self._buckets.items():
            required, soft = self.counts.breaches(key)
            top = None if required else self._top(bucket)
            if top is not None:
                score = mean((*self.terms(top[2]), *self.counts.terms(key)))
                best = min(best or (soft, -score, *top[1:]), (soft, -score, *top[1:]))
        return best[3] if best else None

    def welcomes(self, name: str | None) -> bool:
        """Say whether a preferred host can be had."""
        if name is None or self.against(name):
            return False
        return not self.counts.breaches(self.keys[name])[0]

    def seat(self, slot: int, name: str, *, kept: bool = False) -> Seat:
        terms = (*self.terms(name), *self.counts.terms(self.keys[name]))
        self.take(name)
        return Seat(slot, name, terms, kept)

    def bids(self) -> Iterator[Bid]:
        """Yield what every host has to offer one more replica now."""
        for name in sorted((*self.rooms, *self.rejected)):
            if name in self.rejected:
                yield Bid(name, against=self.rejected[name])
                continue
            required, soft = self.counts.breaches(self.keys[name])
            against = self.against(name) or (UNEVEN if required else "")
            terms = (*self.terms(name), *self.counts.terms(self.keys[name]))
            yield Bid(name, terms, against, soft, self.rooms[name].load)

    def objections(self) -> dict[str, str]:
        """Return what each host has against one more replica now."""
        found = dict(self.rejected)
        for name in self.rooms:
            found[name] = self.against(name) or UNEVEN
        return found


def place(request: Request, rooms: Mapping[str, Room]) -> Seating:
    """Return hosts for the request's slots; the same input gives the same answer in any order of hosts."""
    table = _Table(request, rooms)
    seats: dict[int, Seat] = {}
    for slot in sorted(request.slots):
        wish = request.prefer.get(slot)
        if wish is not None and table.welcomes(wish):
            seats[slot] = table.seat(slot, wish, kept=True)
    for slot in sorted(set(request.slots) - set(seats)):
        name = table.best()
        if name is None:
            break
        seats[slot] = table.seat(slot, name)
    unplaced = tuple(sorted(set(request.slots) - set(seats)))
    if not unplaced:
        return Seating(seats)
    return _repaired(request, rooms) or Seating(seats, unplaced, table.objections())


def bids(request: Request, rooms: Mapping[str, Room]) -> tuple[Bid, ...]:
    """Return what every host has to offer the first of the request's slots, the chosen one first."""
    found = sorted(_Table(request, rooms).bids(), key=lambda b: (bool(b.against), b.order))
    return tuple(found)


def _repaired(request: Request, rooms: Mapping[str, Room]) -> Seating | None:
    """Look for any answer at all where the greedy one got stuck; only spreads and wishes can cause that."""
    if not any(s.required for s in request.spec.placement.spreads):
        return None
    table = _Table(request, rooms)
    hosts = search(
        len(request.slots),
        {name: _places(table, name, len(request.slots)) for name in sorted(table.rooms)},
        table.keys,
        request.spec.placement.spreads,
        Counter(table.keys[h] for h in request.settled.values() if h in table.keys),
    )
    return None if hosts is None else Seating(_matched(request, hosts))


def _places(table: _Table, name: str, most: int) -> int:
    """Return how many more replicas fit on a host, at most `most`."""
    room, number = table.rooms[name], 0
    trial = replace(room, ports=list(room.ports), volumes=set(room.volumes))
    limit = table.spec.placement.max_per_host
    free = limit - table.mine[name] if limit else most
    while number < min(most, free) and not trial.lacks(table.claim):
        trial.take(table.claim)
        number += 1
    return number


def _matched(request: Request, hosts: Iterable[str]) -> dict[int, Seat]:
    """Give slots the hosts they wished where these are among the found, the rest in order."""
    left = Counter(hosts)
    seats: dict[int, Seat] = {}
    for slot in sorted(request.slots):
        wish = request.prefer.get(slot)
        if wish is not None and left[wish] > 0:
            left[wish] -= 1
            seats[slot] = Seat(slot, wish, kept=True)
    rest = iter(sorted(left.elements()))
    return {s: seats.get(s) or Seat(s, next(rest)) for s in sorted(request.slots)}
