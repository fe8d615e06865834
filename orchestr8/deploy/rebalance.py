"""Which replicas to move so that they spread better; nobody moves without a gain."""

from __future__ import annotations

from collections.abc import Mapping

from orchestr8.deploy.placement.place import Request, bids
from orchestr8.deploy.placement.room import Room
from orchestr8.deploy.rollout.seats import without
from orchestr8.deploy.rollout.view import View
from orchestr8.deploy.service import claim_of


def better_places(view: View) -> dict[int, str]:
    """Return new hosts for slots whose replica scores higher elsewhere, one after the other.

    A replica on equal terms stays, and so does one with a volume or one of a service on every host.
    """
    if view.spec.mode == "global" or view.spec.holds_volume:
        return {}
    where = {r.slot: r.host for r in view.live if view.current(r)}
    homes = dict(where)
    rooms = without(view.rooms, [r for r in view.live if view.current(r)])
    for slot in sorted(where):
        homes[slot] = _best(view, slot, homes, rooms) or homes[slot]
    return {slot: host for slot, host in homes.items() if host != where[slot]}


def _best(view: View, slot: int, homes: Mapping[int, str], rooms: Mapping[str, Room]) -> str | None:
    """Return a host that is better for one replica while all others are where they are, or None."""
    settled = {s: h for s, h in homes.items() if s != slot}
    taken: dict[str, Room] = {}
    for host in settled.values():
        taken.setdefault(host, rooms[host].apart()).take(claim_of(view.spec))
    request = Request(view.spec, (slot,), settled, {}, view.desired.candidates)
    offers = bids(request, {**rooms, **taken})
    own = next(o for o in offers if o.host == homes[slot])
    if own.against or offers[0].against or offers[0].order[:2] >= own.order[:2]:
        return None
    return offers[0].host
