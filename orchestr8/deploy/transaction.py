"""Transactions: services that are called good together, or all go back to what they were.

A job of a transaction is called good with the others; when it fails they go back, and when one of them fails
the job counts as not done: what it did stays done, and the next attempt runs it again.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Literal

from orchestr8.deploy.desired import Decision, Desired, Journal, Verdict
from orchestr8.deploy.observed import Observed
from orchestr8.deploy.revision import Revision, last_good
from orchestr8.deploy.rollout import records
from orchestr8.deploy.rollout.begin import begin, seen
from orchestr8.deploy.rollout.view import View

COMMIT = "commit"
"""The fate of a service whose transaction has come to its good end; another text says why it must go back."""

State = Literal["ready", "fallen", "paused", "moving"]
_FALLEN = ("failed", "removed", "rolled_back", "rollback_failed", "infeasible", "unreachable")


def bound(desired: Sequence[Desired]) -> list[Desired]:
    """Return services with the revisions of all that share their transaction; alone there is none."""
    groups: dict[str, dict[str, int]] = {}
    for one in desired:
        if one.spec.transaction:
            groups.setdefault(one.spec.transaction, {})[one.service] = one.revision
    found = ((d, groups.get(d.spec.transaction, {})) for d in desired)
    return [replace(d, together=g) if len(g) > 1 and not d.together else d for d, g in found]


def partners(record: Revision, observed: Observed) -> list[Revision]:
    """Return the records of other services that changed in the transaction of a record and stand as it does.

    A service that has changed alone since then is none of them.
    """
    found = []
    for service, number in sorted(record.together.items()):
        history = observed.history(service)
        newest = last_good(history) if record.outcome == "good" else history[-1] if history else None
        if newest is None or service == record.service or newest.number != number:
            continue
        if newest.together == record.together and newest.outcome == record.outcome:
            found.append(newest)
    return found


def binding(one: Desired) -> bool:
    """Say whether a service waits for others; a way back that somebody asked for never goes forward again."""
    return bool(one.together) and one.rollback_of is None


def decided(one: Desired, observed: Observed) -> bool:
    """Say whether a service of the transaction was called good: then no other goes back any more."""
    return any(
        r.outcome == "good" and r.number == number and r.together == one.together
        for service, number in one.together.items()
        for r in observed.history(service)
    )


def committed(
    desired: Sequence[Desired], observed: Observed, known: Mapping[str, Journal], now: float
) -> dict[str, Journal]:
    """Return the journals, where a service whose record is good by its transaction only repairs drift."""
    found = dict(known)
    for one in desired:
        journal = found[one.service]
        good = any(r.number == one.revision and r.outcome == "good" for r in observed.history(one.service))
        if binding(one) and good and not journal.steady and journal.phase == "rolling":
            found[one.service] = begin(one, observed, now)
    return found


def sealed(one: Desired, observed: Observed, journal: Journal, now: float) -> Decision | None:
    """Return the decision that calls a service good because its transaction was decided already, or None.

    Whatever has happened to its replicas since then is drift, and repaired afterwards.
    """
    history = observed.history(one.service)
    pending = any(r.number == one.revision and r.outcome == "pending" for r in history)
    if not binding(one) or not pending or not decided(one, observed):
        return None
    view = View.of(one, observed, journal, now)
    places = journal.placements if one.spec.mode == "job" else seen(view).placements
    return Decision(
        tuple(records.outcome(view, one.revision, "good", "", places)), Verdict("progressing"), journal
    )


def fates_of(
    desired: Sequence[Desired], observed: Observed, decisions: Mapping[str, Decision]
) -> dict[str, str]:
    """Return what becomes of each bound service by how the others of its transaction stand."""
    found: dict[str, str] = {}
    for one in filter(binding, desired):
        states = {s: _state(s, n, observed, decisions) for s, n in one.together.items()}
        fallen = sorted(s for s, state in states.items() if state == "fallen")
        if decided(one, observed) or all(state == "ready" for state in states.values()):
            found[one.service] = COMMIT
        elif fallen and states[one.service] != "fallen":
            found[one.service] = f"`{fallen[0]}` of the same transaction `{one.spec.transaction}` failed"
    return found


def fated(one: Desired, fates: Mapping[str, str]) -> Desired:
    """Return a service as its fate has it: called off when another one of its transaction fell.

    A job that runs is not stopped in the middle: half of what it does may be worse than all of it.
    """
    fate = fates.get(one.service, "")
    return one if fate in ("", COMMIT) else replace(one, intent=replace(one.intent, abort=fate, spare=True))


def _state(service: str, number: int, observed: Observed, decisions: Mapping[str, Decision]) -> State:
    decision = decisions.get(service)
    if decision is None:
        outcome = next((r.outcome for r in observed.history(service) if r.number == number), "pending")
        return "ready" if outcome == "good" else "fallen" if outcome == "bad" else "moving"
    if decision.journal.phase == "rolling_back" or decision.verdict.end in _FALLEN:
        return "fallen"
    if decision.prepared or decision.journal.steady or decision.verdict.end == "converged":
        return "ready"
    return "paused" if decision.verdict.end == "paused" else "moving"


def halted(desired: Sequence[Desired], decisions: Mapping[str, Decision]) -> Mapping[str, Decision]:
    """Return the decisions, where who is prepared pauses with those that nobody in this run goes on with."""
    found = dict(decisions)
    for one in filter(binding, desired):
        waits = sorted(_waits(one, decisions))
        if waits and decisions[one.service].prepared:
            text = f"waits for {', '.join(f'`{s}`' for s in waits)} of its transaction"
            found[one.service] = replace(decisions[one.service], verdict=Verdict("paused", text))
    return found


def _waits(one: Desired, decisions: Mapping[str, Decision]) -> Iterator[str]:
    """Yield the services of a transaction that are paused, or not in this run; none while another moves."""
    others = {s: decisions.get(s) for s in one.together if s != one.service}
    if any(d is not None and not d.prepared and not d.verdict.final for d in others.values()):
        return
    for service, decision in others.items():
        if decision is None or decision.verdict.end == "paused":
            yield service
