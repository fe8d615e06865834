"""A saved plan binds: services do what it says, or nothing."""

from __future__ import annotations

import pytest
from services_world import World, web

from orchestr8.core.errors import PlanStale
from orchestr8.deploy.planner import Plan, plan
from orchestr8.deploy.target import desire
from orchestr8.engine.services.agreement import Agreement


def planned(world: World, tag: str) -> Plan:
    rollout = world.rollout()
    seen = rollout.observe()
    spec = rollout.resolved(web(tag), world.names)
    return plan([desire("shop", spec, seen)], seen)


def test_the_same_plan_is_agreed_on_and_another_is_not() -> None:
    world = World()
    world.bring(web())
    agreed = Agreement.of([planned(world, "app:v2").to_json()])
    agreed.require(planned(world, "app:v2"))
    with pytest.raises(PlanStale) as stale:
        agreed.require(planned(world, "app:v3"))
    assert "image" in stale.value.diagnostics[0].notes[0]


def test_a_world_that_moved_is_noticed() -> None:
    world = World()
    world.bring(web())
    agreed = Agreement.of([planned(world, "app:v2").to_json()])
    world.bring(web(replicas=2))
    with pytest.raises(PlanStale):
        agreed.require(planned(world, "app:v2"))


def test_an_agreement_names_the_exact_images() -> None:
    world = World()
    agreed = Agreement.of([planned(world, "app:v2").to_json()])
    assert agreed.pins == {"app:v2": world.registry.tags["app:v2"]}
