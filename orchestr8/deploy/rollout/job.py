"""Jobs: replicas that run to their end; what has been begun once is never begun again."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from orchestr8.deploy.action import COMPLETES, Action
from orchestr8.deploy.desired import End, Watch
from orchestr8.deploy.naming import container_name
from orchestr8.deploy.observed import Replica
from orchestr8.deploy.placement.objections import summary
from orchestr8.deploy.revision import Stage
from orchestr8.deploy.rollout.failing import ABORTED, done
from orchestr8.deploy.rollout.prefetch import prefetch
from orchestr8.deploy.rollout.records import intent, outcome, progress
from orchestr8.deploy.rollout.retain import clean_up
from orchestr8.deploy.rollout.rolling import action_on, images, start_of
from orchestr8.deploy.rollout.seats import seated
from orchestr8.deploy.rollout.view import View, key_of
from orchestr8.deploy.rollout.watching import permanent

_OVERDUE = "it has not ended in time"


@dataclass(frozen=True, slots=True)
class Advance:
    """What to do for a job now, the view after that look, and when something in it is overdue.

    `prepared` says that every slot has come to a good end, and that it may not be called good yet.
    """

    view: View
    actions: tuple[Action, ...] = ()
    due: float | None = None
    blocked: str = ""
    prepared: bool = False


def looked(view: View) -> View:
    """Return the view after a look at the job's containers: completed, failed, under watch."""
    journal, mine = view.journal, _mine(view)
    well = {r.slot for r in mine if _ended(r) and r.exit_code == 0 and r.id not in journal.failed}
    completed = journal.completed | well
    failed = [(r.id, _why(r)) for r in mine if _ended(r) and r.exit_code != 0]
    live = [r for r in view.replicas if r.live]
    watch = {key_of(r): journal.watch.get(key_of(r)) or Watch(view.now) for r in live}
    failed += [(r.id, _late(view, r)) for r in live if _overdue(view, watch[key_of(r)])]
    failed += permanent(view)
    written = {} if view.record is None else view.record.placements
    fresh = [reason for i, reason in failed if i not in journal.failed]
    return view.remembering(
        replace(
            journal,
            completed=completed,
            watch=watch,
            failed=tuple(dict.fromkeys((*journal.failed, *(i for i, _ in failed)))),
            reason=journal.reason or (fresh[0] if fresh else ""),
            placements={**journal.placements, **written, **{r.slot: r.host for r in mine}},
            progressed=view.now if completed - journal.completed else journal.progressed,
        )
    )


def _mine(view: View) -> list[Replica]:
    return [r for r in view.replicas if r.revision == view.revision]


def _ended(replica: Replica) -> bool:
    return replica.state in ("exited", "dead")


def _why(replica: Replica) -> str:
    if replica.oom:
        return f"{replica.name} was killed: out of memory"
    return f"{replica.name} exited with code {replica.exit_code}"


def _overdue(view: View, watch: Watch) -> bool:
    return view.now >= watch.since + view.spec.update.progress_deadline


def _late(view: View, replica: Replica) -> str:
    return f"{replica.name} did not end within {view.spec.update.progress_deadline:g}s"


def advance(view: View) -> Advance:
    """Return what to do for a job that has been looked at; its slots run side by side."""
    if view.journal.steady:
        return _over(view)
    actions = intent(view)
    if actions:
        return Advance(view, tuple(actions))
    if view.desired.intent.abort:
        return _called_off(view)
    if view.journal.failed:
        return _failed(view)
    if _held(view):
        return _paused(view)
    written = progress(view, _stage(view), view.journal.placements) if _open(view) else []
    others = [r for r in view.live if r.revision != view.revision]
    if leaving := [r for r in others if not _of_a_job(view, r)]:
        return Advance(view, tuple(action_on("stop", r, "its service is a job now") for r in leaving))
    if others and view.slots and not written:
        return _waiting(view, f"{others[0].name} still runs")
    return _onward(view, written)


def _of_a_job(view: View, replica: Replica) -> bool:
    return any(r.number == replica.revision and r.spec.mode == "job" for r in view.history)


def _onward(view: View, written: list[Action]) -> Advance:
    """Begin what has not begun, or wait for what runs; the record knows a slot's host before it starts."""
    actions = written or prefetch(view)
    if actions:
        return Advance(view, tuple(actions))
    seating = seated(view, view.missing, view.rooms)
    places = {slot: seat.host for slot, seat in seating.seats.items()}
    starts = [a for slot, host in sorted(places.items()) for a in _begin(view, slot, host)]
    if starts:
        noted = progress(view, _stage(view), {**view.journal.placements, **places})
        return Advance(view, tuple(noted or starts))
    blocked = f"no host for slot {seating.unplaced[0]}: {summary(seating.rejected)}" if view.missing else ""
    return _waiting(view, blocked) if _open(view) else _over(view)


def _open(view: View) -> bool:
    """Say whether a slot has not come to a good end, as far as anybody knows."""
    return bool(view.slots or view.lost)


def _stage(view: View, *, held: bool = False) -> Stage:
    return Stage(held=held, completed=view.journal.completed)


def _begin(view: View, slot: int, host: str) -> Iterator[Action]:
    """Yield what begins a slot that has not completed, not failed and does not run."""
    name = container_name(view.desired.project, view.spec.name, slot, view.revision)
    held = next((r for r in view.replicas if r.host == host and r.name == name), None)
    if held is None:
        yield from images(view, slot, host)
        work = view.spec.workload.reference
        yield Action(
            "create", view.spec.name, host, slot, view.revision, name, "", work, COMPLETES, view.spec
        )
    yield start_of(view, name, "" if held is None else held.id, slot, view.revision, host, COMPLETES)


def _waiting(view: View, blocked: str = "") -> Advance:
    """Wait for what runs; when nothing does, nothing more can be done."""
    if view.live:
        deadline = view.spec.update.progress_deadline
        due = min(w.since + deadline for w in view.journal.watch.values())
        return Advance(view, (), due, blocked)
    if view.lost:
        hosts = ", ".join(sorted({view.journal.placements[s] for s in view.lost}))
        text = f"whether it has run on {hosts} is not known: no answer"
        return Advance(view.remembering(done(view.journal, "failed", text)))
    if view.observed.failures or (view.patient and blocked):
        return Advance(view, blocked=blocked)
    end: End = "infeasible" if view.journal.fresh else "failed"
    return Advance(view.remembering(done(view.journal, end, blocked or "nothing more can be done")))


def _failed(view: View) -> Advance:
    """Begin nothing more; what still runs comes to its own end, at the latest at its deadline."""
    overdue = [r for r in view.live if r.id in view.journal.failed]
    if overdue:
        return Advance(view, tuple(action_on("stop", r, _OVERDUE) for r in overdue))
    if view.live:
        return _waiting(view)
    actions = outcome(view, view.revision, "bad", view.journal.reason) or clean_up(view)
    if actions:
        return Advance(view, tuple(actions))
    return Advance(view.remembering(done(view.journal, "failed", view.journal.reason)))


def _called_off(view: View) -> Advance:
    """Stop what runs, or let it come to its own end; what a job has done stays done."""
    asked = view.desired.intent
    reason = f"{ABORTED} {asked.abort}"
    stops = [r for r in view.live if not asked.spare or r.id in view.journal.failed]
    if view.live and not stops:
        return _waiting(view)
    actions = [action_on("stop", r, "aborted") for r in stops] or outcome(view, view.revision, "bad", reason)
    if actions:
        return Advance(view, tuple(actions))
    return Advance(view.remembering(done(view.journal, "removed", reason)))


def _held(view: View) -> bool:
    asked, record = view.desired.intent, view.record
    return not asked.resume and (asked.pause or (record is not None and record.stage.held))


def _paused(view: View) -> Advance:
    """Begin nothing more; a job that runs cannot be paused, so its end is waited for."""
    actions = progress(view, _stage(view, held=True), view.journal.placements)
    if actions or view.live:
        return Advance(view, tuple(actions)) if actions else _waiting(view)
    if not _open(view):
        return _over(view)
    return Advance(view.remembering(done(view.journal, "paused", "paused by hand, waits for resume")))


def _over(view: View) -> Advance:
    """Write down that every slot has come to a good end, once the others of its transaction have."""
    places: Mapping[int, str] = view.journal.placements
    if view.bound and not view.journal.steady:
        waiting = view.remembering(replace(view.journal, progressed=view.now))
        noted = progress(view, _stage(view), places)
        return Advance(waiting, tuple(noted), prepared=not noted)
    if not view.journal.steady and (actions := outcome(view, view.revision, "good", "", places)):
        return Advance(view, tuple(actions))
    if actions := clean_up(view):
        return Advance(view, tuple(actions))
    return Advance(view.remembering(done(view.journal, "converged")))
