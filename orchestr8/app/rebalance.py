"""Moves replicas to where the placement rules would put them today."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from orchestr8.app.fleet import Fleet
from orchestr8.app.request import FleetRequest
from orchestr8.app.services_fleet import Deployed, services_of, with_service
from orchestr8.app.targets import as_recorded, standing
from orchestr8.app.undertaking import Agree, Course, Wish, undertake
from orchestr8.deploy.model import last_good


def rebalance(
    request: FleetRequest, wish: Wish, services: Sequence[str], agree: Agree, *, coloured: bool
) -> int:
    """Rebalance services, all when none is named; return the exit code."""

    def courses(fleet: Fleet, found: Sequence[Deployed]) -> Sequence[Course]:
        chosen = {name: with_service(found, name) for name in services}
        pairs = chosen.items() or [(name, each) for each in found for name in movable(each)]
        return [_course(fleet, where, name) for name, where in pairs]

    return undertake(request, wish, courses, agree, coloured=coloured)


def movable(found: Deployed) -> list[str]:
    """Return the services of a project that stand somewhere: no jobs, and none that was never good."""
    goods = {name: last_good(found.observed.history(name)) for name in services_of(found)}
    return [name for name, good in goods.items() if good is not None and good.spec.mode != "job"]


def _course(fleet: Fleet, found: Deployed, service: str) -> Course:
    desired = replace(as_recorded(fleet, found, standing(found, service)), rebalance=True)
    return Course(found, (desired,), f"Rebalance `{service}`?")
