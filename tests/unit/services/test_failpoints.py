"""A controller is killed before and after every intent and effect: who comes next brings it to its end."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from locked_world import Fuse, LockedWorld
from services_world import Killed, web

from orchestr8.core.errors import LockHeld
from orchestr8.deploy.model import Amount, Update, tampered
from orchestr8.deploy.target import desire
from tests.scenarios import MOMENTS

Command = Callable[[LockedWorld], object]


def update(strategy: str, **more: object) -> Update:
    return Update(strategy=strategy, min_healthy_time=1.0, healthy_deadline=30.0, **more)  # type: ignore[arg-type]


def to(version: int, strategy: str = "rolling", **more: object) -> Command:
    return lambda world: world.bring(web(f"app:v{version}", update=update(strategy, **more)))


def crashing(world: LockedWorld) -> None:
    for engine in world.engines.values():
        engine.crashing.add(world.registry.tags["app:v2"])


def promote(world: LockedWorld) -> object:
    return world.go_on(full=True)


def abort(world: LockedWorld) -> object:
    return world.go_on(abort="not this one")


TWO_AT_ONCE = {"max_surge": Amount(0), "max_unavailable": Amount(2)}
STORIES: dict[str, tuple[list[Command], list[Command], int]] = {
    "first": ([], [to(1)], 1),
    "rolling": ([to(1)], [to(2)], 2),
    "rolling without surge": ([to(1)], [to(2, **TWO_AT_ONCE)], 2),
    "recreate": ([to(1)], [to(2, "recreate")], 2),
    "canary": ([to(1)], [to(2, "canary"), promote], 2),
    "canary that is aborted": ([to(1)], [to(2, "canary"), abort], 1),
    "blue_green": ([to(1)], [to(2, "blue_green")], 2),
    "rollback": ([to(1), to(2)], [lambda world: world.back(to=1)], 1),
    "rollback of a bad version": ([to(1), crashing], [to(2)], 1),
    "scale": ([lambda world: world.bring(web(replicas=1))], [to(1)], 1),
}
"""What came before, what is done and killed, and which version runs in the end."""


def staged(before: list[Command], at: int = 0) -> LockedWorld:
    world = LockedWorld()
    for command in before:
        command(world)
    world.forget_calls()
    world.fuse = Fuse(at)
    return world


def carried_out(world: LockedWorld, commands: list[Command]) -> bool:
    """Carry commands out; whoever dies is followed by another who begins the same command again."""
    died = False
    for command in commands:
        try:
            command(world)
        except Killed:
            died, world.fuse = True, Fuse()
            command(world)
    return died


def check(world: LockedWorld, version: int, where: str) -> None:
    """Say that nothing is doubled, nothing lost, and nothing left to do."""
    live = world.live()
    assert [slot for slot, _, _ in live] == [1, 2, 3], where
    images = {world.engines[r.host]._references[r.name] for r in world.seen().replicas if r.live}
    assert images == {world.registry.tags[f"app:v{version}"]}, where
    stopped = [r for e in world.engines.values() for r in e.replicas.values() if not r.live]
    assert not [r for r in stopped if r.state == "created"], where
    history = world.seen().history("web")
    assert [r.number for r in history] == list(range(1, len(history) + 1)), where
    assert tampered(history) is None, where
    assert "pending" not in {r.outcome for r in history}, where
    kept = [tuple(sorted(r.kept)) for r in world.records.values() if r.kept]
    assert len(set(kept)) == 1, where
    assert world.free(), where


@pytest.mark.parametrize("story", STORIES)
def test_a_controller_killed_at_any_moment_is_followed_by_one_that_converges(story: str) -> None:
    before, commands, version = STORIES[story]
    whole = staged(before)
    assert not carried_out(whole, commands)
    moments = whole.fuse.seen
    check(whole, version, "nobody died")
    for number, moment in enumerate(moments, 1):
        world = staged(before, number)
        where = f"{story}: killed at {number} of {len(moments)}, {moment}"
        assert carried_out(world, commands), where
        check(world, version, where)
    world.forget_calls()
    to(version)(world)
    assert world.changes() == []
    told = (
        f"tests/scenarios.py: {story!r} has {len(moments)} moments now; run `python -m tests.scenarios` then"
    )
    assert MOMENTS.get(story) == len(moments), told


def test_an_unfinished_rollback_is_gone_on_with_by_asking_again() -> None:
    before, _, _ = STORIES["rollback"]
    whole = staged(before)
    whole.back()
    moments = [n for n, name in enumerate(whole.fuse.seen, 1) if name.startswith(("create", "start", "stop"))]
    for number in moments:
        world = staged(before, number)
        assert carried_out(world, [lambda world: world.back()])
        check(world, 1, f"killed at {number}")


def test_whoever_waits_for_a_dead_controller_gets_its_lease_when_it_runs_out() -> None:
    world = staged([to(1)], 20)
    began = world.clock.monotonic()
    with pytest.raises(Killed):
        to(2)(world)
    world.fuse = Fuse()
    world.impatient()
    with pytest.raises(LockHeld, match="me@here, who has been changing `shop`") as caught:
        to(2)(world)
    assert caught.value.exit_code == 30
    assert "--lock-wait" in str(caught.value)
    world.clock.sleep(60 - (world.clock.monotonic() - began) + 1)
    to(2)(world)
    check(world, 2, "after the lease ran out")


def test_a_controller_that_slept_past_its_lease_changes_nothing_any_more() -> None:
    for number in range(3, 46, 3):
        world = staged([to(1)])
        world.fuse = Sleeper(world, number)
        with pytest.raises(LockHeld):
            to(2)(world)
        assert world.changes() == [], number
        check(world, 3, f"asleep at {number}")


def test_a_hook_runs_as_the_holder_of_the_lease_however_long_it_takes() -> None:
    world = staged([to(1)])
    world.impatient()
    met: list[int] = []

    def hook(service: str, phase: str) -> None:
        world.clock.sleep(300)
        with pytest.raises(LockHeld):
            LockedWorld.bring(world, web("app:v3"))
        met.append(world.locks["h1"].holder is not None)

    rollout = world.rollout()
    rollout.conditions = replace(rollout.conditions, hook=hook)
    observed = rollout.observe()
    spec = rollout.resolved(web("app:v2"), world.names)
    ended = rollout.carry_out([desire("shop", spec, observed, candidates=frozenset(world.names))], observed)
    assert ended.verdicts["web"].end == "converged"
    assert met == [True, True]
    check(world, 2, "after the hooks")


class Sleeper(Fuse):
    """Stops a controller at the nth moment until another one has taken over and done its work."""

    def __init__(self, world: LockedWorld, at: int) -> None:
        super().__init__()
        self.world, self.at = world, at

    def __call__(self, moment: str) -> None:
        super().__call__(moment)
        if len(self.seen) == self.at:
            world = self.world
            world.clock.sleep(61)
            world.fuse = Fuse()
            to(3)(world)
            world.forget_calls()
