"""Laws of a rollout in a world where containers die, answers get lost and the controller is killed."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from orchestr8.deploy.action import ROADWORK
from orchestr8.deploy.gate.check import Check
from orchestr8.deploy.model import (
    Action,
    Amount,
    HostFacts,
    Intent,
    Limits,
    Observed,
    Placement,
    PortBinding,
    Readiness,
    ServiceSpec,
    Spread,
    Step,
    Update,
    Workload,
)
from orchestr8.deploy.plan_text import render
from orchestr8.deploy.planner import mutations, plan
from orchestr8.deploy.rollout.view import member_name
from orchestr8.deploy.target import go_back, waiting_step
from tests.laws.rollout_world import BAD, Driver, Fault, UnrulyWorld, good_spec, running
from tests.routed import desire, led, percents, routed

EXAMPLES = int(os.environ.get("O8_LAW_EXAMPLES", "40"))
LAW = settings(
    max_examples=EXAMPLES,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    phases=[p for p in Phase if p is not Phase.explain],
    derandomize="O8_LAW_EXAMPLES" not in os.environ,
    print_blob=False,
)


def hosts(number: int) -> tuple[HostFacts, ...]:
    return tuple(
        HostFacts(f"h{n}", {"zone": "ab"[n % 2]}, cpus=4, memory=8 * 2**30, address=f"10.0.0.{n}")
        for n in range(1, number + 1)
    )


def image(version: int, kind: str = "good") -> str:
    return f"app@{version}-{kind}"


def step(kind: Any, number: int = 0) -> Step:
    if kind == "weight":
        return Step("weight", weight=number)
    if kind == "scale":
        return Step("scale", Amount(number, percent=number > 4))
    return Step("pause", seconds=number or None) if kind == "pause" else Step("check")


GATE = Step("check", checks=(Check("exec", command=("true",)),))
STEPS = st.sampled_from(
    [
        (),
        (),
        (step("scale", 1), step("pause", 2), step("scale", 50), step("pause"), step("scale", 100)),
        (step("scale", 2), step("check")),
        (step("scale", 1), step("weight", 10), step("pause"), step("weight", 60), step("scale", 100)),
        (step("scale", 100), step("weight", 0), step("check"), step("weight", 100)),
        (step("pause"), step("scale", 50), step("pause", 3)),
        (step("scale", 1), GATE, step("pause"), Step("run", name="tasks"), step("scale", 50), GATE),
    ]
)


@st.composite
def specs(draw: st.DrawFn, most: int = 4) -> ServiceSpec:
    replicas = draw(st.integers(1, most))
    exclusive = draw(st.sampled_from([False, False, False, True]))
    surge = draw(st.sampled_from([Amount(0), Amount(1), Amount(2), Amount(25, True), Amount(100, True)]))
    gone = draw(st.sampled_from([Amount(0), Amount(1), Amount(2), Amount(50, True)]))
    if exclusive or not (surge.count or gone.count):
        surge, gone = (Amount(0) if exclusive else surge), Amount(1)
    ways = ["rolling", "rolling", "recreate", "canary", "canary"] + ["blue_green"] * (1 - exclusive)
    strategy = draw(st.sampled_from(ways))
    update = Update(
        strategy=strategy,
        steps=draw(STEPS) if strategy in ("canary", "blue_green") else (),
        retain_running=draw(st.sampled_from([0.0, 3.0])) if strategy == "blue_green" else 0.0,
        max_surge=surge,
        max_unavailable=gone,
        min_healthy_time=draw(st.sampled_from([0.0, 2.0, 4.0])),
        healthy_deadline=12.0,
        progress_deadline=40.0,
        max_failures=draw(st.sampled_from([0, 0, 1])),
    )
    if exclusive and any(s.kind == "weight" for s in update.steps):
        update = replace(update, steps=())
    ports = (PortBinding(80, host_port=8080),) if exclusive else ()
    placement = Placement(
        spreads=draw(st.sampled_from([(), (Spread("node.labels.zone"),)])),
        max_per_host=draw(st.sampled_from([0, 0, 2])),
    )
    work = Workload("app", pinned=image(1), ports=ports)
    spec = ServiceSpec(
        "web", work, "replicated", replicas, placement, readiness=Readiness("http", port=80), update=update
    )
    weighted = strategy == "blue_green" or any(s.kind == "weight" for s in update.steps)
    return routed(spec) if weighted or draw(st.booleans()) else spec


FAULTS = st.lists(
    st.builds(
        Fault,
        st.integers(0, 40),
        st.sampled_from(["crash", "crash", "kill", "remove", "sicken", "pause", "lost", "refused", "edge"]),
        st.integers(0, 9),
    ),
    max_size=4,
).map(tuple)


def version(spec: ServiceSpec, number: int, kind: str = "good") -> ServiceSpec:
    return replace(spec, workload=replace(spec.workload, pinned=image(number, kind)))


def shares(spec: ServiceSpec) -> bool:
    return any(s.kind == "weight" for s in spec.update.steps)


def settled(spec: ServiceSpec) -> UnrulyWorld:
    world = UnrulyWorld(hosts(max(4, spec.replicas)))
    end = Driver(world, spec).run()
    assert end.decisions["web"].verdict.end == "converged", end.decisions["web"]
    return world


def drive(world: UnrulyWorld, spec: ServiceSpec, faults: tuple[Fault, ...] = (), seed: int = 0) -> str:
    """Roll out, with a person who approves of every step, each time from a new controller."""
    driver = Driver(world, spec, faults, seed, was_live=len(world.live("web")))
    end = driver.run().decisions["web"].verdict
    for _ in range(9):
        if end.end != "paused":
            break
        assert "approval" in end.reason, end
        intent = Intent(promote=waiting_step("web", world.observe()))
        driver = Driver(world, spec, (), seed, intent=intent, was_live=len(world.live("web")))
        end = driver.run().decisions["web"].verdict
    return end.end


def assert_at(world: UnrulyWorld, spec: ServiceSpec) -> None:
    wanted = Counter({spec.workload.spec_hash: spec.replicas})
    assert Counter(running(world, "web").values()) == wanted
    assert len(world.live("web")) == spec.replicas
    assert all(world.healthy(r) for r in world.live("web"))
    for edge in ("e1", "e2") if spec.ingress is not None else ():
        members = world.edges["web"][edge].members
        assert {p.member.name for p in members} == {member_name(r) for r in world.live("web")}
        assert not [p for p in members if p.member.draining or not p.member.share]
        assert sum(percents(world, edge).values()) == 100


def assert_stable(world: UnrulyWorld, spec: ServiceSpec) -> None:
    made = plan([desire("p", spec, world.observe())], world.observe())
    assert made.empty, render(made)


@LAW
@given(specs(), specs(), st.integers(0, 99))
def test_without_faults_it_arrives_and_a_second_plan_is_empty(
    old: ServiceSpec, new: ServiceSpec, seed: int
) -> None:
    world = settled(old)
    assert_stable(world, old)
    new = version(new, 2)
    made = plan([desire("p", new, world.observe())], world.observe())
    if made.infeasible:
        before = dict(world.replicas)
        assert drive(world, new, (), seed) in ("infeasible", "rolled_back", "removed", "failed")
        assert all(world.replicas[k].live for k in before if before[k].live)
        return
    assert drive(world, new, (), seed) == "converged"
    assert_at(world, new)
    assert_stable(world, new)


@LAW
@given(specs(), FAULTS, st.integers(0, 99))
def test_under_faults_it_ends_and_a_calm_run_repairs_everything(
    spec: ServiceSpec, faults: tuple[Fault, ...], seed: int
) -> None:
    world = settled(spec)
    new = version(spec, 2)
    drive(world, new, faults, seed)
    assert drive(world, new) == "converged"
    assert_at(world, new)
    assert_stable(world, new)


OUTAGES = st.lists(
    st.builds(
        Fault, st.integers(0, 20), st.sampled_from(["down", "down", "up", "crash", "kill"]), st.integers(0, 9)
    ),
    max_size=4,
).map(tuple)


@LAW
@given(
    specs(),
    OUTAGES,
    st.sampled_from(["fail", "skip", "replace"]),
    st.sampled_from(["good", *BAD]),
    st.integers(0, 99),
)
def test_hosts_that_go_and_come_back_leave_no_doubles(
    spec: ServiceSpec, faults: tuple[Fault, ...], policy: Any, kind: str, seed: int
) -> None:
    spec = replace(spec, placement=replace(spec.placement, on_unreachable=policy))
    world = settled(spec)
    drive(world, version(spec, 2, kind), faults, seed)
    for name, host in world.hosts.items():
        world.hosts[name] = replace(host, reachable=True)
    calm = version(spec, 3)
    if plan([desire("p", calm, world.observe())], world.observe()).infeasible:
        return
    assert drive(world, calm) == "converged"
    assert_at(world, calm)
    assert_stable(world, calm)


@LAW
@given(specs(), st.sampled_from(BAD), FAULTS, st.integers(0, 99))
def test_a_bad_revision_never_stays_and_the_old_one_is_restored(
    spec: ServiceSpec, kind: str, faults: tuple[Fault, ...], seed: int
) -> None:
    world = settled(spec)
    only_crashes = tuple(f for f in faults if f.kind == "crash")
    end = drive(world, version(spec, 2, kind), only_crashes, seed)
    assert end == "rolled_back"
    assert_at(world, spec)
    assert_stable(world, spec)
    old = good_spec(world, "web")
    assert old is not None
    assert old.workload == spec.workload
    end = drive(world, version(spec, 3, kind), faults, seed)
    assert end in ("rolled_back", "rollback_failed")
    assert drive(world, spec) == "converged"
    assert_at(world, spec)


@LAW
@given(
    specs(),
    st.sampled_from(["good", *BAD]),
    st.integers(1, 30),
    st.integers(1, 4),
    FAULTS,
    st.integers(0, 99),
)
def test_a_third_revision_in_the_middle_supersedes(
    spec: ServiceSpec, kind: str, after: int, replicas: int, faults: tuple[Fault, ...], seed: int
) -> None:
    world = settled(spec)
    second = Driver(world, version(spec, 2, kind), was_live=len(world.live("web")))
    second.walk(after)
    third = replace(version(spec, 3), replicas=replicas)
    if plan([desire("p", third, world.observe())], world.observe()).infeasible:
        return
    drive(world, third, faults, seed)
    assert drive(world, third) == "converged"
    assert_at(world, third)
    assert_stable(world, third)


@LAW
@given(specs(), st.integers(0, 25), st.integers(0, 99))
def test_a_crash_anywhere_ends_where_no_crash_does(spec: ServiceSpec, at: int, seed: int) -> None:
    calm, wild = settled(spec), settled(spec)
    assert drive(calm, version(spec, 2)) == "converged"
    assert drive(wild, version(spec, 2), (Fault(at, "crash"),), seed) == "converged"
    assert running(calm, "web") == running(wild, "web")
    assert {(r.host, r.slot) for r in calm.live("web")} == {(r.host, r.slot) for r in wild.live("web")}


@LAW
@given(specs(), st.randoms())
def test_the_order_of_hosts_changes_nothing(spec: ServiceSpec, chance: object) -> None:
    world = settled(spec)
    seen = world.observe()
    mixed, replicas = list(seen.hosts), list(seen.replicas)
    chance.shuffle(mixed)  # type: ignore[attr-defined]
    chance.shuffle(replicas)  # type: ignore[attr-defined]
    other = replace(seen, hosts=tuple(mixed), replicas=tuple(replicas))
    new = version(spec, 2)
    assert render(plan([desire("p", new, seen)], seen)) == render(plan([desire("p", new, other)], other))


@LAW
@given(specs(), st.integers(1, 3))
def test_a_new_host_moves_nothing(spec: ServiceSpec, more: int) -> None:
    world = settled(spec)
    seen = world.observe()
    extra = tuple(HostFacts(f"a{n}", labels={"zone": "c"}, cpus=64, memory=2**40) for n in range(more))
    wider = replace(seen, hosts=(*seen.hosts, *extra))
    assert plan([desire("p", spec, wider)], wider).empty


@LAW
@given(specs(), st.integers(0, 5))
def test_scaling_keeps_survivors(spec: ServiceSpec, replicas: int) -> None:
    world = settled(spec)
    before = {r.id: r.slot for r in world.live("web")}
    scaled = replace(spec, replicas=replicas)
    if plan([desire("p", scaled, world.observe())], world.observe()).infeasible:
        return
    assert drive(world, scaled) == "converged"
    after = {r.id: r.slot for r in world.live("web")}
    assert len(after) == replicas
    assert len(before.keys() & after.keys()) == min(len(before), replicas)
    if replicas < len(before):
        assert sorted(after.values()) == sorted(before.values())[:replicas]


@LAW
@given(specs(), st.floats(0.1, 4.0), st.integers(1, 2**30))
def test_limits_change_in_place(spec: ServiceSpec, cpus: float, memory: int) -> None:
    world = settled(spec)
    limited = replace(spec, workload=replace(spec.workload, limits=Limits(cpus, memory)))
    made = plan([desire("p", limited, world.observe())], world.observe())
    assert {a.kind for a in mutations(made.trace)} <= {"update_inplace", "set_weight"}
    before = {r.id for r in world.live("web")}
    assert drive(world, limited) == "converged"
    assert {r.id for r in world.live("web")} == before
    assert_stable(world, limited)


def without_roads(actions: Iterable[Action]) -> Counter[str]:
    """Return what is done beside edges, which hear of several members at once or of one after the other."""
    return Counter(a.key for a in actions if a.kind not in ROADWORK)


@LAW
@given(specs())
def test_an_apply_does_exactly_what_the_plan_says(spec: ServiceSpec) -> None:
    world = settled(spec)
    new = version(spec, 2)
    made = plan([desire("p", new, world.observe())], world.observe())
    driver = Driver(world, new, was_live=len(world.live("web")))
    driver.run()
    done, foretold = driver.touched, mutations(made.trace)
    assert without_roads(done) == without_roads(foretold)


@LAW
@given(specs())
def test_going_back_by_hand_restores_the_revision_before(spec: ServiceSpec) -> None:
    world = settled(spec)
    assert drive(world, version(spec, 2)) == "converged"
    back = led(go_back("p", "web", world.observe()))
    assert back.spec == spec
    assert back.revision == 3
    assert back.rollback_of == 1
    assert drive(world, spec) == "converged"
    assert_at(world, spec)


@LAW
@given(specs(), st.integers(1, 5))
def test_a_lost_ledger_is_adopted_without_touching_a_container(spec: ServiceSpec, versions: int) -> None:
    world = settled(spec)
    for number in range(2, versions + 1):
        assert drive(world, version(spec, number)) == "converged"
    world.records.clear()
    before = {k: r.id for k, r in world.replicas.items() if r.live}
    assert drive(world, version(spec, versions)) == "converged"
    assert {k: r.id for k, r in world.replicas.items() if r.live} == before


def test_the_same_decision_is_made_from_the_same_facts() -> None:
    spec = ServiceSpec("web", Workload("app", pinned=image(1)), replicas=3)
    seen = Observed(hosts(4))
    first = plan([desire("p", spec, seen)], seen)
    assert first.to_json() == plan([desire("p", spec, seen)], seen).to_json()
