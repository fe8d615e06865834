"""Blue-green: a full second set beside the first, one switch of all requests, and a way back for a while."""

from __future__ import annotations

from orchestr8.deploy.rollout.canary import CHECK, EVERYTHING, completed
from orchestr8.deploy.service import Step, Update

_PLAIN = (EVERYTHING, CHECK)
_ROUTED = (EVERYTHING, Step("weight", weight=0), CHECK, Step("weight", weight=100), CHECK)


def blue_green(update: Update, *, routed: bool) -> tuple[Step, ...]:
    """Return the steps of blue-green; the second set comes first, the old one is kept for a time at last."""
    steps = update.steps or (_ROUTED if routed else _PLAIN)
    if steps[0] != EVERYTHING:
        steps = (EVERYTHING, *steps)
    if routed and not any(s.kind == "weight" for s in steps):
        steps = (EVERYTHING, Step("weight", weight=0), *steps[1:])
    steps = completed(steps)
    return (*steps, Step("retain", seconds=update.retain_running)) if update.retain_running else steps
