"""The heart: what to do now for one service, from what is wanted, what is seen, and what is remembered.

The work left is computed anew every time, so a first run, a resumed run, a third revision that arrives
in the middle, drift and a rollback are all the same path.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from orchestr8.deploy.action import Action
from orchestr8.deploy.desired import Counts, Decision, Desired, End, Journal, Verdict, Watch
from orchestr8.deploy.observed import Observed
from orchestr8.deploy.placement.objections import summary
from orchestr8.deploy.placement.room import Room
from orchestr8.deploy.rollout.begin import begin, seen
from orchestr8.deploy.rollout.course import expanded, skips, weighted
from orchestr8.deploy.rollout.edge_ports import held_ports
from orchestr8.deploy.rollout.failing import abort, done, react
from orchestr8.deploy.rollout.gating import broken
from orchestr8.deploy.rollout.job import advance, looked
from orchestr8.deploy.rollout.prefetch import prefetch
from orchestr8.deploy.rollout.records import intent, outcome, staged
from orchestr8.deploy.rollout.retain import clean_up
from orchestr8.deploy.rollout.roads import Conducted, conducted, pending
from orchestr8.deploy.rollout.rolling import Moves, action_on, moves
from orchestr8.deploy.rollout.seats import finally_seated
from orchestr8.deploy.rollout.stepping import Standing, hold_of, stand
from orchestr8.deploy.rollout.timed import timed
from orchestr8.deploy.rollout.view import View, key_of
from orchestr8.deploy.rollout.watching import Judgement, judge

_QUIET = ("record", "pull", "pin", "wait_ready", "check")
_LED: tuple[End, ...] = ("progressing", "converged", "paused", "failed")
"""Ends with which the target still says who gets requests."""


def reconcile(
    desired: Desired,
    observed: Observed,
    journal: Journal | None,
    now: float,
    crowd: Mapping[str, Room] | None = None,
    *,
    patient: bool = False,
    bound: bool = False,
) -> Decision:
    """Return what to do now for a service; the same input always gives the same answer.

    `crowd` is the room that other services leave in this round; `patient` says that they still move, so
    that one who lacks room waits for them. `bound` says that it may not be called good yet.
    """
    if journal is None or journal.target != desired.revision:
        journal = begin(desired, observed, now)
    view = replace(View.of(desired, observed, journal, now, crowd), patient=patient, bound=bound)
    if journal.phase == "done":
        return _decision(view, [])
    if desired.spec.mode == "job":
        return _job(view if desired.spec.schedule else looked(view))
    view = _with(view, seen(view))
    refused = _refused(view)
    if refused is not None:
        return _decision(_with(view, refused), [])
    judged = judge(view)
    view = _judged(view, judged)
    if desired.intent.abort:
        view = _with(view, abort(view))
    if view.journal.phase == "done":
        return _decision(view, _closing(view))
    if view.journal.phase == "rolling_back":
        return _back(view, judged)
    return _forward(view, judged)


def _job(view: View) -> Decision:
    """Return what to do for a job, which has no old replicas to care for."""
    refused = _refused(view)
    if refused is not None:
        return _decision(_with(view, refused), [])
    made = timed(view) if view.spec.schedule else advance(view)
    moves_ = Moves(blocked=[made.blocked] if made.blocked else [])
    judged = Judgement(made.view.journal, (), made.due)
    return replace(_decision(made.view, list(made.actions), judged, moves_), prepared=made.prepared)


def _with(view: View, journal: Journal) -> View:
    return view.remembering(journal)


def _refused(view: View) -> Journal | None:
    """Return the journal that ends at once when a rollout cannot even begin."""
    if not view.journal.fresh or view.journal.phase != "rolling":
        return None
    if view.unreachable and view.spec.placement.on_unreachable == "fail":
        errors = (f"{n} ({view.hosts[n].error})" if view.hosts[n].error else n for n in view.unreachable)
        return done(view.journal, "unreachable", f"unreachable: {', '.join(errors)}")
    if (ended := _unroutable(view)) is not None:
        return ended
    if not view.slots and view.spec.mode == "global":
        return done(view.journal, "infeasible", "no host matches")
    if (lack := _unsteppable(view)) is not None:
        return done(view.journal, "infeasible", lack)
    seating = finally_seated(view)
    if seating.unplaced:
        slots = len(seating.unplaced)
        text = f"{slots} of {view.wanted} replicas have no host: {summary(seating.rejected)}"
        return done(view.journal, "infeasible", text + view.journal.crowded)
    return _no_image(view, {seat.host for seat in seating.seats.values()})


def _unroutable(view: View) -> Journal | None:
    """Return the journal that ends at once because requests cannot be brought to the service."""
    ingress = view.spec.ingress
    if ingress is None:
        return None
    if not view.wanted_edges:
        return done(view.journal, "infeasible", f"no host matches `ingress.on: {ingress.on}`")
    if dead := _lost_edges(view):
        return done(view.journal, "unreachable", f"no balancer answers on {', '.join(dead)}")
    if held := held_ports(view, ingress):
        return done(view.journal, "infeasible", f"edges cannot listen: {', '.join(held)}")
    blind = sorted(h for h in view.homes if view.hosts[h].reachable and not view.hosts[h].address)
    if blind:
        text = f"edges cannot know where {', '.join(blind)} is: set `o8_address` to its address"
        return done(view.journal, "infeasible", text)
    return None


def _unsteppable(view: View) -> str | None:
    """Return why a service cannot go through the steps of its strategy."""
    update = view.desired.spec.update
    if not update.stepwise or skips(view):
        return None
    shares = weighted(view)
    if shares and not view.routed:
        return f"{update.strategy} shares requests by weight, and nothing routes requests to the service"
    if view.exclusive and (shares or update.strategy == "blue_green"):
        return f"{update.strategy} needs two sets side by side; a fixed port or volume has one holder"
    return None


def _no_image(view: View, hosts: set[str]) -> Journal | None:
    image = view.spec.workload.reference
    lacking = sorted(h for h in hosts if image not in view.hosts[h].images)
    if view.spec.pull_policy != "never" or not lacking:
        return None
    return done(
        view.journal, "infeasible", f"pull_policy is never and {image} is not on {', '.join(lacking)}"
    )


def _judged(view: View, judged: Judgement) -> View:
    """Return the view after the judgement, in the phase that failures lead to."""
    view = _with(view, judged.journal)
    lost = [n for n in view.unreachable if n in view.journal.placements.values()]
    if judged.failed:
        view = _with(view, react(view, judged.failed[0][1], tolerable=True))
    elif why := broken(view):
        view = _with(view, react(view, why))
    elif view.journal.since is None and _slow(view):
        view = _with(view, react(view, f"no progress in {view.spec.update.progress_deadline:g}s"))
    elif lost and view.journal.phase == "rolling" and view.spec.placement.on_unreachable == "fail":
        view = _with(view, react(view, f"lost {', '.join(lost)}"))
    elif view.journal.phase == "rolling" and (edges := _lost_edges(view)):
        view = _with(view, react(view, f"lost the edge {', '.join(edges)}"))
    return view


def _lost_edges(view: View) -> list[str]:
    return sorted(f"{name} ({sight.error})" for name, sight in view.edges.items() if sight.error)


def _slow(view: View) -> bool:
    """Say whether nothing has got healthy for too long."""
    return view.now >= view.journal.progressed + view.spec.update.progress_deadline


def _closing(view: View) -> list[Action]:
    """Return the record of a rollout that ends here without a way back."""
    if view.journal.end not in ("failed", "rollback_failed") or view.journal.steady:
        return []
    return outcome(view, view.desired.revision, "bad", view.journal.reason)


def _forward(view: View, judged: Judgement) -> Decision:
    actions = intent(view)
    if actions:
        return _decision(view, actions, judged)
    if _held(view):
        return _paused(view, judged)
    standing = stand(view)
    before, journal = view.journal, replace(standing.journal, waiting=standing.waiting)
    view = _with(view, journal)
    actions = staged(view, journal) or prefetch(view)
    if actions:
        return _decision(_with(view, replace(journal, repaired=before.repaired)), actions, judged)
    if not standing.over:
        return _under_way(view, judged, standing)
    made = moves(view)
    actions = [*made.stops, *made.starts, *_in_place(view)]
    if actions:
        return _decision(view, actions, judged, made)
    if view.journal.given_up and not view.missing and not view.dirty:
        ended = done(view.journal, "failed", view.journal.reason)
        return _decision(_with(view, ended), outcome(view, view.revision, "bad", ended.reason))
    if not _whole(view) or pending(view):
        return _waiting(view, judged, made)
    if view.bound and not view.journal.steady:
        waiting = _with(view, replace(view.journal, progressed=view.now))
        return replace(_decision(waiting, [], judged), prepared=True)
    actions = outcome(view, view.revision, "good", "", view.journal.placements) or clean_up(view)
    if actions:
        return _decision(view, actions, judged)
    return _decision(_with(view, done(view.journal, "converged")), [])


def _held(view: View) -> bool:
    """Say whether somebody has paused the rollout and nobody has told it to go on."""
    intent_, record = view.desired.intent, view.record
    if view.journal.steady or intent_.resume or intent_.full or intent_.promote is not None:
        return False
    return intent_.pause or (record is not None and record.stage.held)


def _paused(view: View, judged: Judgement) -> Decision:
    """Fill the slots that stand empty and stop."""
    actions = staged(view, view.journal, held=True)
    actions = actions or [a for a in moves(view, hold_of(view)).starts if a.slot in view.missing]
    if actions or any(view.current(r) and not view.available(r) for r in view.live):
        return _decision(view, actions, judged)
    return _decision(_with(view, done(view.journal, "paused", "paused by hand, waits for resume")), [])


def _under_way(view: View, judged: Judgement, standing: Standing) -> Decision:
    """Do what the step asks for, or wait for it."""
    actions = list(standing.actions)
    if actions:
        return _decision(view, actions, judged, standing.made)
    if standing.waiting:
        at = f"step {view.journal.step + 1} of {len(expanded(view.desired.spec.update, routed=view.routed))}"
        return _decision(
            _with(view, done(view.journal, "paused", f"waits for {standing.waiting} ({at})")), []
        )
    if standing.wake is not None:
        timed = replace(judged, due=min(standing.wake, judged.due or standing.wake))
        return _decision(view, [], timed)
    return _waiting(view, judged, standing.made)


def _back(view: View, judged: Judgement) -> Decision:
    """Return to the last good revision, or take a first one away."""
    actions = outcome(view, view.desired.revision, "bad", view.journal.reason)
    if actions:
        return _decision(view, actions, judged)
    if view.journal.good is None:
        return _take_away(view)
    actions = prefetch(view)
    if actions:
        return _decision(view, actions, judged)
    standing = stand(view)
    view = _with(view, standing.journal)
    if not standing.over:
        return _under_way(view, judged, standing)
    made = moves(view)
    actions = [*made.stops, *made.starts, *_in_place(view)]
    if actions:
        return _decision(view, actions, judged, made)
    if not _whole(view) or pending(view):
        return _waiting(view, judged, made)
    actions = outcome(view, view.revision, "good", "", view.journal.placements) or clean_up(view)
    if actions:
        return _decision(view, actions, judged)
    return _decision(_with(view, done(view.journal, "rolled_back", view.journal.reason)), [])


def _take_away(view: View) -> Decision:
    mine = [r for r in view.live if r.revision == view.desired.revision]
    actions = [action_on("stop", r, "the first rollout failed") for r in mine] or clean_up(view)
    if actions or pending(view):
        return _decision(view, actions)
    return _decision(_with(view, done(view.journal, "removed", view.journal.reason)), [])


def _in_place(view: View) -> list[Action]:
    """Return the changes of limits that need no new container, each tried once."""
    wanted = view.spec.workload.limits
    return [
        replace(action_on("update_inplace", r, "limits differ"), spec=view.spec)
        for r in view.live
        if view.current(r) and r.limits not in (None, wanted) and key_of(r) not in view.journal.adjusted
    ]


def _whole(view: View) -> bool:
    """Say whether every slot has its available replica and nothing else lives."""
    if view.missing or view.dirty or len(view.live) != view.wanted:
        return False
    return all(view.available(r) for r in view.live)


def _waiting(view: View, judged: Judgement, made: Moves) -> Decision:
    """Wait for a replica under watch; when there is none, nothing can ever move again."""
    waits = judged.due is not None or view.observed.failures or pending(view)
    if waits or (view.patient and made.blocked):
        return _decision(view, [], judged, made)
    text = made.blocked[0] if made.blocked else "nothing more can be done"
    if view.journal.fresh:
        return _decision(_with(view, done(view.journal, "infeasible", text)), [])
    stuck = _with(view, react(view, text))
    return _decision(stuck, _closing(stuck) if stuck.journal.phase == "done" else [], judged, made)


def _decision(
    view: View, actions: list[Action], judged: Judgement | None = None, made: Moves | None = None
) -> Decision:
    led = conducted(view, actions) if view.journal.end in _LED else Conducted(actions, {})
    actions = led.actions
    journal = _remembered(replace(view, journal=replace(view.journal, leaving=led.leaving)), actions)
    skipped = view.unreachable if view.spec.placement.on_unreachable == "skip" else ()
    verdict = Verdict(journal.end, journal.reason, skipped)
    if journal.phase == "done":
        return Decision(tuple(actions), verdict, journal, _counts(view))
    stopping = {a.container for a in actions if a.kind == "stop"}
    waits = [
        replace(action_on("wait_ready", r, ""), spec=view.spec)
        for r in view.live
        if key_of(r) in journal.watch and r.id not in stopping
    ]
    deadline = journal.progressed + view.spec.update.progress_deadline
    times = (deadline, led.wake, None if judged is None else judged.due)
    wake = min(time for time in times if time is not None)
    notes = tuple(dict.fromkeys(made.blocked)) if made is not None else ()
    return Decision((*actions, *waits), verdict, journal, _counts(view), wake, notes)


def _remembered(view: View, actions: list[Action]) -> Journal:
    """Return the journal with what these actions change in it."""
    journal = view.journal
    starts = {f"{a.host}/{a.name}" for a in actions if a.kind == "start"}
    stops = {f"{a.host}/{a.name}" for a in actions if a.kind == "stop"}
    watch = {k: w for k, w in journal.watch.items() if k not in stops}
    return replace(
        journal,
        watch={**watch, **{k: journal.watch.get(k) or Watch(view.now) for k in sorted(starts)}},
        settled=journal.settled - stops - starts,
        adjusted=journal.adjusted | {f"{a.host}/{a.name}" for a in actions if a.kind == "update_inplace"},
        fresh=journal.fresh and all(a.kind in _QUIET for a in actions),
    )


def _counts(view: View) -> Counts:
    if view.spec.mode == "job":
        begun, completed = len(view.live), len(view.journal.completed)
        return Counts(view.spec.replicas, begun, completed + begun, completed)
    current = [r for r in view.live if view.current(r)]
    available = sum(1 for r in current if view.available(r))
    return Counts(view.wanted, len(view.live), len(current), available)
