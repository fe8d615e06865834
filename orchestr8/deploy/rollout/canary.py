"""The canary: a few new replicas beside the old ones, a look at them, and the rest."""

from __future__ import annotations

from orchestr8.deploy.service import Amount, Step, Update

EVERYTHING = Step("scale", Amount(100, percent=True))
CHECK = Step("check")
_PRESET = (Step("scale", Amount(1)), CHECK, Step("pause"), EVERYTHING)


def canary(update: Update) -> tuple[Step, ...]:
    """Return the steps of a canary; whatever was given, it ends with all replicas and all requests."""
    return completed(update.steps or _PRESET)


def completed(steps: tuple[Step, ...]) -> tuple[Step, ...]:
    """Return steps that end with all replicas and, where requests are shared, with all requests."""
    scales = [s for s in steps if s.kind == "scale"]
    if EVERYTHING not in scales:
        steps = (*steps, EVERYTHING)
    weights = [s for s in steps if s.kind == "weight"]
    if weights and weights[-1].weight != 100:
        steps = (*steps, Step("weight", weight=100))
    return steps
