"""On which terms this process asks for leases."""

from __future__ import annotations

from orchestr8.app.seat import gone, seat
from orchestr8.engine.options import RunOptions
from orchestr8.engine.services.lease import Terms


def lock_terms(options: RunOptions, reason: str) -> Terms:
    """Return the terms; `reason` is what others read who find the lock held."""
    return Terms(options.lock_wait, options.lock_lease, reason, seat(), gone)
