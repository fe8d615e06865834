"""Several services on the same hosts: places chosen for all of them together, and room shared in a round."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

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
    """
    crowd, pools = Crowd(index_of(observed).rooms), Pools()
    journals = {d.service: begin(d, observed, now) for d in desired}
    found: dict[str, Journal] = {}
    for one in sorted(desired, key=_size):
        found[one.service] = _assigned(one, observed, journals[one.service], crowd, pools)
    return found


def _size(desired: Desired) -> tuple[float, float, str]:
    claim = claim_of(desired.spec)
    return (-claim.memory, -claim.cpus, desired.service)


def _assigned(desired: Desired, observed: Observed, journal: Journal, crowd: Crowd, pools: Pools) -> Journal:
    """Return a service's journal with hosts for the slots that nothing ties to one."""
    view = View.of(desired, observed, journal, 0.0, crowd.rooms)
    if desired.rebalance:
        journal = replace(journal, moves=better_places(view))
        for host in journal.moves.values():
            crowd.take(host, claim_of(view.spec))
    homes = {slot: home(view, slot) for slot in view.slots}
    slots = tuple(slot for slot, host in homes.items() if host is None)
    if not slots:
        return journal
    settled = {slot: host for slot, host in homes.items() if host is not None}
    request = Request(view.spec, slots, settled, {}, desired.candidates)
    seats = place(request, crowd.rooms, view.shape, pools).seats
    for seat in seats.values():
        crowd.take(seat.host, claim_of(view.spec))
    return replace(journal, assigned={slot: seat.host for slot, seat in sorted(seats.items())})
