"""The journal of a rollout that begins, or of one that another process left behind."""

from __future__ import annotations

from dataclasses import replace

from orchestr8.deploy.desired import Desired, Journal
from orchestr8.deploy.observed import Observed
from orchestr8.deploy.revision import Revision, last_good
from orchestr8.deploy.rollout.course import course, identity
from orchestr8.deploy.rollout.job_history import began
from orchestr8.deploy.rollout.view import View, key_of


def begin(desired: Desired, observed: Observed, now: float) -> Journal:
    """Return the journal to start from; everything in it comes from what is observed."""
    history = observed.history(desired.service)
    record = next((r for r in history if r.number == desired.revision), None)
    steady = record is not None and record.outcome == "good"
    good = None if steady or desired.rollback_of is not None else last_good(history, desired.revision)
    journal = Journal(
        desired.service,
        desired.revision,
        good=None if good is None else good.number,
        steady=steady,
        placements=_last_places(history),
        progressed=now,
    )
    if desired.spec.mode == "job":
        return began(desired, journal, record, last_good(history, desired.revision))
    view = View.of(desired, observed, journal, now)
    trusted = (
        r
        for r in view.live
        if view.current(r) and r.serving and (steady or r.revision in view.good_revisions)
    )
    journal = replace(journal, settled=frozenset(key_of(r) for r in trusted))
    view = View.of(desired, observed, journal, now)
    return replace(journal, floor=floor(view), step=_step(view, record))


def _step(view: View, record: Revision | None) -> int:
    """Return the step that an earlier run came to, if the steps still are the same."""
    steps = course(view)
    if record is None or not steps or record.stage.course != identity(view):
        return 0
    return min(record.stage.step, len(steps))


def floor(view: View) -> int:
    """Return the number of healthy replicas never to go below: what policy wants, at most what is healthy."""
    serving = sum(1 for r in view.live if r.serving)
    return max(0, min(view.wanted - view.unavailable, serving))


def _last_places(history: tuple[Revision, ...]) -> dict[int, str]:
    known = [r.placements for r in history if r.placements]
    return dict(known[-1]) if known else {}


def seen(view: View) -> Journal:
    """Return the journal with the hosts on which slots live now."""
    places = {s: h for s, h in view.journal.placements.items() if s in view.slots or s in view.lost}
    for slot, held in view.by_slot.items():
        hosts = [r.host for r in held if view.current(r)] or [r.host for r in held]
        if hosts and (slot in view.slots):
            places[slot] = hosts[0] if places.get(slot) not in hosts else places[slot]
    return replace(view.journal, placements=places)
