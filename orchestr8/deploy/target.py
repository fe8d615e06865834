"""Which revision a spec is: the one that runs, one left pending, or a new one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from orchestr8.deploy.desired import Desired, Intent
from orchestr8.deploy.observed import Observed
from orchestr8.deploy.revision import Revision, last_good
from orchestr8.deploy.service import ServiceSpec


def revision_for(spec: ServiceSpec, observed: Observed) -> int:
    """Return the revision number of a pinned spec.

    The last good revision keeps its number when it already is this spec, and so does a pending one that
    was left behind; a lost ledger is rebuilt from labels; everything else gets a number never used.
    """
    history = observed.history(spec.name)
    newest = history[-1] if history else None
    if newest is not None and newest.outcome == "pending":
        return newest.number if newest.digest == spec.digest else _next(spec, observed)
    good = last_good(history)
    if good is not None and good.digest == spec.digest:
        return good.number
    recorded = {r.number for r in history}
    mine = [r.revision for r in observed.of(spec.name) if r.spec_hash == spec.workload.spec_hash and r.live]
    adopted = max((n for n in mine if n not in recorded), default=0)
    return adopted if adopted > max(recorded, default=0) else _next(spec, observed)


def _next(spec: ServiceSpec, observed: Observed) -> int:
    used = [r.number for r in observed.history(spec.name)] + [r.revision for r in observed.of(spec.name)]
    return max(used, default=0) + 1


def desire(
    project: str,
    spec: ServiceSpec,
    observed: Observed,
    *,
    candidates: frozenset[str] | None = None,
    run: str = "",
    by: str = "",
    created: str = "",
) -> Desired:
    """Return the target for a pinned spec."""
    spec = _of_this_generation(spec, observed)
    number = revision_for(spec, observed)
    return Desired(project, spec, number, candidates, None, run, by, created)


def _of_this_generation(spec: ServiceSpec, observed: Observed) -> ServiceSpec:
    """Return a spec that does not undo a restart which came after it was written, or is under way."""
    history = observed.history(spec.name)
    kept = [last_good(history), history[-1] if history and history[-1].outcome == "pending" else None]
    newest = max((r.spec.workload.generation for r in kept if r is not None), default=0)
    return spec if newest <= spec.workload.generation else _generation(spec, newest)


def _generation(spec: ServiceSpec, number: int) -> ServiceSpec:
    return replace(spec, workload=replace(spec.workload, generation=number))


def _same(one: Revision, other: Revision) -> bool:
    """Say whether two revisions are the same but for restarts."""
    return _generation(one.spec, 0).digest == _generation(other.spec, 0).digest


def go_on(
    project: str,
    service: str,
    observed: Observed,
    intent: Intent,
    *,
    candidates: frozenset[str] | None = None,
    run: str = "",
    by: str = "",
    created: str = "",
) -> Desired:
    """Return the target of the rollout that is under way, or else the last good revision.

    Raises LookupError when nothing was ever deployed.
    """
    history = observed.history(service)
    pending = history[-1] if history and history[-1].outcome == "pending" else None
    record = pending or last_good(history)
    if record is None:
        raise LookupError(f"`{service}` has neither a rollout under way nor a good revision")
    made = Desired(
        project, record.spec, record.number, candidates, record.rollback_of, run, by, created, intent
    )
    return made if pending is None else replace(made, together=pending.together)


def waiting_step(service: str, observed: Observed) -> int | None:
    """Return the number of the step whose pause a `promote` ends, or None when nothing waits."""
    history = observed.history(service)
    pending = history and history[-1].outcome == "pending" and history[-1].stage.waiting
    return history[-1].stage.step if pending else None


def go_back(
    project: str,
    service: str,
    observed: Observed,
    *,
    to: int | None = None,
    candidates: frozenset[str] | None = None,
    run: str = "",
    by: str = "",
    created: str = "",
) -> Desired:
    """Return the target for going back to revision `to`, or to the good one before the last good one.

    Going back again goes further back: what was come back to stands where it stood first. Without `to` an
    unfinished way back is gone on with. Raises LookupError when there is no such revision.
    """
    history = observed.history(service)
    current = last_good(history)
    if to is None and history and history[-1].outcome == "pending":
        to = history[-1].rollback_of
    if to is None:
        before = None if current is None else _stood(current, history)
        changed = [r for r in history if current is None or not _same(r, current)]
        record = last_good(changed, before) if _settled(history) else current
    else:
        record = next((r for r in history if r.number == to), None)
    if record is None:
        raise LookupError(_nowhere(service, to, current, history))
    number = revision_for(record.spec, observed)
    fresh = all(r.number != number for r in history)
    return Desired(
        project, record.spec, number, candidates, record.number if fresh else None, run, by, created
    )


def _nowhere(service: str, to: int | None, current: Revision | None, history: Sequence[Revision]) -> str:
    """Say why there is no revision to go back to."""
    if to is not None:
        return f"`{service}` has no revision {to}"
    good = [r for r in history if r.outcome == "good"]
    alike = current is not None and len(good) > 1 and all(_same(r, current) for r in good)
    same = "; those before are the same as the one that runs" if alike else ""
    return f"`{service}` has no earlier good revision{same}"


def _stood(record: Revision, history: Sequence[Revision]) -> int:
    """Return the number under which what a record has come back to was deployed first."""
    known = {r.number: r for r in history}
    while record.rollback_of is not None:
        if record.rollback_of not in known:
            return record.rollback_of
        record = known[record.rollback_of]
    return record.number


def _settled(history: Sequence[Revision]) -> bool:
    """Say whether the newest record has an outcome; a pending one is left by going back to the good one."""
    return bool(history) and history[-1].outcome != "pending"
