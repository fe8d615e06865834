"""When hooks run: around what a rollout does, and never for what only repairs."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import pytest
from services_world import World, web

from orchestr8.core.errors import Diagnostic, HostFailed
from orchestr8.deploy.model import Dependency
from orchestr8.deploy.target import desire


class Told:
    """Notes the hooks of a world beside what was done to containers by then."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.seen: list[tuple[str, str, int]] = []
        self.fails = ""

    def __call__(self, service: str, phase: str) -> None:
        calls = [c for e in self.world.engines.values() for c in e.calls if c[0] in ("create", "stop")]
        self.seen.append((service, phase, len(calls)))
        if phase == self.fails:
            raise HostFailed(Diagnostic("O8-3209", f"{phase} failed"))

    def bring(self, *specs: Any) -> dict[str, str]:
        rollout = self.world.rollout()
        rollout.conditions = replace(rollout.conditions, hook=self)
        observed = rollout.observe(specs)
        pinned = [rollout.resolved(spec, self.world.names) for spec in specs]
        ended = rollout.carry_out([desire("shop", spec, observed) for spec in pinned], observed)
        return {service: verdict.end for service, verdict in ended.verdicts.items()}


def test_before_the_first_change_and_after_the_end_once() -> None:
    told = Told(World())
    told.bring(web("app:v1", replicas=2))
    assert told.seen == [("web", "pre_deploy", 0), ("web", "post_deploy", 2)]
    told.bring(web("app:v1", replicas=2))
    name, engine = next((n, e) for e in told.world.engines.values() for n in e.replicas)
    engine.stop(name, 0)
    told.bring(web("app:v1", replicas=2))
    assert len(told.seen) == 2


def test_a_service_that_depends_begins_after_the_hook_of_the_other() -> None:
    told = Told(World())
    first = replace(web("app:v1", replicas=1), name="db")
    second = replace(web("app:v1", replicas=1), depends_on=(Dependency("db"),))
    told.bring(second, first)
    assert [(s, p) for s, p, _ in told.seen] == [
        ("db", "pre_deploy"),
        ("db", "post_deploy"),
        ("web", "pre_deploy"),
        ("web", "post_deploy"),
    ]


def test_a_rollback_has_its_own() -> None:
    told = Told(World())
    told.bring(web("app:v1", replicas=1))
    told.seen.clear()
    for engine in told.world.engines.values():
        engine.crashing.add(told.world.registry.tags["app:v2"])
    assert told.bring(web("app:v2", replicas=1)) == {"web": "rolled_back"}
    assert [phase for _, phase, _ in told.seen] == ["pre_deploy", "on_rollback"]


def test_a_failure_before_stops_everything_and_one_after_is_raised_at_the_end() -> None:
    told = Told(World())
    told.fails = "pre_deploy"
    with pytest.raises(HostFailed, match="pre_deploy failed"):
        told.bring(web("app:v1", replicas=1))
    assert not any(engine.replicas for engine in told.world.engines.values())
    told.fails = "post_deploy"
    with pytest.raises(HostFailed, match="post_deploy failed"):
        told.bring(web("app:v1", replicas=1))
    assert sum(len(engine.replicas) for engine in told.world.engines.values()) == 1
    assert told.bring(web("app:v1", replicas=1)) == {"web": "converged"}


class Died(Exception):
    """The controller is gone."""


def test_the_hook_of_a_replica_runs_again_when_nobody_knows_whether_it_did() -> None:
    world = World()
    spec = replace(web("app:v1", replicas=2), hooks=("post_start",))
    seen: list[tuple[str, int]] = []

    def hook(service: str, phase: str, host: str, variables: Mapping[str, Any]) -> None:
        assert variables["o8_host"] == host
        seen.append((f"{service} {phase}", variables["o8_slot"]))

    def bring(at: Callable[[str], None] = lambda _: None) -> None:
        rollout = world.rollout()
        rollout.conditions = replace(rollout.conditions, replica_hook=hook, at=at)
        observed = rollout.observe([spec])
        pinned = rollout.resolved(spec, world.names)
        rollout.carry_out([desire("shop", pinned, observed)], observed)

    def dies(moment: str) -> None:
        if moment == "post_start.before":
            raise Died

    with pytest.raises(Died):
        bring(dies)
    assert seen == []
    bring()
    assert sorted(seen) == [("web post_start", 1), ("web post_start", 2)]
    bring()
    assert len(seen) == 2
