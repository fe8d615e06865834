"""Several services on the same hosts: places chosen for all of them together, and room shared in a round."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from itertools import permutations

from orchestr8.deploy.action import Action
from orchestr8.deploy.desired import Desired, Journal
from orchestr8.deploy.index import index_of
from orchestr8.deploy.observed import Observed
from orchestr8.deploy.placement.place import Request, place
from orchestr8.deploy.placement.pool import Pools
from orchestr8.deploy.placement.room import Room
from orchestr8.deploy.rebalance import better_places
from orchestr8.deploy.rollout.begin import begin
from orchestr8.deploy.rollout.seats import home
from orchestr8.deploy.rollout.view import View
from orchestr8.deploy.service import Claim, claim_of

_FEW = 4
"""Of how many services all orders are tried at most: 24 orders."""


class Crowd:
    """What is free on each host after all that was promised or begun; a room is copied when it changes."""

    def __init__(self, rooms: Mapping[str, Room]) -> None:
        self.rooms: dict[str, Room] = dict(rooms)
        self._own: set[str] = set()

    def take(self, host: str, claim: Claim) -> None:
        """Give a claim its share of a host."""
        if host not in self._own:
            self._own.add(host)
            self.rooms[host] = self.rooms[host].apart()
        self.rooms[host].take(claim)

    def begin(self, actions: Iterable[Action]) -> None:
        """Give what starts now its share."""
        for action in actions:
            if action.kind == "start" and action.spec is not None:
                self.take(action.host, claim_of(action.spec))


def beginnings(desired: Sequence[Desired], observed: Observed, now: float) -> dict[str, Journal]:
    """Return the journals of services that begin together, with hosts for the slots that have none yet.

    Each service in turn gets the best hosts that those before it leave; services that need most come first.
    Where that leaves a replica of a few services without a host, other orders are tried.
    """
    fresh = {d.service: begin(d, observed, now) for d in desired}
    first = sorted(desired, key=_size)
    orders = permutations(first) if 1 < len(first) <= _FEW else iter([tuple(first)])
    found, homeless = _in_turn(next(orders), observed, fresh)
    while homeless and (order := next(orders, None)) is not None:
        other, homeless = _in_turn(order, observed, fresh)
        found = found if homeless else other
    return found


def _in_turn(
    ordered: Iterable[Desired], observed: Observed, fresh: Mapping[str, Journal]
) -> tuple[dict[str, Journal], bool]:
    """Return the journals of services that choose in this order, and whether some replica found no host."""
    crowd, pools = Crowd(index_of(observed).rooms), Pools()
    found, homeless = {}, False
    for one in ordered:
        found[one.service], lacking = _assigned(one, observed, fresh[one.service], crowd, pools)
        homeless = homeless or lacking
    return found, homeless


def _size(desired: Desired) -> tuple[float, float, str]:
    claim = claim_of(desired.spec)
    return (-claim.memory, -claim.cpus, desired.service)


def _assigned(
    desired: Desired, observed: Observed, journal: Journal, crowd: Crowd, pools: Pools
) -> tuple[Journal, bool]:
    """Return a service's journal with hosts for the slots that nothing ties to one, and if some got none."""
    view = View.of(desired, observed, journal, 0.0, crowd.rooms)
    if desired.rebalance:
        journal = replace(journal, moves=better_places(view))
        for host in journal.moves.values():
            crowd.take(host, claim_of(view.spec))
    homes = {slot: home(view, slot) for slot in view.slots}
    slots = tuple(slot for slot, host in homes.items() if host is None)
    if not slots:
        return journal, False
    settled = {slot: host for slot, host in homes.items() if host is not None}
    request = Request(view.spec, slots, settled, {}, desired.candidates)
    seats = place(request, crowd.rooms, view.shape, pools).seats
    for seat in seats.values():
        crowd.take(seat.host, claim_of(view.spec))
    hosts = {slot: seat.host for slot, seat in sorted(seats.items())}
    return replace(journal, assigned=hosts), len(hosts) < len(slots)
