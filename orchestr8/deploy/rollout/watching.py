"""Judges replicas that are being brought up: settled, waiting or failed."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from orchestr8.deploy.desired import Journal, Watch
from orchestr8.deploy.observed import Replica
from orchestr8.deploy.rollout.view import View, key_of
from orchestr8.deploy.service import Readiness


@dataclass(frozen=True, slots=True)
class Judgement:
    """The journal after a look, what failed in it (id or action, reason), and when a deadline is due."""

    journal: Journal
    failed: tuple[tuple[str, str], ...] = ()
    due: float | None = None


def is_ready(rule: Readiness, replica: Replica) -> bool:
    """Say whether a replica is ready by its service's own rule."""
    if replica.state != "running":
        return False
    if rule.kind in ("running", "docker"):
        return replica.health in ("", "healthy")
    return replica.ready is True and replica.serving


def trouble(replica: Replica, watch: Watch) -> str:
    """Return why a watched replica has failed for good, or an empty text."""
    if replica.oom:
        return f"{replica.name} was killed: out of memory"
    if replica.state == "restarting" or replica.restarts > watch.restarts:
        return f"{replica.name} crashes and restarts{_code(replica)}"
    if replica.state in ("exited", "dead"):
        return f"{replica.name} exited{_code(replica)}"
    return ""


def _code(replica: Replica) -> str:
    return "" if replica.exit_code is None else f" with code {replica.exit_code}"


@dataclass(slots=True)
class _Tally:
    """What a look at all replicas gathers."""

    watches: dict[str, Watch] = field(default_factory=dict)
    settled: set[str] = field(default_factory=set)
    repaired: set[str] = field(default_factory=set)
    remade: dict[str, int] = field(default_factory=dict)
    failed: list[tuple[str, str]] = field(default_factory=list)
    due: list[float] = field(default_factory=list)


def judge(view: View) -> Judgement:
    """Look at every replica of the target and move it on: watched, ready, settled, failed."""
    journal, tally = view.journal, _Tally(repaired=set(view.journal.repaired))
    retried = _retried(view)
    for replica in filter(view.current, view.replicas):
        watch = _watch(view, replica, tally)
        if watch is not None and (replica.live or key_of(replica) not in retried):
            _weigh(view, replica, watch, tally)
    tally.failed += permanent(view)
    fresh = {i for i, _ in tally.failed if i not in journal.failed}
    after = replace(
        journal,
        watch=tally.watches,
        settled=frozenset(tally.settled),
        repaired=frozenset(tally.repaired),
        remade=journal.remade | set(tally.remade.values()),
        progressed=view.now if tally.settled - journal.settled else journal.progressed,
        failed=tuple(dict.fromkeys((*journal.failed, *tally.remade, *(i for i, _ in tally.failed)))),
        failures=journal.failures + len(fresh),
    )
    return Judgement(after, tuple(tally.failed), min(tally.due, default=None))


def _watch(view: View, replica: Replica, tally: _Tally) -> Watch | None:
    """Return the watch a replica is under, or None when it is settled, or still has to be started."""
    key = key_of(replica)
    if key not in view.journal.settled:
        known = view.journal.watch.get(key)
        return Watch(view.now, replica.restarts) if known is None and replica.live else known
    if replica.serving:
        tally.settled.add(key)
        return None
    if _repairable(view, replica):
        tally.repaired.add(key)
        return None
    return Watch(view.now, replica.restarts)


def _weigh(view: View, replica: Replica, watch: Watch, tally: _Tally) -> None:
    """Judge one replica under watch."""
    watch, reason = _look(view, replica, watch)
    if reason and _replaceable(view, replica, tally.remade):
        tally.remade[replica.id] = replica.slot
    elif reason:
        tally.failed.append((replica.id, reason))
    elif _soaked(view, watch):
        tally.settled.add(key_of(replica))
    else:
        tally.watches[key_of(replica)] = watch
        tally.due.append(_due(view, watch))


def _repairable(view: View, replica: Replica) -> bool:
    """Say whether a settled replica died that is known to be good: it is started again, once."""
    known = view.journal.steady or view.journal.phase == "rolling_back"
    return known and not replica.live and key_of(replica) not in view.journal.repaired


def _replaceable(view: View, replica: Replica, remade: dict[str, int]) -> bool:
    """Say whether a failed replica of a revision known to be good is made anew, once a slot."""
    known = view.journal.steady or view.journal.phase == "rolling_back"
    return known and replica.slot not in view.journal.remade and replica.slot not in remade.values()


def _look(view: View, replica: Replica, watch: Watch) -> tuple[Watch, str]:
    """Return the watch after a look and the reason if the replica has failed."""
    ready = is_ready(view.spec.readiness, replica)
    since = _ready_since(view, replica, watch) if ready else None
    watch = replace(watch, ready=since)
    reason = trouble(replica, watch)
    if not reason and since is None and view.now >= watch.since + view.spec.update.healthy_deadline:
        reason = f"{replica.name} was not healthy within {view.spec.update.healthy_deadline:g}s"
    if not reason and since is not None and view.now >= watch.since + _flap_limit(view):
        reason = "" if _soaked(view, watch) else f"{replica.name} did not stay healthy"
    return watch, reason


def _ready_since(view: View, replica: Replica, watch: Watch) -> float:
    """Return since when a ready replica is ready: as remembered, or later if the probes saw a break."""
    remembered = view.now if watch.ready is None else watch.ready
    return remembered if replica.ready_since is None else max(remembered, replica.ready_since)


def _flap_limit(view: View) -> float:
    return view.spec.update.healthy_deadline + view.spec.update.min_healthy_time


def _soaked(view: View, watch: Watch) -> bool:
    return watch.ready is not None and view.now >= watch.ready + view.spec.update.min_healthy_time


def _due(view: View, watch: Watch) -> float:
    update = view.spec.update
    if watch.ready is None:
        return watch.since + update.healthy_deadline
    return min(watch.ready + update.min_healthy_time, watch.since + _flap_limit(view))


def _retried(view: View) -> frozenset[str]:
    """Return the containers whose start failed in a way that is worth another try."""
    return frozenset(
        f"{f.action.host}/{f.action.name}"
        for f in view.observed.failures
        if f.action.kind in ("create", "start") and f.action.service == view.spec.name and not f.permanent
    )


_NEEDED = ("pull", "create", "start", "update_inplace", "attach")


def permanent(view: View) -> list[tuple[str, str]]:
    """Return the creations and starts, and the changes of edges, that cannot succeed."""
    found = []
    for failure in view.observed.failures:
        action = failure.action
        mine = action.service == view.spec.name and action.revision == view.revision
        if mine and failure.permanent and action.kind in _NEEDED:
            ids = [r.id for r in view.replicas if r.host == action.host and r.name == action.name]
            found.append((ids[0] if ids and action.kind == "start" else action.key, failure.message))
    return found
