"""Several services on the same hosts: places chosen for all of them together, and room shared in a round."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from itertools import permutations

from orchestr8.deploy.action import Action
from orchestr8.deploy.arranging import arranged
from orchestr8.deploy.desired import Desired, Journal
from orchestr8.deploy.index import index_of
from orchestr8.deploy.observed import Observed
from orchestr8.deploy.placement.place import Request, place
from orchestr8.deploy.placement.pool import Pools
from orchestr8.deploy.placement.room import Room
from orchestr8.deploy.rebalance import better_places
from orchestr8.deploy.rollout.begin import begin
from orchestr8.deploy.rollout.seats import comebacks, homes_of
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
    Where that leaves a replica without a host, other orders of a few services are tried, then everything.
    """
    rooms = index_of(observed).rooms
    views = {d.service: View.of(d, observed, begin(d, observed, now), 0.0) for d in desired}
    first = [views[d.service] for d in sorted(desired, key=_size)]
    orders = permutations(first) if 1 < len(first) <= _FEW else iter([tuple(first)])
    found, homeless = _in_turn(next(orders), rooms)
    while homeless and (order := next(orders, None)) is not None:
        other, homeless = _in_turn(order, rooms)
        found = found if homeless else other
    return arranged(views, rooms, found) if homeless and len(first) > 1 else found


def _size(desired: Desired) -> tuple[float, float, str]:
    claim = claim_of(desired.spec)
    return (-claim.memory, -claim.cpus, desired.service)


def _in_turn(ordered: Sequence[View], rooms: Mapping[str, Room]) -> tuple[dict[str, Journal], bool]:
    """Return the journals of services that choose in this order, and whether some replica found no host."""
    crowd, pools = Crowd(rooms), Pools()
    found, homeless = {}, False
    for view in ordered:
        for host in comebacks(view, view.missing):
            crowd.take(host, claim_of(view.spec))
    for view in ordered:
        found[view.spec.name], lacking = _assigned(view, crowd, pools)
        homeless = homeless or lacking
    return found, homeless


def _assigned(view: View, crowd: Crowd, pools: Pools) -> tuple[Journal, bool]:
    """Return a service's journal with hosts for the slots that nothing ties to one, and if some got none."""
    journal, claim = view.journal, claim_of(view.spec)
    if view.desired.rebalance:
        view = replace(view, crowd=crowd.rooms)
        journal = replace(journal, moves=better_places(view))
        for host in journal.moves.values():
            crowd.take(host, claim)
    settled = homes_of(view)
    slots = tuple(slot for slot in view.slots if slot not in settled)
    if not slots:
        return journal, False
    request = Request(view.spec, slots, settled, {}, view.desired.candidates)
    seats = place(request, crowd.rooms, view.shape, pools).seats
    for seat in seats.values():
        crowd.take(seat.host, claim)
    hosts = {slot: seat.host for slot, seat in sorted(seats.items())}
    return replace(journal, assigned=hosts), len(hosts) < len(slots)
