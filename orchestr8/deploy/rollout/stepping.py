"""Walks the steps of a rollout; a step is passed because of what is seen, never because it was asked for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from orchestr8.deploy.action import Action
from orchestr8.deploy.desired import Journal
from orchestr8.deploy.revision import Stage
from orchestr8.deploy.rollout.course import course, identity, straight
from orchestr8.deploy.rollout.gating import asking, passed, undecided
from orchestr8.deploy.rollout.hold import Hold, scales
from orchestr8.deploy.rollout.roads import pending
from orchestr8.deploy.rollout.rolling import Moves, dirty_order, moves
from orchestr8.deploy.rollout.shares import everybody, to_new, whole
from orchestr8.deploy.rollout.stable import restored
from orchestr8.deploy.rollout.view import View
from orchestr8.deploy.service import Step


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a rollout stands in its steps: what to do for the step, or what it waits for.

    `waiting` is what only a person can give. `wake` is the end of a timed pause. `over` says that all
    steps are passed, so that the old replicas may go.
    """

    journal: Journal
    actions: tuple[Action, ...] = ()
    made: Moves = field(default_factory=Moves)
    waiting: str = ""
    wake: float | None = None
    over: bool = False


def stand(view: View) -> Standing:
    """Return where the rollout stands after every step that is passed."""
    if straight(view):
        return _directly(view)
    steps = course(view)
    while view.journal.step < len(steps):
        standing = _at(view, steps)
        if standing.journal.step == view.journal.step:
            return standing
        view = view.remembering(standing.journal)
    return Standing(view.journal, over=True)


def _directly(view: View) -> Standing:
    """See to it that all requests go to the right revision before others stop; there are no steps."""
    percent = to_new(view)
    if percent is None or (percent == 100 and not pending(view)):
        return Standing(view.journal, over=True)
    if percent == 100:
        return Standing(view.journal)
    made = moves(view, everybody(view))
    return Standing(view.journal, (*made.stops, *made.starts), made)


def hold_of(view: View) -> Hold:
    """Return what the rollout allows now."""
    steps = course(view)
    return hold_at(view, steps) if view.journal.step < len(steps) else Hold()


def hold_at(view: View, steps: Sequence[Step]) -> Hold:
    """Return what the step allows that the rollout stands at."""
    asked = list(scales(steps, view.journal.step))
    update = view.desired.spec.update
    shared = any(s.kind == "weight" for s in steps)
    beside = not view.exclusive and (view.surge > 0 or update.strategy == "blue_green" or shared)
    if not asked or asked[-1].amount is None:
        return Hold(frozenset(), beside)
    number = min(asked[-1].amount.up(view.wanted), view.wanted)
    return Hold(frozenset(_chosen(view)[:number]), beside)


def _chosen(view: View) -> list[int]:
    """Return the slots in the order in which they get new replicas: first those that have one, or none.

    One that failed counts until it is stopped, or for a moment there would be one too many.
    """
    failed = view.journal.failed
    having = sorted(
        s
        for s in view.slots
        if any(view.current(r) or (r.id in failed and r.spec_hash == view.spec_hash) for r in view.by_slot[s])
    )
    return [*having, *view.missing, *dirty_order(view)]


def _at(view: View, steps: Sequence[Step]) -> Standing:
    hold = hold_at(view, steps)
    repairs, journal = restored(view, hold)
    if repairs:
        return Standing(journal, repairs)
    made = moves(view, hold)
    if made.stops or made.starts:
        return Standing(journal, (*made.stops, *made.starts), made)
    complete = whole(view, hold)
    if pending(view) or not (complete or _entered(view, hold)):
        return Standing(journal, made=made)
    return _pass(view, steps[journal.step], whole=complete)


def _entered(view: View, hold: Hold) -> bool:
    """Say whether an earlier run has come to this pause already, and nothing has happened since."""
    stage = view.record.stage if view.record is not None else Stage()
    serving = sorted(r.slot for r in view.live if view.current(r) and r.serving)
    if not stage.waiting or serving != sorted(hold.slots or ()):
        return False
    return stage.step == view.journal.step and stage.course == identity(view)


def _pass(view: View, step: Step, *, whole: bool) -> Standing:
    """Return the standing at a step whose replicas and shares are as they should be."""
    journal, intent = view.journal, view.desired.intent
    on = replace(journal, step=journal.step + 1, since=None, progressed=view.now)
    if step.gate:
        return _gated(view, step, on) if whole else Standing(journal)
    if step.kind not in ("pause", "retain"):
        return Standing(on)
    if intent.full or intent.promote == journal.step:
        return Standing(on if whole else journal)
    if step.seconds is None:
        return Standing(journal, waiting="approval")
    since = view.now if journal.since is None else journal.since
    if view.now >= since + step.seconds:
        return Standing(on)
    journal = replace(journal, since=since, progressed=view.now)
    return Standing(journal, wake=since + step.seconds)


def _gated(view: View, step: Step, on: Journal) -> Standing:
    """Return the standing at a step that needs a verdict; while there is none, time does not press."""
    journal = view.journal
    if passed(view, step):
        return Standing(on)
    if waiting := undecided(view):
        return Standing(journal, waiting=waiting)
    since = view.now if journal.since is None else journal.since
    return Standing(replace(journal, since=since, progressed=view.now), (asking(view, step),))
