"""What people call the condition of a container, and the revision that it is of."""

from __future__ import annotations

from collections.abc import Sequence

from orchestr8.deploy.observed import Replica
from orchestr8.deploy.revision import Revision


def revision_of(replica: Replica, history: Sequence[Revision]) -> int:
    """Return the newest revision that a container fits: not every revision needs new containers."""
    fits = (
        r.number for r in history if r.spec.workload.spec_hash == replica.spec_hash and r.outcome != "bad"
    )
    return max(fits, default=replica.revision)


def health(replica: Replica) -> str:
    """Return a replica's condition in a word."""
    if replica.state != "running":
        return replica.state
    if replica.ready is False or replica.health == "unhealthy":
        return "unhealthy"
    return "healthy" if replica.ready or replica.health == "healthy" else replica.health or "running"
