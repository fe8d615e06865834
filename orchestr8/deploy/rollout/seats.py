"""Hosts for the slots of a rollout: where replicas end up, and where one can start right now."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from orchestr8.deploy.observed import Replica
from orchestr8.deploy.placement.filters import objection
from orchestr8.deploy.placement.place import Request, Seat, Seating, place
from orchestr8.deploy.placement.room import Room
from orchestr8.deploy.rollout.view import View
from orchestr8.deploy.service import claim_of


def home(view: View, slot: int) -> str | None:
    """Return the host a slot should be on: where it lives, was last seen, or was assigned."""
    bound = view.slots.get(slot)
    if bound is not None:
        return bound
    if slot in view.journal.moves:
        return view.journal.moves[slot]
    live = [r.host for r in view.by_slot.get(slot, ())]
    stopped = [r.host for r in view.held.get(slot, ()) if reusable(view, r)]
    hosts = (*live, *stopped, view.journal.placements.get(slot), view.journal.assigned.get(slot))
    return next((h for h in hosts if h is not None), None)


def homes_of(view: View) -> dict[int, str]:
    """Return the hosts of slots that have one to be on; the others may be on any."""
    homes = ((slot, home(view, slot)) for slot in view.slots)
    return {slot: host for slot, host in homes if host is not None}


def comebacks(view: View, slots: Iterable[int]) -> list[str]:
    """Return the hosts that some slots come back to, where these are still fit for the service."""
    homes = (home(view, slot) for slot in slots)
    return [host for host in homes if host is not None and host in view.shape.keys]


def reusable(view: View, replica: Replica) -> bool:
    """Say whether a container that does not run can be started to fill its slot."""
    trusted = replica.revision == view.revision or replica.revision in view.good_revisions
    return replica.state in ("created", "exited") and trusted and view.current(replica)


def finally_seated(view: View, *, explained: bool = False) -> Seating:
    """Return where all slots without an up-to-date replica end up, once the old ones are gone."""
    slots = (*view.missing, *view.dirty)
    if not slots:
        return Seating()
    rooms = without(view.rooms, [r for r in view.live if not view.current(r)])
    return seated(view, slots, rooms, explained=explained)


def seated(
    view: View, slots: Iterable[int], rooms: Mapping[str, Room], *, explained: bool = False
) -> Seating:
    """Return hosts for slots among all others of the service, which stay where they are."""
    slots = tuple(slots)
    asked = frozenset(slots)
    tied = view.spec.mode == "global" or view.spec.holds_volume
    settled = {s: home_of for s in view.slots if s not in asked and (home_of := home(view, s)) is not None}
    prefer = {s: h for s in slots if (h := home(view, s)) is not None}
    if tied and prefer:
        return _tied(view, slots, prefer, rooms)
    request = Request(view.spec, slots, settled, prefer, view.desired.candidates, explained)
    return place(request, rooms, view.shape)


def _tied(view: View, slots: Iterable[int], prefer: Mapping[int, str], rooms: Mapping[str, Room]) -> Seating:
    """Seat slots that may only be on their own host."""
    claim = claim_of(view.spec)
    seats: dict[int, Seat] = {}
    rejected: dict[str, str] = {}
    for slot in slots:
        name = prefer[slot]
        room = rooms.get(name)
        against = "unknown host|" if room is None else room.lacks(claim)
        if room is not None and not against:
            against = objection(view.spec, replace(room.host, cordoned=False), view.desired.candidates)
        if against:
            rejected[name] = against
        else:
            seats[slot] = Seat(slot, name, kept=True)
    return Seating(seats, tuple(s for s in slots if s not in seats), rejected)


def without(rooms: Mapping[str, Room], leaving: Iterable[Replica]) -> Mapping[str, Room]:
    """Return the rooms as they are once some containers have stopped."""
    freed: dict[str, Room] = {}
    for replica in leaving:
        if replica.host in rooms:
            room = freed.setdefault(replica.host, rooms[replica.host].apart())
            room.leave(replica.claim)
    return {**rooms, **freed} if freed else rooms
