"""Complete search for hosts of several services, for when one after the other leaves somebody without.

Depth-first over services, the most constrained one first: every way to share its replicas among hosts, hosts
that are alike only once, and what is known to fail never again. The work is bounded.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from orchestr8.deploy.placement.room import Room
from orchestr8.deploy.placement.shape import Key
from orchestr8.deploy.placement.sharing import Berth, sharings
from orchestr8.deploy.placement.spread import keeps
from orchestr8.deploy.service import Claim, Spread

WORK = 1_000_000
"""How many hosts are looked at before a search gives up: three seconds or so of one processor."""

_SLACK = 1e-6

Rooms = Mapping[str, Room]
Arrangement = Mapping[str, Counter[str]]


@dataclass(frozen=True, slots=True)
class Ask:
    """`number` replicas of a service that need hosts.

    `keys` has the hosts that may have them, with their values for `spreads`; `had` counts the replicas that
    stay by such values. `most` is how many each host may get, room aside, `liked` how many are wished.
    """

    service: str
    number: int
    claim: Claim
    keys: Mapping[str, Key]
    most: Mapping[str, int]
    spreads: tuple[Spread, ...] = ()
    had: Mapping[Key, int] = field(default_factory=dict)
    liked: Mapping[str, int] = field(default_factory=dict)

    def places(self, room: Room) -> int:
        """Return how many of the replicas fit on a host."""
        name = room.host.name
        return room.places(self.claim, self.most[name]) if name in self.keys else 0


class TooWideError(Exception):
    """There are more arrangements than may be tried."""


def arrange(asks: Sequence[Ask], rooms: Rooms) -> Arrangement | None:
    """Return by service how many replicas each host gets, or None when no arrangement has room for all.

    The same input gives the same answer. Raises TooWideError when not all arrangements could be tried.
    """
    known = {name: rooms[name] for name in sorted(rooms) if any(name in a.keys for a in asks)}
    return _Search().run(tuple(asks), known)


class _Search:
    """`failed` are the states of the world, with what is left to place, that lead nowhere."""

    def __init__(self) -> None:
        self._failed: set[object] = set()
        self._work = 0

    def run(self, left: tuple[Ask, ...], rooms: Rooms) -> Arrangement | None:
        """Return hosts for what is left, None when there are none."""
        if not left:
            return {}
        self._spend(len(left) * len(rooms))
        kinds = {name: _kind(room, left) for name, room in rooms.items()}
        state = (tuple(a.service for a in left), tuple(sorted(kinds.values())))
        if state in self._failed:
            return None
        found = self._first(left, rooms, kinds) if _enough(left, rooms) else None
        if found is None:
            self._failed.add(state)
        return found

    def _first(self, left: Sequence[Ask], rooms: Rooms, kinds: Mapping[str, str]) -> Arrangement | None:
        """Place the most constrained service in every way until the others have a place, too."""
        ask = min(left, key=lambda a: (self._slack(a, rooms), -a.claim.memory, -a.claim.cpus, a.service))
        rest = tuple(a for a in left if a is not ask)
        for counts in self._shared(ask, rooms, kinds):
            found = self.run(rest, _after(ask.claim, counts, rooms))
            if found is not None:
                return {ask.service: counts, **found}
        return None

    def _shared(self, ask: Ask, rooms: Rooms, kinds: Mapping[str, str]) -> Iterator[Counter[str]]:
        """Yield the ways to share a service's replicas among hosts."""
        hosts = sorted((name for name in rooms if name in ask.keys), key=lambda n: (kinds[n], n))
        berths = [
            Berth(ask.places(rooms[name]), ask.liked.get(name, 0), kinds[name] == kinds.get(before))
            for before, name in zip(["", *hosts], hosts, strict=False)
        ]
        for shares in sharings(ask.number, berths, self._spend):
            counts = Counter(dict(zip(hosts, shares, strict=True)))
            if _even(ask, counts):
                yield +counts

    @staticmethod
    def _slack(ask: Ask, rooms: Rooms) -> int:
        return sum(map(ask.places, rooms.values())) - ask.number

    def _spend(self, work: int) -> None:
        self._work += work
        if self._work > WORK:
            raise TooWideError


def _kind(room: Room, left: Sequence[Ask]) -> str:
    """Return what tells a host from others to the services that are left."""
    name, known = room.host.name, (bool(room.host.memory), bool(room.host.cpus))
    rules = [(a.keys.get(name), a.most.get(name)) for a in left]
    return repr((room.memory, round(room.cpus, 6), known, sorted(room.ports), sorted(room.volumes), rules))


def _enough(left: Sequence[Ask], rooms: Rooms) -> bool:
    """Say whether there would be room for all if every service were alone, and if claims were divisible."""
    fits = {a.service: [name for name, room in rooms.items() if a.places(room)] for a in left}
    if any(sum(a.places(rooms[n]) for n in fits[a.service]) < a.number for a in left):
        return False
    memory = [a for a in left if a.claim.memory]
    cpus = [a for a in left if a.claim.cpus]
    open_to_memory = {n for a in memory for n in fits[a.service]}
    open_to_cpus = {n for a in cpus for n in fits[a.service]}
    free = sum(rooms[n].memory if rooms[n].host.memory else float("inf") for n in open_to_memory)
    idle = sum(rooms[n].cpus if rooms[n].host.cpus else float("inf") for n in open_to_cpus)
    need = sum(a.number * a.claim.memory for a in memory)
    return need <= free and sum(a.number * a.claim.cpus for a in cpus) <= idle + _SLACK


def _even(ask: Ask, counts: Counter[str]) -> bool:
    new: Counter[Key] = Counter()
    for name, key in ask.keys.items():
        new[key] += counts[name]
    return all(keeps(s, axis, ask.had, new) for axis, s in enumerate(ask.spreads) if s.required)


def _after(claim: Claim, counts: Counter[str], rooms: Rooms) -> Rooms:
    """Return the rooms as they are once replicas have come."""
    taken = {name: rooms[name].apart() for name in counts}
    for name in counts.elements():
        taken[name].take(claim)
    return {**rooms, **taken}
