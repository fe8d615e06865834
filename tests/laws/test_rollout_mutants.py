"""Bugs sown on purpose into the rollout: the laws have to find every one of them."""

from __future__ import annotations

import inspect
import random
import textwrap
import types
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import cached_property
from typing import Any

import pytest

from orchestr8.deploy import crowd, revision, target
from orchestr8.deploy.model import (
    Affinity,
    Amount,
    Constraint,
    HostFacts,
    Intent,
    Observed,
    Placement,
    PortBinding,
    Readiness,
    Reservations,
    ServiceSpec,
    Spread,
    Step,
    Update,
    Workload,
)
from orchestr8.deploy.placement import room, spread
from orchestr8.deploy.planner import plan
from orchestr8.deploy.rollout import (
    course,
    failing,
    hold,
    prefetch,
    records,
    retain,
    roads,
    rolling,
    seats,
    shares,
    stepping,
    view,
    watching,
)
from orchestr8.deploy.rollout.view import member_name
from tests.laws.rollout_world import Driver, Fault, UnrulyWorld
from tests.routed import desire, host, percents, routed

MUTANTS: dict[str, tuple[Any, str, str]] = {
    "the floor is not kept": (rolling._dispensable, ">= view.journal.floor", ">= 0"),
    "one too many may live": (view.View.surge, "max_surge.up(self.wanted)", "max_surge.up(self.wanted) + 1"),
    "ready is enough, nobody waits any longer": (view.View.available, "key_of(replica) in", "True or"),
    "the time to stay healthy is nothing": (watching._soaked, " + view.spec.update.min_healthy_time", ""),
    "exclusive slots are shared": (view.View.exclusive, "self.spec.exclusive", "False"),
    "the oldest good revision is restored": (revision.last_good, "max(good", "min(good"),
    "no record is written first": (records.intent, "if any(", "if True or any("),
    "names of failed containers are not freed": (rolling.creation, "and not r.live", "and False"),
    "nothing is cleaned up": (retain.clean_up, "[*_stray_timers(view), *removals, *unpins(view)]", "[]"),
    "images are not fetched ahead": (prefetch.prefetch, "not view.missing and", "True or"),
    "slots wander": (seats.home, "next((h for h in hosts if h is not None), None)", "None"),
    "every run is a new revision": (target.revision_for, "good.digest == spec.digest", "False"),
    "a bad revision is not undone": (failing.react, "_back(view, reason)", 'done(journal, "failed", reason)'),
    "unhealthy deadlines do not count": (watching._look, "view.spec.update.healthy_deadline:\n", "1e9:\n"),
    "nobody waits for approval": (stepping._pass, 'step.kind not in ("pause", "retain")', "True"),
    "old replicas do not stay while the canary is looked at": (
        hold.Hold.keeps,
        "self.slots is not None",
        "False",
    ),
    "a canary need not be looked at": (
        shares.whole,
        "sorted(r.slot for r in view.live if view.available(r))",
        "new",
    ),
    "the way back walks the steps": (
        course.straight,
        'view.journal.phase == "rolling_back" or skips(view)',
        "False",
    ),
    "nobody hears an abort": (failing.abort, "view.journal.steady", "True"),
    "the other step's canary is enough": (stepping.hold_at, "asked[-1].amount.up", "asked[0].amount.up"),
    "nobody drains": (roads._released, "if placed is None and not sight.error:", "if True:"),
    "requests in flight are not waited for": (roads._released, "placed.current > 0", "False"),
    "who leaves is forgotten at once": (roads._others, "in live:", "in ():"),
    "the canary gets all": (shares.to_new, "share(steps, min(view.journal.step, len(steps) - 1))", "100"),
    "edges that lost a member do not get it back": (
        roads._lead,
        "sight.shows(route, members)",
        "sight.route",
    ),
    "services do not see each other's places": (crowd.Crowd.take, "self.rooms[host].take(claim)", "pass"),
    "taken ports are not seen": (room.Room.lacks, "if any(_clash", "if False and any(_clash"),
    "a required spread is not kept": (spread.SpreadCounts.breaches, "> spread.max_skew", "> 99"),
}


def _function(thing: Any) -> types.FunctionType:
    if isinstance(thing, property):
        thing = thing.fget
    return thing.func if isinstance(thing, cached_property) else thing


@contextmanager
def sown(thing: Any, old: str, new: str) -> Iterator[None]:
    """Change a function in place for a while."""
    function = _function(thing)
    source = textwrap.dedent(inspect.getsource(function))
    assert old in source, f"the mutant no longer fits {function.__name__}"
    scope: dict[str, Any] = {}
    body = source[source.index("def ") :].replace(old, new)
    exec(
        compile(f"from __future__ import annotations\n{body}", "mutant", "exec"), function.__globals__, scope
    )
    before = function.__code__
    function.__code__ = scope[function.__name__].__code__
    try:
        yield
    finally:
        function.__code__ = before


def some_spec(chance: random.Random) -> ServiceSpec:
    exclusive = chance.random() < 0.3
    surge = Amount(1) if exclusive else Amount(chance.choice([0, 1, 2]))
    update = Update(
        max_surge=surge,
        max_unavailable=Amount(1) if exclusive or not surge.count else Amount(chance.choice([0, 1])),
        min_healthy_time=chance.choice([0.0, 3.0]),
        healthy_deadline=12.0,
        progress_deadline=40.0,
        max_failures=chance.choice([0, 1]),
    )
    ports = (PortBinding(80, host_port=80),) if exclusive else ()
    work = Workload("app", pinned="app@1-good", ports=ports)
    replicas, ready = chance.randint(2, 4), Readiness("http", port=80)
    spec = ServiceSpec("web", work, replicas=replicas, readiness=ready, update=update)
    return routed(spec) if chance.random() < 0.5 else spec


def version(spec: ServiceSpec, number: int, kind: str = "good") -> ServiceSpec:
    return replace(spec, workload=replace(spec.workload, pinned=f"app@{number}-{kind}"))


def laws(seed: int) -> None:
    """Go through the life of a service and assert what must hold at each station."""
    chance = random.Random(seed)
    spec = some_spec(chance)
    world = UnrulyWorld([host(n) for n in range(1, 6)])
    drive(world, spec, "converged")
    places = {r.slot: r.host for r in world.live("web")}
    second = drive(world, version(spec, 2), "converged", (Fault(chance.randint(1, 12), "crash"),), seed)
    assert places == {r.slot: r.host for r in world.live("web")}, "slots moved"
    kinds = [a.kind for a in plan_actions(world, version(spec, 3))]
    assert "pull" not in kinds[kinds.index("create") :], "an image was fetched late"
    bad(world, version(spec, 3, "late" if spec.update.min_healthy_time else "crash"))
    bad(world, version(spec, 4, "deaf"))
    at(world, version(spec, 2))
    drive(world, version(spec, 2), "converged", (Fault(0, "sicken", seed),))
    assert second.world is world
    stopped = [r for r in world.replicas.values() if not r.live]
    assert len(stopped) <= spec.replicas + 1, "old containers pile up"


def steps(seed: int) -> None:
    """Go through a canary: pause, death, promotion, a second one called off; requests follow."""
    chance = random.Random(seed)
    half = Step("scale", Amount(50, percent=True))
    stations = (Step("scale", Amount(1)), Step("weight", weight=10), Step("pause"), half, Step("pause"))
    update = Update(strategy="canary", steps=stations, min_healthy_time=1.0, healthy_deadline=9.0)
    spec = replace(some_spec(chance), update=update, replicas=4, ingress=None)
    spec = routed(replace(spec, workload=replace(spec.workload, ports=())))
    world = UnrulyWorld([host(n) for n in range(1, 5)])
    drive(world, spec, "converged")
    new = version(spec, 2)
    drive(world, new, "paused", (Fault(chance.randint(1, 9), "crash"),), seed)
    assert numbers(world) == {1: 4, 2: 1}, "a canary is one"
    assert percents(world) == {1: 90, 2: 10}
    canary = next(r for r in world.live("web") if r.revision == 2)
    world.replicas[canary.host, canary.name] = replace(canary, state="exited", exit_code=1, ready=None)
    drive(world, new, "paused", intent=Intent(promote=2))
    assert numbers(world) == {1: 4, 2: 2}, "half of them are new"
    assert all(world.healthy(r) for r in world.live("web")), "what is promoted was looked at"
    drive(world, new, "converged", intent=Intent(promote=4))
    assert percents(world) == {2: 100}
    drive(world, version(spec, 3), "paused")
    driver = drive(world, version(spec, 3), "rolled_back", intent=Intent(abort="no"))
    assert [a.kind for a in driver.touched[:2]] == ["set_weight"] * 2, "requests leave first"
    assert numbers(world) == {2: 4}
    drive(world, version(spec, 4, "deaf"), "rolled_back")


def together(seed: int) -> None:
    """Place several services at once, with ports of their own host and a spread that is a rule."""
    chance = random.Random(seed)
    hosts = [HostFacts(f"h{n}", {"zone": "ab"[n % 2]}, memory=4 << 30) for n in range(4)]
    likes = (Affinity(Constraint("node.labels.zone", "==", ("a",))),)
    wish = Placement(affinities=likes)
    odd = Placement(spreads=(Spread("node.labels.zone", required=True),), affinities=likes)
    port = (PortBinding(80, host_port=chance.choice([80, 443])),)
    stop_first = Update(max_surge=Amount(0), max_unavailable=Amount(1), min_healthy_time=0.0)
    specs = [
        ServiceSpec("even", Workload("e", pinned="e@1"), replicas=6, placement=odd),
        *(
            ServiceSpec(n, Workload(n, pinned=f"{n}@1", ports=port), "replicated", 2, wish, update=stop_first)
            for n in ("one", "two")
        ),
        *(
            ServiceSpec(n, Workload(n, pinned=f"{n}@1"), reservations=Reservations(memory=3 << 30))
            for n in ("big", "fat")
        ),
    ]
    seen = Observed(tuple(hosts))
    made = plan([desire("p", s, seen) for s in specs], seen)
    assert not made.infeasible, made.infeasible[0].verdict
    end = made.trace.final
    zone = Counter(hosts[int(r.host[1:])].labels["zone"] for r in end.of("even"))
    assert max(zone.values()) - min(zone.values()) <= 1, zone
    taken = [(r.host, p) for r in end.replicas if r.live for p in r.claim.ports]
    assert len(taken) == len(set(taken)) == 4
    assert len({r.host for n in ("big", "fat") for r in end.of(n)}) == 2


def numbers(world: UnrulyWorld) -> Counter[int]:
    return Counter(r.revision for r in world.live("web"))


def bad(world: UnrulyWorld, spec: ServiceSpec) -> None:
    """Roll a bad revision out: it goes back in time, and a budget without gaps is not touched."""
    began, old = world.now, {r.name for r in world.live("web")}
    driver = drive(world, spec, "rolled_back")
    if not spec.update.max_failures:
        assert world.now - began < 35, "the failure was noticed too late"
    if not spec.update.max_unavailable.count:
        assert not [a for a in driver.touched if a.kind == "stop" and a.name in old], (
            "good replicas were stopped"
        )


def drive(
    world: UnrulyWorld,
    spec: ServiceSpec,
    end: str,
    faults: tuple[Fault, ...] = (),
    seed: int = 0,
    intent: Intent = Intent(),  # noqa: B008 – it never changes
) -> Driver:
    driver = Driver(world, spec, faults, seed, intent=intent, was_live=len(world.live("web")))
    verdict = driver.run(200).decisions["web"].verdict
    assert verdict.end == end, verdict
    if end == "converged":
        at(world, spec)
        assert plan([desire("p", spec, world.observe())], world.observe()).empty, "a second plan is not empty"
    return driver


def at(world: UnrulyWorld, spec: ServiceSpec) -> None:
    assert [r.spec_hash for r in world.live("web")] == [spec.workload.spec_hash] * spec.replicas
    assert all(world.healthy(r) for r in world.live("web"))
    live = {member_name(r) for r in world.live("web")}
    for sight in world.edges.get("web", {}).values():
        assert {p.member.name for p in sight.members if p.member.share} == live
        assert len(sight.members) == len(live), "who is gone is still known"


def plan_actions(world: UnrulyWorld, spec: ServiceSpec) -> list[Any]:
    made = plan([desire("p", spec, world.observe())], world.observe())
    return [a for wave in made.trace.waves for a in wave]


def everything(seed: int) -> None:
    laws(seed)
    steps(seed)
    together(seed)


def test_the_laws_hold_without_bugs() -> None:
    for seed in range(25):
        everything(seed)


@pytest.mark.parametrize("name", MUTANTS)
def test_the_laws_find_the_bug(name: str) -> None:
    thing, old, new = MUTANTS[name]
    with sown(thing, old, new):
        assert _found(everything), f"nobody noticed that {name}"


def _found(check: Callable[[int], None]) -> bool:
    for seed in range(25):
        try:
            check(seed)
        except (AssertionError, KeyError, IndexError, ValueError):
            return True
    return False
