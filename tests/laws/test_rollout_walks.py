"""Ten thousand rollouts through faults: each a walk of its own from a seed, all laws checked at every action.

`O8_LAW_WALKS` asks for another number; a walk that fails is told by its seed.
"""

from __future__ import annotations

import os
import random
from dataclasses import replace
from functools import cache

import pytest

from orchestr8.deploy.model import (
    Amount,
    HostFacts,
    Intent,
    Placement,
    PortBinding,
    Readiness,
    ServiceSpec,
    Spread,
    Step,
    Update,
    Workload,
)
from orchestr8.deploy.target import waiting_step
from tests.laws.rollout_world import Driver, Fault, UnrulyWorld
from tests.routed import routed

WALKS = int(os.environ.get("O8_LAW_WALKS", "10000"))
CHUNKS = 20
KINDS = ("crash", "crash", "kill", "remove", "sicken", "pause", "lost", "refused")
BEGINNINGS = 80
HALF = (
    Step("scale", Amount(1)),
    Step("weight", weight=20),
    Step("pause"),
    Step("scale", Amount(50, percent=True)),
)
GOOD_ENDS = ("converged", "rolled_back")
BAD_ENDS = ("rollback_failed", "failed")


@cache
def beginning(number: int) -> tuple[ServiceSpec, UnrulyWorld]:
    """Return a service that has converged on its first version."""
    chance = random.Random(number)
    strategy = chance.choice(["rolling", "rolling", "recreate", "canary", "canary", "blue_green"])
    exclusive = strategy != "blue_green" and chance.random() < 0.2
    behind = not exclusive and strategy in ("canary", "blue_green") and chance.random() < 0.5
    update = Update(
        strategy=strategy,  # type: ignore[arg-type]
        steps=HALF if behind and strategy == "canary" else (),
        max_surge=Amount(0) if exclusive else Amount(chance.choice([1, 1, 2])),
        max_unavailable=Amount(1) if exclusive else Amount(chance.choice([0, 1])),
        min_healthy_time=chance.choice([0.0, 3.0]),
        healthy_deadline=9.0,
        progress_deadline=30.0,
        max_failures=chance.choice([0, 0, 1]),
    )
    ports = (PortBinding(80, host_port=80),) if exclusive else ()
    spec = ServiceSpec(
        "web",
        Workload("app", pinned="app@1-good", ports=ports),
        replicas=chance.randint(1, 3),
        placement=Placement(spreads=chance.choice([(), (Spread("node.labels.zone"),)])),
        readiness=Readiness("http", port=80),
        update=update,
    )
    facts = [HostFacts(f"h{n}", {"zone": "ab"[n % 2]}, address=f"10.0.0.{n}") for n in range(1, 5)]
    world = UnrulyWorld(facts)
    if behind or chance.random() < 0.3:
        spec = routed(spec)
    assert Driver(world, spec).run().decisions["web"].verdict.end == "converged"
    return spec, world


def walk(seed: int) -> None:
    """Roll a second version out through faults, and assert what must hold at the end."""
    chance = random.Random(seed)
    old, settled = beginning(seed % BEGINNINGS)
    world = settled.copy()
    kind = chance.choice(["good", "good", "good", "crash", "late", "deaf"])
    new = replace(old, workload=replace(old.workload, pinned=f"app@2-{kind}"))
    number = chance.choice([0, 1, 1, 2, 3])
    faults = tuple(
        Fault(chance.randrange(12), chance.choice(KINDS), chance.randrange(9)) for _ in range(number)
    )
    end = through(world, new, faults, seed)
    if faults and end not in GOOD_ENDS:
        assert end in BAD_ENDS, end
        return
    assert end == "converged" if kind == "good" and not faults else end in GOOD_ENDS, end
    if kind == "late" and not old.update.min_healthy_time:
        return
    at = new if end == "converged" else old
    if not faults:
        hashes = [r.spec_hash for r in world.live("web")]
        assert hashes == [at.workload.spec_hash] * at.replicas, hashes
    slots = [r.slot for r in world.live("web")]
    assert len(slots) == len(set(slots)), "two live in one slot"


def through(world: UnrulyWorld, spec: ServiceSpec, faults: tuple[Fault, ...], seed: int) -> str:
    """Drive a rollout to its end; whoever has to approve does so after a while, from another controller."""
    intent = Intent()
    for _ in range(4):
        driver = Driver(world, spec, faults, seed, intent=intent, was_live=len(world.live("web")), pace=2)
        verdict = driver.run(150).decisions["web"].verdict
        if verdict.end != "paused":
            return verdict.end
        intent, faults = Intent(promote=waiting_step("web", world.observe())), ()
    raise AssertionError("paused again and again")


@pytest.mark.parametrize("chunk", range(CHUNKS))
def test_every_walk_keeps_the_laws(chunk: int) -> None:
    for seed in range(chunk, WALKS, CHUNKS):
        try:
            walk(seed)
        except AssertionError as broken:
            raise AssertionError(f"walk {seed}: {broken}") from broken
