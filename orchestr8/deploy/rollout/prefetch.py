"""Images come to every target host before anything stops."""

from __future__ import annotations

from orchestr8.deploy.action import Action
from orchestr8.deploy.rollout.rolling import images
from orchestr8.deploy.rollout.seats import finally_seated, reusable
from orchestr8.deploy.rollout.view import View


def prefetch(view: View) -> list[Action]:
    """Return the pulls that slots without an up-to-date replica still need; none when all are there."""
    if not view.missing and not view.dirty:
        return []
    image = view.spec.workload.reference
    seats = finally_seated(view).seats
    kept = {(r.slot, r.host) for r in view.replicas if reusable(view, r)}
    hosts = sorted({s.host for s in seats.values() if (s.slot, s.host) not in kept})
    return [a for host in hosts if image not in view.hosts[host].images for a in images(view, 0, host)]
