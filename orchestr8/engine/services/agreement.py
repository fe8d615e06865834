"""What was agreed on in a saved plan: a rollout that would do anything else is not begun."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from orchestr8.core.errors import Diagnostic, PlanStale
from orchestr8.deploy.planner import Plan

_NUMBERS = ("peak", "least")
"""What of a service's plan says nothing about what is done."""


@dataclass(frozen=True, slots=True)
class Agreement:
    """pins: exact references by image as written. plans: those of the saved plan, as JSON values."""

    pins: Mapping[str, str] = field(default_factory=dict)
    plans: Sequence[Mapping[str, Any]] = ()

    @staticmethod
    def of(plans: Sequence[Mapping[str, Any]]) -> Agreement:
        """Return the agreement on plans."""
        services = [s for plan in plans for s in plan["services"]]
        return Agreement({s["image"]: s["pinned"] for s in services if s.get("pinned")}, plans)

    def require(self, planned: Plan) -> None:
        """Raise PlanStale unless this is what was agreed on."""
        now = planned.to_json()
        names = [s["service"] for s in now["services"]]
        agreed = [p for p in self.plans if [s["service"] for s in p["services"]] == names]
        if any(_deeds(plan) == _deeds(now) for plan in agreed):
            return
        notes = tuple(differences(agreed[0], now)) if agreed else ("the plan does not know these services",)
        text = f"{', '.join(names)}: something else than was planned would be done; nothing was touched"
        raise PlanStale(Diagnostic("O8-3321", text, hint="make a new plan", notes=notes))


def _deeds(plan: Mapping[str, Any]) -> Any:
    services = [{k: v for k, v in s.items() if k not in _NUMBERS} for s in plan["services"]]
    return [services, plan["waves"], plan.get("later") or []]


def differences(agreed: Mapping[str, Any], now: Mapping[str, Any]) -> Iterator[str]:
    """Yield by service what is not as it was planned."""
    for old, new in zip(agreed["services"], now["services"], strict=True):
        parts = [key for key in sorted({*old, *new}) if old.get(key) != new.get(key)]
        if parts:
            yield f"{new['service']}: {', '.join(parts)} changed"
    if agreed["world"] != now["world"]:
        yield "containers, records or hosts are not as they were"
    elif agreed["waves"] != now["waves"]:
        yield "the steps changed"
