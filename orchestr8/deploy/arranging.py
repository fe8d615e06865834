"""Hosts for services that begin together, where choosing one after the other left a replica without."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from orchestr8.deploy.desired import Journal
from orchestr8.deploy.placement.arrange import Arrangement, Ask, TooWideError, arrange
from orchestr8.deploy.placement.place import matched
from orchestr8.deploy.placement.room import Room
from orchestr8.deploy.rollout.seats import comebacks, homes_of, without
from orchestr8.deploy.rollout.view import View
from orchestr8.deploy.service import claim_of

_NAMED = 4
"""How many services a sentence names."""


def arranged(
    views: Mapping[str, View], rooms: Mapping[str, Room], chosen: Mapping[str, Journal]
) -> dict[str, Journal]:
    """Return the journals with hosts for all slots, if there is any arrangement with room for all.

    `chosen` are the journals to come near to; they are returned, with what the search came to, where it finds
    none. Replicas that live, or have a host to come back to, stay there.
    """
    free = _finally(rooms, views.values())
    asks = [a for s, view in views.items() if (a := _ask(view, chosen[s].assigned)).number]
    try:
        found = arrange(asks, free)
        note = "no arrangement with {} has room for all" if _crowded(asks, free) else ""
    except TooWideError:
        found, note = None, "there are too many arrangements with {} to try them all"
    if found is None:
        return {s: replace(j, crowded=_note(note, s, asks)) for s, j in chosen.items()}
    return {s: _assigned(views[s], j, found) for s, j in chosen.items()}


def _finally(rooms: Mapping[str, Room], views: Iterable[View]) -> Mapping[str, Room]:
    """Return the rooms once all that is outdated has gone and every slot with a host is filled there."""
    for view in views:
        rooms = without(rooms, [r for r in view.live if not view.current(r)])
        taken: dict[str, Room] = {}
        for host in comebacks(view, (*view.missing, *view.dirty)):
            taken.setdefault(host, rooms[host].apart()).take(claim_of(view.spec))
        rooms = {**rooms, **taken}
    return rooms


def _ask(view: View, liked: Mapping[int, str]) -> Ask:
    """Return what the slots need that nothing ties to a host."""
    settled = homes_of(view)
    keys, limit = view.shape.keys, view.spec.placement.max_per_host
    mine = Counter(settled.values())
    number = len(view.slots) - len(settled)
    return Ask(
        view.spec.name,
        number,
        claim_of(view.spec),
        keys,
        {name: max(0, limit - mine[name]) if limit else number for name in keys},
        view.spec.placement.spreads,
        Counter(keys[h] for h in settled.values() if h in keys),
        Counter(liked.values()),
    )


def _crowded(asks: Sequence[Ask], rooms: Mapping[str, Room]) -> bool:
    """Say whether each service alone would have room, so that it is the others that take it."""
    return all(arrange([ask], rooms) is not None for ask in asks)


def _note(text: str, service: str, asks: Sequence[Ask]) -> str:
    others = [f"`{a.service}`" for a in asks if a.service != service]
    more = [f"{len(others) - _NAMED} more"] if len(others) > _NAMED else []
    return "; " + text.format(", ".join([*others[:_NAMED], *more])) if text and others else ""


def _assigned(view: View, chosen: Journal, found: Arrangement) -> Journal:
    """Return the journal with the hosts found, the same slots on the same hosts where that is possible."""
    hosts, settled = found.get(view.spec.name), homes_of(view)
    if hosts is None:
        return chosen
    slots = [slot for slot in view.slots if slot not in settled]
    seats = matched(slots, chosen.assigned, hosts.elements())
    return replace(chosen, assigned={slot: seat.host for slot, seat in seats.items()})
