"""Brings a service back to an earlier revision, from nothing but what its hosts keep."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from orchestr8.app.fleet import Fleet
from orchestr8.app.request import FleetRequest
from orchestr8.app.services_fleet import Deployed, with_service
from orchestr8.app.targets import candidates, now, require_intact
from orchestr8.app.undertaking import Agree, Course, Wish, undertake
from orchestr8.core.errors import Diagnostic, InvalidInput
from orchestr8.deploy.model import Desired
from orchestr8.deploy.target import go_back


def roll_back(
    request: FleetRequest, wish: Wish, service: str, to: int | None, agree: Agree, *, coloured: bool
) -> int:
    """Roll back to revision `to`, or to the good one before; return the exit code."""

    def courses(fleet: Fleet, found: Sequence[Deployed]) -> Sequence[Course]:
        where = with_service(found, service)
        _require_undoable(where, service)
        desired = _target(fleet, where, service, to)
        goal = desired.revision if desired.rollback_of is None else desired.rollback_of
        return [Course(where, (desired,), f"Roll `{service}` back to revision {goal}?")]

    return undertake(request, wish, courses, agree, coloured=coloured)


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
