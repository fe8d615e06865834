"""Changes how many replicas of a service run."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from orchestr8.app.fleet import Fleet
from orchestr8.app.request import FleetRequest
from orchestr8.app.services_fleet import Deployed, with_service
from orchestr8.app.targets import standing, wanted
from orchestr8.app.undertaking import Agree, Course, Wish, undertake
from orchestr8.core.errors import Diagnostic, InvalidInput


def scale(
    request: FleetRequest, wish: Wish, service: str, replicas: int, agree: Agree, *, coloured: bool
) -> int:
    """Bring a service to a number of replicas; return the exit code."""

    def courses(fleet: Fleet, found: Sequence[Deployed]) -> Sequence[Course]:
        where = with_service(found, service)
        spec = standing(where, service).spec
        if spec.mode == "global":
            text = f"`{service}` has one replica on every host; its number follows from its hosts"
            raise InvalidInput(Diagnostic("O8-3317", text))
        desired = wanted(fleet, where, replace(spec, replicas=replicas))
        return [Course(where, (desired,), f"Scale `{service}` from {spec.replicas} to {replicas}?")]

    return undertake(request, wish, courses, agree, coloured=coloured)
