"""Chooses hosts for slots: hard rules, then the best mean score; near-linear in replicas."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from orchestr8.deploy.placement.pool import Entry, Picks, Pool, Pools
from orchestr8.deploy.placement.room import Room
from orchestr8.deploy.placement.score import Term, host_terms, mean
from orchestr8.deploy.placement.search import search
from orchestr8.deploy.placement.shape import Shape, shape_of
from orchestr8.deploy.placement.spread import SpreadCounts
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
    `explained` asks for the terms of preferred hosts, too.
    """

    spec: ServiceSpec
    slots: Sequence[int]
    settled: Mapping[int, str] = field(default_factory=dict)
    prefer: Mapping[int, str] = field(default_factory=dict)
    candidates: frozenset[str] | None = None
    explained: bool = True


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
    """One placing. Rooms are only read; those that get a replica are copied into `taken`."""

    def __init__(
        self, request: Request, rooms: Mapping[str, Room], shape: Shape | None, pools: Pools | None
    ) -> None:
        self.request, self.spec, self.claim = request, request.spec, claim_of(request.spec)
        hosts = (room.host for room in rooms.values())
        self.shape = shape if shape is not None else shape_of(self.spec, hosts, request.candidates)
        self.rooms, self.taken, self._pools = rooms, dict[str, Room](), pools
        self.wanted = len(request.slots) + len(request.settled)
        self.mine: Counter[str] = Counter(request.settled.values())
        self.counts = SpreadCounts(self.spec, self.shape, self.wanted)
        self._picks: Picks | None = None
        for name in request.settled.values():
            if name in self.shape.keys:
                self.counts.add(self.shape.keys[name])

    def room(self, name: str) -> Room:
        return self.taken.get(name) or self.rooms[name]

    def terms(self, name: str) -> tuple[Term, ...]:
        liked = self.shape.liking.get(name)
        return host_terms(
            self.spec.placement, liked, self.room(name), self.claim, self.mine[name], self.wanted
        )

    def all_terms(self, name: str) -> tuple[Term, ...]:
        return (*self.terms(name), *self.counts.terms(self.shape.keys[name]))

    def _offer(self, name: str) -> Entry:
        return (-mean(self.terms(name)), self.room(name).load, name)

    def against(self, name: str) -> str:
        """Say what a host has against one more replica, spreads aside."""
        if name not in self.shape.keys or name not in self.rooms:
            return self.shape.rejected.get(name, "unknown host|")
        limit = self.spec.placement.max_per_host
        if limit and self.mine[name] >= limit:
            return f"max_replicas_per_node {limit} reached|"
        return self.room(name).lacks(self.claim)

    def take(self, name: str) -> None:
        if name not in self.taken:
            self.taken[name] = self.rooms[name].apart()
        self.taken[name].take(self.claim)
        self.mine[name] += 1
        self.counts.add(self.shape.keys[name])
        if self._picks is not None:
            self._picks.touch(name, self.shape.keys[name])

    def picks(self) -> Picks:
        """Return the hosts to choose from; services alike share them where pools are given."""
        if self._picks is None:
            # Who packs likes hosts the better the fuller they are: an old entry of a pool would hide them.
            packs = self.spec.placement.pack
            pools: Pools = {} if self._pools is None or packs else self._pools
            key = (id(self.shape), self.claim, self.wanted)
            if key not in pools:
                pools[key] = Pool(self.shape, self._pristine)
            self._picks = Picks(pools[key], self._offer, lambda name: not self.against(name))
            for name in {*self.taken, *self.mine} & self.shape.keys.keys():
                self._picks.touch(name, self.shape.keys[name])
        return self._picks

    def _pristine(self, name: str) -> Entry:
        """Return what a host offers to the first replica."""
        rule, liked = self.spec.placement, self.shape.liking[name]
        terms = host_terms(rule, liked, self.rooms[name], self.claim, 0, self.wanted)
        return (-mean(terms), self.rooms[name].load, name)

    def best(self) -> str | None:
        """Return the best host that has room, or None."""
        best: tuple[int, float, int, str] | None = None
        for key, top in self.picks().tops():
            required, soft = self.counts.breaches(key)
            entry = None if required else top()
            if entry is not None:
                score = mean((*self.terms(entry[2]), *self.counts.terms(key)))
                best = min(best or (soft, -score, *entry[1:]), (soft, -score, *entry[1:]))
        return best[3] if best else None

    def close(self) -> None:
        if self._picks is not None:
            self._picks.close()

    def welcomes(self, name: str | None) -> bool:
        """Say whether a preferred host can be had."""
        if name is None or self.against(name):
            return False
        return not self.counts.breaches(self.shape.keys[name])[0]

    def seat(self, slot: int, name: str, *, kept: bool = False) -> Seat:
        terms = self.all_terms(name) if self.request.explained or not kept else ()
        self.take(name)
        return Seat(slot, name, terms, kept)

    def bids(self) -> Iterator[Bid]:
        """Yield what every host has to offer one more replica now."""
        for name in sorted(self.rooms):
            if name not in self.shape.keys:
                yield Bid(name, against=self.against(name))
                continue
            required, soft = self.counts.breaches(self.shape.keys[name])
            against = self.against(name) or (UNEVEN if required else "")
            yield Bid(name, self.all_terms(name), against, soft, self.room(name).load)

    def objections(self) -> dict[str, str]:
        """Return what each host has against one more replica now."""
        return {name: self.against(name) or UNEVEN for name in self.rooms}


def place(
    request: Request, rooms: Mapping[str, Room], shape: Shape | None = None, pools: Pools | None = None
) -> Seating:
    """Return hosts for the request's slots; the same input gives the same answer in any order of hosts.

    `shape` is worked out when it is not given. With `pools`, which services placed one after the other
    share, the caller puts the seats' claims into `rooms` before the next one.
    """
    table = _Table(request, rooms, shape, pools)
    seats = _seats(request, table)
    unplaced = tuple(sorted(set(request.slots) - set(seats)))
    table.close()
    if not unplaced:
        return Seating(seats)
    return _repaired(request, rooms, shape) or Seating(seats, unplaced, table.objections())


def _seats(request: Request, table: _Table) -> dict[int, Seat]:
    """Seat slots where they wish to be, then the others one by one on the best host."""
    seats = _wished(request, table)
    for slot in sorted(set(request.slots) - set(seats)):
        name = table.best()
        if name is None:
            break
        seats[slot] = table.seat(slot, name)
    return seats


def _wished(request: Request, table: _Table) -> dict[int, Seat]:
    """Seat slots where they wish to be; one may break a spread until the next one is seated."""
    seats: dict[int, Seat] = {}
    waiting = sorted(slot for slot in request.slots if request.prefer.get(slot) is not None)
    before = -1
    while waiting and before != len(seats):
        before = len(seats)
        for slot in waiting:
            if table.welcomes(request.prefer[slot]):
                seats[slot] = table.seat(slot, request.prefer[slot], kept=True)
        waiting = [slot for slot in waiting if slot not in seats]
        if not any(s.required for s in request.spec.placement.spreads):
            break
    return seats


def bids(request: Request, rooms: Mapping[str, Room]) -> tuple[Bid, ...]:
    """Return what every host has to offer the first of the request's slots, the chosen one first."""
    found = _Table(request, rooms, None, None).bids()
    return tuple(sorted(found, key=lambda b: (bool(b.against), b.order)))


def _repaired(request: Request, rooms: Mapping[str, Room], shape: Shape | None) -> Seating | None:
    """Look for any answer at all where the greedy one got stuck; only spreads and wishes can cause that."""
    if not any(s.required for s in request.spec.placement.spreads):
        return None
    table = _Table(request, rooms, shape, None)
    keys = table.shape.keys
    hosts = search(
        len(request.slots),
        {name: _places(table, name, len(request.slots)) for name in sorted(keys)},
        keys,
        request.spec.placement.spreads,
        Counter(keys[h] for h in request.settled.values() if h in keys),
    )
    return None if hosts is None else Seating(matched(request.slots, request.prefer, hosts))


def _places(table: _Table, name: str, most: int) -> int:
    """Return how many more replicas fit on a host, at most `most`."""
    trial, number = table.rooms[name].apart(), 0
    limit = table.spec.placement.max_per_host
    free = limit - table.mine[name] if limit else most
    while number < min(most, free) and not trial.lacks(table.claim):
        trial.take(table.claim)
        number += 1
    return number


def matched(slots: Iterable[int], prefer: Mapping[int, str], hosts: Iterable[str]) -> dict[int, Seat]:
    """Give slots the hosts they wished where these are among `hosts`, the rest in order."""
    left = Counter(hosts)
    seats: dict[int, Seat] = {}
    for slot in sorted(slots):
        wish = prefer.get(slot)
        if wish is not None and left[wish] > 0:
            left[wish] -= 1
            seats[slot] = Seat(slot, wish, kept=True)
    rest = iter(sorted(left.elements()))
    return {s: seats.get(s) or Seat(s, next(rest)) for s in sorted(slots)}
