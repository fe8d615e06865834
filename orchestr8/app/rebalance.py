"""Moves replicas to where the placement rules would put them today."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from orchestr8.app.fleet import Fleet
from orchestr8.app.request import FleetRequest
from orchestr8.app.services_fleet import Deployed, services_of, with_service
from orchestr8.app.targets import as_recorded, standing
from orchestr8.app.undertaking import Agree, Course, Wish, undertake


def rebalance(
    request: FleetRequest, wish: Wish, services: Sequence[str], agree: Agree, *, coloured: bool
) -> int:
    """Rebalance services, all when none is named; return the exit code."""

    def courses(fleet: Fleet, found: Sequence[Deployed]) -> Sequence[Course]:
        chosen = {name: with_service(found, name) for name in services}
        pairs = chosen.items() or [(name, each) for each in found for name in services_of(each)]
        return [_course(fleet, where, name) for name, where in pairs]

    return undertake(request, wish, courses, agree, coloured=coloured)


def _course(fleet: Fleet, found: Deployed, service: str) -> Course:
    desired = replace(as_recorded(fleet, found, standing(found, service)), rebalance=True)
    return Course(found, (desired,), f"Rebalance `{service}`?")
