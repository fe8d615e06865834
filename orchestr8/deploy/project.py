"""Several services at once: each is reconciled alone, and waits for those it depends on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from orchestr8.deploy.desired import Decision, Desired, Journal, Verdict
from orchestr8.deploy.observed import Observed
from orchestr8.deploy.reconcile import reconcile
from orchestr8.deploy.service import Dependency


@dataclass(frozen=True, slots=True)
class Round:
    """What to do now for every service, in the order of their dependencies."""

    decisions: Mapping[str, Decision] = field(default_factory=dict)
    journals: Mapping[str, Journal] = field(default_factory=dict)

    @property
    def final(self) -> bool:
        """Whether every service has come to its end."""
        return all(d.verdict.final for d in self.decisions.values())

    @property
    def wake_at(self) -> float | None:
        """When to look again at the latest."""
        times = [d.wake_at for d in self.decisions.values() if d.wake_at is not None]
        return min(times, default=None)


def in_order(desired: Sequence[Desired]) -> list[Desired]:
    """Return services with those first that others depend on, else by name; raises ValueError on a cycle."""
    left = {d.service: d for d in sorted(desired, key=lambda d: d.service)}
    ordered: list[Desired] = []
    while left:
        free = [d for d in left.values() if not any(dep.service in left for dep in d.spec.depends_on)]
        if not free:
            raise ValueError(f"services depend on each other: {', '.join(left)}")
        ordered.append(free[0])
        del left[free[0].service]
    return ordered


def step(
    desired: Sequence[Desired], observed: Observed, journals: Mapping[str, Journal], now: float
) -> Round:
    """Return the decisions of one round; a service that must wait is not begun."""
    decisions: dict[str, Decision] = {}
    kept: dict[str, Journal] = {}
    for one in in_order(desired):
        decision = reconcile(one, observed, journals.get(one.service), now)
        hindrance = _hindrance(one.spec.depends_on, decisions)
        begun = one.service in journals and not journals[one.service].fresh
        if hindrance is None or begun or decision.verdict.end in ("converged", "infeasible", "unreachable"):
            decisions[one.service] = decision
            kept[one.service] = decision.journal
        else:
            decisions[one.service] = replace(decision, actions=(), verdict=hindrance, wake_at=None)
    return Round(decisions, kept)


def _hindrance(needs: Sequence[Dependency], decisions: Mapping[str, Decision]) -> Verdict | None:
    """Return the verdict of a service that cannot begin yet, or never will."""
    for need in needs:
        decision = decisions.get(need.service)
        if decision is None or _satisfied(need, decision):
            continue
        if decision.verdict.final:
            return Verdict("failed", f"`{need.service}`, which it depends on, ended {decision.verdict.end}")
        return Verdict("blocked", f"waits for `{need.service}`")
    return None


def _satisfied(need: Dependency, decision: Decision) -> bool:
    counts = decision.counts
    if need.condition == "service_started" and not decision.verdict.final:
        return counts.updated >= counts.desired > 0
    return decision.verdict.end == "converged"
