"""Replaces the containers of a service by new ones of the same kind, as its update policy says."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from orchestr8.app.fleet import Fleet
from orchestr8.app.request import FleetRequest
from orchestr8.app.services_fleet import Deployed, with_service
from orchestr8.app.targets import standing, wanted
from orchestr8.app.undertaking import Agree, Course, Wish, undertake


def restart(request: FleetRequest, wish: Wish, service: str, agree: Agree, *, coloured: bool) -> int:
    """Restart a service in a rolling way; return the exit code."""

    def courses(fleet: Fleet, found: Sequence[Deployed]) -> Sequence[Course]:
        where = with_service(found, service)
        spec = standing(where, service).spec
        work = replace(spec.workload, generation=spec.workload.generation + 1)
        desired = wanted(fleet, where, replace(spec, workload=work))
        return [Course(where, (desired,), f"Restart every replica of `{service}`?")]

    return undertake(request, wish, courses, agree, coloured=coloured)
