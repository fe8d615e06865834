"""The steps of a rollout: presets, what the user gave, and those that are passed over."""

from __future__ import annotations

from orchestr8.deploy.codec import digest
from orchestr8.deploy.rollout.blue_green import blue_green
from orchestr8.deploy.rollout.canary import EVERYTHING, canary
from orchestr8.deploy.rollout.view import View
from orchestr8.deploy.service import Step, Update


def expanded(update: Update, *, routed: bool) -> tuple[Step, ...]:
    """Return every step of a strategy; rolling and recreate have none but to replace all.

    `routed` says that something shares requests among revisions by weight.
    """
    if update.strategy == "canary":
        return canary(update)
    return blue_green(update, routed=routed) if update.strategy == "blue_green" else (EVERYTHING,)


def weighted(view: View) -> bool:
    """Say whether the strategy shares requests among revisions."""
    return any(s.kind == "weight" for s in expanded(view.desired.spec.update, routed=view.routed))


def course(view: View) -> tuple[Step, ...]:
    """Return the steps that come before the old replicas may go; after them everything is replaced.

    The way back, a rollback by hand, a first rollout, drift and changes that need no new container pass
    them over.
    """
    update = view.desired.spec.update
    if not update.stepwise or straight(view):
        return ()
    steps = expanded(update, routed=view.routed)
    return steps[:-1] if steps[-1] == EVERYTHING else steps


def straight(view: View) -> bool:
    """Say whether a rollout passes its steps over."""
    return view.journal.phase == "rolling_back" or skips(view)


def skips(view: View) -> bool:
    """Say whether there is nothing to be careful about."""
    stable = view.stable_record
    if view.desired.rollback_of is not None or stable is None:
        return True
    return stable.spec.workload.spec_hash == view.desired.spec.workload.spec_hash


def identity(view: View) -> str:
    """Return the digest of the steps; a rollout whose steps have changed begins with the first again."""
    return digest([(str(s), s.checks) if s.checks else str(s) for s in course(view)])[:16]
