"""Keeps the old replicas whole while the new ones are looked at: one that died is brought up once more."""

from __future__ import annotations

from dataclasses import replace

from orchestr8.deploy.action import Action
from orchestr8.deploy.desired import Journal
from orchestr8.deploy.rollout.hold import Hold
from orchestr8.deploy.rollout.rolling import bring_up
from orchestr8.deploy.rollout.seats import seated
from orchestr8.deploy.rollout.view import View


def restored(view: View, hold: Hold) -> tuple[tuple[Action, ...], Journal]:
    """Return the starts of old replicas that are missing, and the journal that remembers them."""
    stable = view.stable
    if stable is None or hold.open:
        return (), view.journal
    lacking = tuple(s for s in _slots(stable) if hold.keeps(s) and not stable.by_slot.get(s))
    held = {r.slot for r in stable.live if stable.current(r)}
    seats = seated(stable, [s for s in lacking if s not in held], stable.rooms).seats if lacking else {}
    actions: list[Action] = []
    names: set[str] = set()
    for slot, seat in sorted(seats.items()):
        made = list(bring_up(stable, slot, seat.host, "the old one is gone", actions))
        name = f"{seat.host}/{made[-1].name}"
        if name not in view.journal.repaired:
            actions += made
            names.add(name)
    return tuple(actions), replace(view.journal, repaired=view.journal.repaired | names)


def _slots(stable: View) -> list[int]:
    places = stable.record.placements if stable.record is not None else {}
    return [s for s in sorted(places) if s in stable.slots]
