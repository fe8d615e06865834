"""Judges replicas that are being brought up: settled, waiting or failed."""

from __future__ import annotations

from dataclasses import dataclass, replace

from orchestr8.deploy.desired import Journal, Watch
from orchestr8.deploy.observed import Replica
from orchestr8.deploy.rollout.view import View, key_of


@dataclass(frozen=True, slots=True)
class Judgement:
    """The journal after a look, what failed in it (id or action, reason), and when a deadline is due."""

    journal: Journal
    failed: tuple[tuple[str, str], ...] = ()
    due: float | None = None


def is_ready(view: View, replica: Replica) -> bool:
    """Say whether a replica is ready by its service's own rule."""
    if replica.state != "running":
        return False
    kind = view.spec.readiness.kind
    if kind in ("running", "docker"):
        return replica.health in ("", "healthy")
    return replica.ready is True and replica.health in ("", "healthy", "starting")


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


def judge(view: View) -> Judgement:
    """Look at every replica of the target and move it on: watched, ready, settled, failed."""
    journal = view.journal
    watches: dict[str, Watch] = {}
    settled: set[str] = set()
    repaired = set(journal.repaired)
    remade: dict[str, int] = {}
    failed: list[tuple[str, str]] = []
    due: list[float] = []
    retried = _retried(view)
    for replica in filter(view.current, view.replicas):
        key = key_of(replica)
        watch = journal.watch.get(key)
        if key in journal.settled:
            if replica.serving:
                settled.add(key)
                continue
            if _repairable(view, replica):
                repaired.add(key)
                continue
            watch = Watch(view.now, replica.restarts)
        elif watch is None:
            watch = Watch(view.now, replica.restarts) if replica.live else None
        if watch is None or (not replica.live and key in retried):
            continue
        watch, reason = _look(view, replica, watch)
        if reason and _replaceable(view, replica, remade):
            remade[replica.id] = replica.slot
        elif reason:
            failed.append((replica.id, reason))
        elif _soaked(view, watch):
            settled.add(key)
        else:
            watches[key] = watch
            due.append(_due(view, watch))
    failed += _permanent(view)
    gained = bool(settled - journal.settled)
    after = replace(
        journal,
        watch=watches,
        settled=frozenset(settled),
        repaired=frozenset(repaired),
        remade=journal.remade | set(remade.values()),
        progressed=view.now if gained else journal.progressed,
        failed=tuple(dict.fromkeys((*journal.failed, *remade, *(i for i, _ in failed)))),
        failures=journal.failures + len({i for i, _ in failed if i not in journal.failed}),
    )
    return Judgement(after, tuple(failed), min(due, default=None))


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
    ready = is_ready(view, replica)
    since = _ready_since(view, replica, watch) if ready else None
    watch = replace(watch, ready=since)
    reason = trouble(replica, watch)
    if not reason and since is None and view.now - watch.since >= view.spec.update.healthy_deadline:
        reason = f"{replica.name} was not healthy within {view.spec.update.healthy_deadline:g}s"
    if not reason and since is not None and view.now - watch.since >= _flap_limit(view):
        reason = "" if _soaked(view, watch) else f"{replica.name} did not stay healthy"
    return watch, reason


def _ready_since(view: View, replica: Replica, watch: Watch) -> float:
    """Return since when a ready replica is ready: as remembered, or later if the probes saw a break."""
    remembered = view.now if watch.ready is None else watch.ready
    return remembered if replica.ready_since is None else max(remembered, replica.ready_since)


def _flap_limit(view: View) -> float:
    return view.spec.update.healthy_deadline + view.spec.update.min_healthy_time


def _soaked(view: View, watch: Watch) -> bool:
    return watch.ready is not None and view.now - watch.ready >= view.spec.update.min_healthy_time


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


def _permanent(view: View) -> list[tuple[str, str]]:
    """Return the creations and starts that cannot succeed."""
    found = []
    for failure in view.observed.failures:
        action = failure.action
        mine = action.service == view.spec.name and action.revision == view.revision
        if mine and failure.permanent and action.kind in ("pull", "create", "start", "update_inplace"):
            ids = [r.id for r in view.replicas if r.host == action.host and r.name == action.name]
            found.append((ids[0] if ids and action.kind == "start" else action.key, failure.message))
    return found
