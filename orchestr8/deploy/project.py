"""Several services at once: each is reconciled alone, and waits for those it depends on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from heapq import heappop, heappush

from orchestr8.deploy.crowd import Crowd, beginnings
from orchestr8.deploy.desired import Decision, Desired, Journal, Verdict
from orchestr8.deploy.index import index_of
from orchestr8.deploy.observed import Observed
from orchestr8.deploy.reconcile import reconcile
from orchestr8.deploy.rollout.begin import begin
from orchestr8.deploy.service import Dependency
from orchestr8.deploy.transaction import COMMIT, binding, bound, committed, fated, fates_of, halted, sealed

_UNTOUCHED = ("converged", "infeasible", "unreachable")


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
    left = {d.service: d for d in desired}
    needs = {name: {n.service for n in d.spec.depends_on} & left.keys() for name, d in left.items()}
    users: dict[str, list[str]] = {}
    for name, wanted in needs.items():
        for need in wanted:
            users.setdefault(need, []).append(name)
    free = sorted(name for name, wanted in needs.items() if not wanted)
    ordered: list[Desired] = []
    while free:
        name = heappop(free)
        ordered.append(left.pop(name))
        for user in users.get(name, ()):
            needs[user].discard(name)
            if not needs[user]:
                heappush(free, user)
    if left:
        raise ValueError(f"services depend on each other: {', '.join(sorted(left))}")
    return ordered


def step(
    desired: Sequence[Desired], observed: Observed, journals: Mapping[str, Journal], now: float
) -> Round:
    """Return the decisions of one round; a service that must wait is not begun.

    A service that lacks room waits as long as another one still moves; when nobody does, it ends.
    """
    ordered = in_order(bound(desired))
    waited = {d.service: j for d in ordered if (j := _waited(d, journals.get(d.service), observed, now))}
    fresh = [d for d in ordered if d.service not in waited]
    known = {**beginnings(fresh, observed, now), **waited}
    known = committed(ordered, observed, known, now)
    made = _settled(ordered, observed, known, now, patient=len(ordered) > 1)
    if len(ordered) > 1 and not any(map(_moves, made.decisions.values())):
        made = _settled(ordered, observed, known, now, patient=False)
    return made


def _waited(one: Desired, journal: Journal | None, observed: Observed, now: float) -> Journal | None:
    """Return the journal of a service that is not new: one that had to wait begins now, on its hosts.

    Those were chosen together with the hosts of all others, which may have begun since; it is new when one
    of them is none any more.
    """
    if journal is None or not journal.hindered:
        return journal
    fit = index_of(observed).shapes.of(one.spec, one.candidates).keys
    if not {*journal.assigned.values(), *journal.moves.values()} <= fit.keys():
        return None
    return replace(
        begin(one, observed, now), assigned=journal.assigned, moves=journal.moves, crowded=journal.crowded
    )


def _settled(
    ordered: Sequence[Desired], observed: Observed, known: Mapping[str, Journal], now: float, *, patient: bool
) -> Round:
    """Return the round in which services of a transaction know how the others of it stand."""
    made = _round(ordered, observed, known, now, {}, patient=patient)
    fates = fates_of(ordered, observed, made.decisions)
    if any(fates.values()):
        made = _round([fated(d, fates) for d in ordered], observed, known, now, fates, patient=patient)
    return replace(made, decisions=halted(ordered, made.decisions))


def _round(
    ordered: Sequence[Desired],
    observed: Observed,
    known: Mapping[str, Journal],
    now: float,
    fates: Mapping[str, str],
    *,
    patient: bool,
) -> Round:
    decisions: dict[str, Decision] = {}
    kept: dict[str, Journal] = {}
    crowd = Crowd(index_of(observed).rooms)
    for one in ordered:
        journal = known[one.service]
        waits = binding(one) and fates.get(one.service) != COMMIT
        decision = sealed(one, observed, journal, now) or reconcile(
            one, observed, journal, now, crowd.rooms, patient=patient, bound=waits
        )
        hindrance = _hindrance(one.spec.depends_on, decisions)
        back = decision.journal.phase == "rolling_back"
        if hindrance is None or back or not journal.fresh or decision.verdict.end in _UNTOUCHED:
            decisions[one.service] = decision
            kept[one.service] = decision.journal
            crowd.begin(decision.actions)
        else:
            decisions[one.service] = replace(decision, actions=(), verdict=hindrance, wake_at=None)
            kept[one.service] = replace(journal, hindered=True)
    return Round(decisions, kept)


def _moves(decision: Decision) -> bool:
    """Say whether something is done for a service, or a moment is near at which it is looked at again."""
    journal = decision.journal
    return bool(decision.actions or journal.watch or journal.since is not None)


def _hindrance(needs: Sequence[Dependency], decisions: Mapping[str, Decision]) -> Verdict | None:
    """Return the verdict of a service that cannot begin yet, or never will."""
    for need in needs:
        decision = decisions.get(need.service)
        if decision is None or _satisfied(need, decision):
            continue
        if decision.verdict.final and not need.required:
            continue
        if decision.verdict.final:
            return Verdict("failed", f"`{need.service}`, which it depends on, ended {decision.verdict.end}")
        return Verdict("blocked", f"waits for `{need.service}`")
    return None


def _satisfied(need: Dependency, decision: Decision) -> bool:
    counts = decision.counts
    if need.condition == "service_started" and not decision.verdict.final:
        return counts.updated >= counts.desired > 0
    return decision.prepared or decision.verdict.end == "converged"
