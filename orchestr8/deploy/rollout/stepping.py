"""Walks the steps of a rollout; a step is passed because of what is seen, never because it was asked for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from orchestr8.deploy.action import Action
from orchestr8.deploy.desired import Journal
from orchestr8.deploy.revision import Stage
from orchestr8.deploy.rollout.course import course, identity, straight, weighted
from orchestr8.deploy.rollout.gating import asking, passed, undecided
from orchestr8.deploy.rollout.hold import Hold, scales, share
from orchestr8.deploy.rollout.rolling import Moves, dirty_order, moves
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
    unshared = [] if weighted(view) else withdrawn(view)
    if unshared or straight(view):
        return Standing(view.journal, tuple(unshared)) if unshared else _directly(view)
    steps = course(view)
    while view.journal.step < len(steps):
        standing = _at(view, steps)
        if standing.journal.step == view.journal.step:
            return standing
        view = view.remembering(standing.journal)
    return Standing(view.journal, over=True)


def _directly(view: View) -> Standing:
    """See to it that all requests go to the right revision before others stop; there are no steps."""
    gives = view.observed.weights.get(view.spec.name, {})
    wanted = {view.revision: 100}
    if not view.routed or not weighted(view) or _shared(gives) == wanted:
        return Standing(view.journal, over=True)
    everybody = Hold(frozenset(view.slots), beside=not view.exclusive)
    if gives.get(view.revision) or _whole(view, everybody):
        return Standing(view.journal, (_set_weight(view, wanted),))
    made = moves(view, everybody)
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
    """Return the slots in the order in which they get new replicas: first those that have one, or none."""
    having = sorted(s for s in view.slots if any(view.current(r) for r in view.by_slot[s]))
    return [*having, *view.missing, *dirty_order(view)]


def _at(view: View, steps: Sequence[Step]) -> Standing:
    journal, hold = view.journal, hold_at(view, steps)
    whole, shares = _whole(view, hold), _shares(view, steps)
    if shares is not None and (whole or _lowers(view, shares)):
        return Standing(journal, (_set_weight(view, shares),))
    repairs, journal = restored(view, hold)
    if repairs:
        return Standing(journal, repairs)
    made = moves(view, hold)
    if made.stops or made.starts:
        return Standing(journal, (*made.stops, *made.starts), made)
    if not whole and not _entered(view, hold):
        return Standing(journal, made=made)
    return _pass(view, steps[journal.step], whole=whole)


def _whole(view: View, hold: Hold) -> bool:
    """Say whether exactly the slots that were asked for have a new replica that counts."""
    new = sorted(r.slot for r in view.live if view.current(r))
    asked = sorted(hold.slots or ())
    return new == asked == sorted(r.slot for r in view.live if view.available(r))


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


def _shares(view: View, steps: Sequence[Step]) -> Mapping[int, int] | None:
    """Return the shares that this step wants, unless they are so already."""
    given = view.observed.weights.get(view.spec.name)
    if given is None or not any(s.kind == "weight" for s in steps):
        return None
    to_new = share(steps, view.journal.step)
    rest = {} if view.stable_record is None else {view.stable_record.number: 100 - to_new}
    wanted = _shared({**rest, view.revision: to_new})
    return None if wanted == _shared(given) else wanted


def _shared(weights: Mapping[int, int]) -> dict[int, int]:
    return {number: weight for number, weight in weights.items() if weight}


def _lowers(view: View, shares: Mapping[int, int]) -> bool:
    """Say whether the new replicas get no more than before, so that nobody has to be ready for it."""
    given = view.observed.weights.get(view.spec.name, {})
    return shares.get(view.revision, 0) <= given.get(view.revision, 0)


def _set_weight(view: View, shares: Mapping[int, int]) -> Action:
    text = ", ".join(f"{w}% to revision {n}" for n, w in sorted(shares.items())) or "to all alike"
    ordered = tuple(sorted(shares.items()))
    return Action("set_weight", view.spec.name, revision=view.revision, reason=text, weights=ordered)


def withdrawn(view: View) -> list[Action]:
    """Return what ends the sharing of requests by revision: every ready replica gets some."""
    given = view.observed.weights.get(view.spec.name, {})
    return [_set_weight(view, {})] if any(given.values()) else []
