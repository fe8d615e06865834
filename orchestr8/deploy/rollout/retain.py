"""What is kept of the past: one stopped container a slot, the failed one, pinned images of kept revisions."""

from __future__ import annotations

from collections.abc import Iterable

from orchestr8.deploy.action import Action
from orchestr8.deploy.index import index_of
from orchestr8.deploy.observed import Replica
from orchestr8.deploy.revision import Revision
from orchestr8.deploy.rollout.rolling import action_on
from orchestr8.deploy.rollout.view import View


def clean_up(view: View) -> list[Action]:
    """Return the removal of every stopped container that nobody needs, and of pins of forgotten revisions."""
    stopped = [r for r in view.replicas if not r.live]
    kept = (_completed if view.spec.mode == "job" else _previous)(view, stopped) | _evidence(view, stopped)
    removals = [action_on("remove", r, "no longer kept") for r in stopped if r.id not in kept]
    return [*_stray_timers(view), *removals, *unpins(view)]


def _stray_timers(view: View) -> list[Action]:
    """Return the end of timers of a service that runs by no schedule any more."""
    timers = index_of(view.observed).timers.get(view.spec.name, ())
    return [Action("drop_timer", view.spec.name, host, slot, reason="no schedule") for host, slot in timers]


def _completed(view: View, stopped: Iterable[Replica]) -> set[str]:
    """Return the containers that did a job's work last, one a slot: their logs tell how it went."""
    done = [r for r in stopped if r.state == "exited" and r.exit_code == 0]
    newest = {r.slot: r.id for r in sorted(done, key=lambda r: (r.revision, r.host, r.id))}
    return {*newest.values(), *(r.id for r in stopped if r.revision == view.revision)}


def _previous(view: View, stopped: Iterable[Replica]) -> set[str]:
    """Return the stopped replicas of the good revision before, as many a slot as are to be retained."""
    hashes = [
        r.spec.workload.spec_hash for r in view.history if r.outcome == "good" and r.number != view.revision
    ]
    before = next((h for h in reversed(hashes) if h != view.spec_hash), None)
    kept: set[str] = set()
    for slot in view.slots:
        mine = [r for r in stopped if r.slot == slot and r.spec_hash == before and r.state == "exited"]
        mine.sort(key=lambda r: (-r.revision, r.host, r.id))
        kept.update(r.id for r in mine[: view.spec.update.retain_stopped])
    return kept


def _evidence(view: View, stopped: Iterable[Replica]) -> set[str]:
    """Return the one container kept of the newest revision that failed."""
    bad = [r.number for r in view.history if r.outcome == "bad"]
    newest = max(bad, default=None)
    good = max((n for n in view.good_revisions if n == view.revision), default=0)
    if newest is None or newest < good:
        return set()
    mine = [r for r in stopped if r.revision == newest and r.state in ("exited", "dead")]
    first = min(
        mine, key=lambda r: (r.id not in view.journal.failed, not _crashed(r), r.slot, r.id), default=None
    )
    return set() if first is None else {first.id}


def _crashed(replica: Replica) -> bool:
    return replica.oom or replica.exit_code not in (None, 0, 137, 143)


def expired(history: Iterable[Revision], keep: int) -> frozenset[int]:
    """Return the numbers of records beyond the `keep` newest; the newest good one never expires.

    Failed attempts count apart: however many there are, they push nothing out that one can go back to.
    """
    records = sorted(history, key=lambda r: r.number, reverse=True)
    fine = [r.number for r in records if r.outcome != "bad"][: max(1, keep)]
    bad = [r.number for r in records if r.outcome == "bad" and r.number > min(fine, default=0)]
    good = next((r.number for r in records if r.outcome == "good"), 0)
    return frozenset(r.number for r in records) - {*fine, *bad[: max(1, keep)], good}


def unpins(view: View) -> list[Action]:
    """Return the end of keep-tags of revisions that are forgotten."""
    gone = expired(view.history, view.desired.spec.revisions)
    kept = {r.number for r in view.history} - gone | {view.revision, view.desired.revision}
    reason = "revision is forgotten"
    pins = index_of(view.observed).pins.get(view.spec.name, ())
    return [Action("unpin", view.spec.name, h, 0, n, reason=reason) for h, n in pins if n not in kept]
