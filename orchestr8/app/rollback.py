"""Brings a service back to an earlier revision, from nothing but what its hosts keep."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from orchestr8.app.fleet import Fleet
from orchestr8.app.request import FleetRequest
from orchestr8.app.services_fleet import Deployed, with_service
from orchestr8.app.targets import candidates, now, require_intact
from orchestr8.app.undertaking import Agree, Course, Wish, undertake
from orchestr8.core.errors import Diagnostic, InvalidInput
from orchestr8.core.event import Warned
from orchestr8.deploy.model import Desired, last_good
from orchestr8.deploy.target import go_back
from orchestr8.deploy.transaction import partners


def roll_back(
    request: FleetRequest,
    wish: Wish,
    service: str,
    to: int | None,
    agree: Agree,
    *,
    alone: bool = False,
    coloured: bool,
) -> int:
    """Roll back to revision `to`, or to the good one before; return the exit code.

    Services that changed in one transaction with what is left go back with it, unless it is to go `alone`;
    what jobs did stays done.
    """

    def courses(fleet: Fleet, found: Sequence[Deployed]) -> Sequence[Course]:
        where = with_service(found, service)
        _require_undoable(where, service)
        own = _target(fleet, where, service, to)
        others = () if alone else tuple(_with_it(fleet, where, service, to))
        goals = " and ".join(f"`{d.service}` back to revision {_goal(d)}" for d in (own, *others))
        return [Course(where, (own, *others), f"Roll {goals}?")]

    return undertake(request, wish, courses, agree, coloured=coloured)


def _goal(desired: Desired) -> int:
    return desired.revision if desired.rollback_of is None else desired.rollback_of


def _with_it(fleet: Fleet, found: Deployed, service: str, to: int | None) -> Iterator[Desired]:
    """Yield the targets of services that changed in the transaction of the revision that is left."""
    history = found.observed.history(service)
    newest = history[-1] if history[-1].outcome == "pending" else last_good(history)
    goal = next((r.together for r in history if r.number == to), {})
    for record in partners(newest, found.observed) if newest is not None else ():
        if record.spec.mode != "job" and (to is None or record.service in goal):
            try:
                yield _target(fleet, found, record.service, goal.get(record.service))
            except InvalidInput as error:
                text = f"`{record.service}` stays as it is: {error.message}"
                warning = Diagnostic("O8-3314", text, severity="warning")
                found.rollout.conditions.sink.emit(Warned(warning))


def _require_undoable(found: Deployed, service: str) -> None:
    """Raise InvalidInput for a job: what it has done is not undone by running an older one."""
    history = found.observed.history(service)
    if history and history[-1].spec.mode == "job":
        hint = f"`o8 restart {service}` runs it again; an older one runs by its playbook"
        raise InvalidInput(Diagnostic("O8-3323", f"`{service}` is a job: what it did stays done", hint=hint))


def _target(fleet: Fleet, found: Deployed, service: str, to: int | None) -> Desired:
    """Return the revision to go back to; raise InvalidInput when there is none or the records are broken."""
    require_intact(found, service)
    given = found.rollout.conditions
    try:
        desired = go_back(
            found.project,
            service,
            found.observed,
            to=to,
            run=given.run,
            by=given.by,
            created=now(found),
        )
    except LookupError as error:
        known = ", ".join(f"{r.number} ({r.outcome})" for r in found.observed.history(service))
        raise InvalidInput(Diagnostic("O8-3314", str(error), hint=f"there are {known}")) from None
    return replace(desired, candidates=candidates(fleet, desired.spec))
