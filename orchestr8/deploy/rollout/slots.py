"""Which slots a service has: numbers from 1, kept by those who live; one a host in global mode."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import count
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from orchestr8.deploy.rollout.view import View


def choose(view: View) -> Mapping[int, str | None]:
    """Return the slots to fill, without those that wait for a lost host."""
    if view.spec.mode == "job":
        return dict.fromkeys(s for s in outstanding(view) if s not in view.lost)
    slots = _global(view) if view.spec.mode == "global" else dict.fromkeys(_replicated(view))
    return {s: h for s, h in sorted(slots.items()) if s not in view.lost}


def outstanding(view: View) -> list[int]:
    """Return the slots of a job that have not come to a good end."""
    return [s for s in range(1, view.spec.replicas + 1) if s not in view.journal.completed]


def _replicated(view: View) -> list[int]:
    """Keep slots that live, healthy ones and low numbers first; then those last seen; then free numbers."""
    wanted = view.spec.replicas
    serving = {r.slot for r in view.live if r.serving and r.id not in view.journal.failed}
    living = sorted({r.slot for r in view.live}, key=lambda s: (s not in serving, s))
    known = [*sorted(view.lost), *living, *sorted(view.journal.placements)]
    return _first(wanted, (*known, *range(1, wanted + len(known) + 1)))


def _first(wanted: int, slots: Iterable[int]) -> list[int]:
    return list(dict.fromkeys(slots))[:wanted]


def _global(view: View) -> dict[int, str | None]:
    """Give every host of the service its slot; hosts that have one keep it."""
    known = _slots_by_host(view)
    taken, free = set(known.values()), count(1)
    slots: dict[int, str | None] = {}
    for name in sorted(view.hosts):
        host = view.hosts[name]
        if not view.belongs(name) or not host.reachable or (host.cordoned and name not in known):
            continue
        slot = known.get(name) or next(n for n in free if n not in taken)
        slots[slot] = name
    return slots


def _slots_by_host(view: View) -> dict[str, int]:
    """Return the slot each host holds: by a live container, else as last seen; no number twice."""
    found: dict[str, int] = {}
    live = ((r.host, r.slot) for r in view.live)
    seen = ((host, slot) for slot, host in sorted(view.journal.placements.items()))
    for host, slot in (*live, *seen):
        if host not in found and slot not in found.values():
            found[host] = slot
    return found


def lost_slots(view: View) -> frozenset[int]:
    """Return the slots that live on a silent host as far as anybody knows, unless they are to be replaced."""
    silent = set(view.unreachable)
    if not silent or (view.spec.placement.on_unreachable == "replace" and not view.spec.holds_volume):
        return frozenset()
    elsewhere = {r.slot for r in view.live} | view.journal.completed
    lost = (s for s, h in sorted(view.journal.placements.items()) if h in silent and s not in elsewhere)
    return frozenset(list(lost)[: _most(view)])


def _most(view: View) -> int:
    return len(view.journal.placements) if view.spec.mode == "global" else view.spec.replicas
