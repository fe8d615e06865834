"""Plans as text, compared with what is written in tests/golden/plans; O8_UPDATE=1 writes them anew."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from orchestr8.core.secret import Secret
from orchestr8.deploy.memory import World
from orchestr8.deploy.model import (
    Amount,
    Constraint,
    Dependency,
    HostFacts,
    Limits,
    Mount,
    Observed,
    Placement,
    PortBinding,
    Reservations,
    ServiceSpec,
    Spread,
    Step,
    Update,
    Workload,
)
from orchestr8.deploy.plan_text import render
from orchestr8.deploy.planner import plan
from orchestr8.deploy.target import desire
from tests.routed import led, routed

FOLDER = Path(__file__).parent / "plans"
ZONES = "aabb"


def fleet(**facts: object) -> Observed:
    size = {"cpus": 4.0, "memory": 4 * 2**30}
    hosts = (
        HostFacts(f"h{n}", {"zone": ZONES[n - 1]}, address=f"10.0.0.{n}", **{**size, **facts})  # type: ignore[arg-type]
        for n in range(1, 5)
    )
    return Observed(tuple(hosts))


def web(number: int, **fields: object) -> ServiceSpec:
    work = Workload(f"registry/app:v{number}", f"registry/app@sha256:{number}{number}")
    return replace(ServiceSpec("web", work, replicas=3), **fields)  # type: ignore[arg-type]


def after(*specs: ServiceSpec, seen: Observed | None = None) -> Observed:
    """Return the world after these specs were rolled out one by one."""
    seen = seen or fleet()
    for spec in specs:
        seen = plan([led(desire("shop", spec, seen))], seen).trace.final
    return seen


def show(seen: Observed, *specs: ServiceSpec) -> str:
    return render(plan([led(desire("shop", s, seen)) for s in specs], seen))


def spread() -> str:
    zones = Placement(spreads=(Spread("node.labels.zone"),))
    return show(fleet(), web(1, replicas=5, placement=zones, reservations=Reservations(memory=2**29)))


def secret() -> str:
    old, new = web(1), web(1)
    old = replace(old, workload=replace(old.workload, environment={"A": "1", "KEY": Secret("old")}))
    new = replace(new, workload=replace(new.workload, environment={"A": "2", "KEY": Secret("new")}))
    return show(after(old), new)


def volume(number: int) -> ServiceSpec:
    work = Workload("db:1", f"db@sha256:{number}", mounts=(Mount("volume", "/data", "data"),))
    return ServiceSpec("db", work, update=Update(max_surge=Amount(0), max_unavailable=Amount(1)))


def port(number: int) -> ServiceSpec:
    work = Workload("edge:1", f"edge@sha256:{number}", ports=(PortBinding(80, host_port=80),))
    update = Update(max_surge=Amount(0), max_unavailable=Amount(1))
    return ServiceSpec("edge", work, mode="global", update=update)


def migrate(number: int, **fields: object) -> ServiceSpec:
    work = Workload(f"registry/app:v{number}", f"registry/app@sha256:{number}{number}")
    return replace(ServiceSpec("migrate", work, "job"), **fields)  # type: ignore[arg-type]


def by_cron() -> Observed:
    return replace(fleet(), hosts=tuple(replace(h, timekeeper="cron") for h in fleet().hosts))


def migrating(number: int) -> ServiceSpec:
    return web(number, depends_on=(Dependency("migrate", "service_completed_successfully"),))


CANARY = Update(strategy="canary")
GREEN = Update(strategy="blue_green", retain_running=300.0)
STEPS = (Step("scale", Amount(1)), Step("pause", seconds=60.0), Step("scale", Amount(50, percent=True)))
WEIGHTS = (Step("scale", Amount(1)), Step("weight", weight=10), Step("pause"), Step("weight", weight=50))
SHARED = replace(CANARY, steps=WEIGHTS)


def elsewhere(spec: ServiceSpec) -> ServiceSpec:
    """Return a service that gets other requests."""
    spec = routed(spec)
    assert spec.ingress is not None
    return replace(spec, ingress=replace(spec.ingress, host="shop.example.com", path="/api"))


def bad() -> str:
    big = Reservations(memory=3 * 2**30)
    rule = Placement(constraints=(Constraint("node.labels.zone", "==", ("b",)),))
    return show(fleet(), web(1, reservations=big, placement=rule))


def stuck() -> str:
    full = web(1, replicas=4, reservations=Reservations(memory=3 * 2**30))
    return show(after(full), replace(full, workload=web(2).workload))


def down() -> str:
    seen = fleet()
    hosts = (
        replace(h, reachable=h.name != "h4", error="" if h.name != "h4" else "timed out") for h in seen.hosts
    )
    return show(replace(seen, hosts=tuple(hosts)), web(1))


def crashed() -> str:
    """A rollout of the second revision was left in the middle; a third one arrives."""
    world = World(after(web(1)))
    made = plan([desire("shop", web(2), world.observe())], world.observe())
    for wave in made.trace.waves[:4]:
        world.apply_all(wave)
    return show(world.observe(), web(3))


def limits() -> str:
    spec = web(1)
    return show(
        after(spec), replace(spec, workload=replace(spec.workload, limits=Limits(cpus=0.5, memory=2**28)))
    )


CASES: dict[str, Callable[[], str]] = {
    "first": lambda: show(fleet(), web(1)),
    "nothing": lambda: show(after(web(1)), web(1)),
    "manner": lambda: show(
        after(web(1)), web(1, update=Update(max_surge=Amount(2)), hooks=("pre_deploy",), transaction="shop")
    ),
    "upgrade": lambda: show(after(web(1)), web(2)),
    "fast_upgrade": lambda: show(after(web(1)), web(2, update=Update(max_surge=Amount(100, percent=True)))),
    "unavailable": lambda: show(
        after(web(1)), web(2, update=Update(max_surge=Amount(0), max_unavailable=Amount(2)))
    ),
    "recreate": lambda: show(after(web(1)), web(2, update=Update(strategy="recreate"))),
    "scale_up": lambda: show(after(web(1)), web(1, replicas=5)),
    "scale_down": lambda: show(after(web(1)), web(1, replicas=1)),
    "back": lambda: show(after(web(1), web(2)), web(1)),
    "limits": limits,
    "secret": secret,
    "spread": spread,
    "volume": lambda: show(after(volume(1)), volume(2)),
    "port": lambda: show(after(port(1)), port(2)),
    "infeasible": bad,
    "no_room_to_surge": stuck,
    "unreachable": down,
    "superseded": crashed,
    "depends": lambda: show(fleet(), web(1, depends_on=(Dependency("db"),)), volume(1)),
    "transaction": lambda: show(
        after(web(1)), web(2, transaction="shop"), replace(volume(1), transaction="shop")
    ),
    "job": lambda: show(after(web(1)), migrating(2), migrate(2)),
    "schedule": lambda: show(after(migrate(1)), migrate(2, schedule="Mon..Fri *-*-* 03:00", replicas=2)),
    "schedule_changed": lambda: show(after(migrate(1, schedule="daily")), migrate(1, schedule="hourly")),
    "schedule_for_cron": lambda: show(by_cron(), migrate(1, schedule="*-*-* 03:00:30")),
    "job_done": lambda: show(after(migrate(1), migrating(1)), migrating(1), migrate(1, replicas=3)),
    "canary": lambda: show(after(web(1)), web(2, update=CANARY)),
    "canary_promoted": lambda: show(after(web(2, update=CANARY), seen=after(web(1))), web(2, update=CANARY)),
    "canary_by_steps": lambda: show(after(web(1)), web(2, update=replace(CANARY, steps=STEPS))),
    "canary_first": lambda: show(fleet(), web(1, update=CANARY)),
    "canary_routed": lambda: show(after(routed(web(1))), routed(web(2, update=SHARED))),
    "canary_not_routed": lambda: show(after(web(1)), web(2, update=SHARED)),
    "blue_green": lambda: show(after(web(1)), web(2, update=GREEN)),
    "blue_green_routed": lambda: show(after(routed(web(1))), routed(web(2, update=GREEN))),
    "routed": lambda: show(after(web(1)), routed(web(1))),
    "rerouted": lambda: show(after(routed(web(1))), elsewhere(web(1))),
    "orphans": lambda: show(after(volume(1), seen=after(web(1))), web(1)),
}


@pytest.mark.parametrize("name", CASES)
def test_a_plan_reads_as_written(name: str) -> None:
    text, path = CASES[name](), FOLDER / f"{name}.txt"
    if os.environ.get("O8_UPDATE"):
        path.write_text(text, encoding="utf-8")
    assert text == path.read_text(encoding="utf-8")


def test_every_text_has_its_case() -> None:
    assert {p.stem for p in FOLDER.glob("*.txt")} == set(CASES)


def test_services_that_are_wanted_elsewhere_are_no_orphans() -> None:
    seen = after(volume(1), seen=after(web(1)))
    made = plan([desire("shop", web(1), seen)], seen, known=("db",))
    assert made.orphans == ()


def test_a_changed_constraint_reads_as_it_is_written() -> None:
    rule = Constraint("node.labels.zone", "in", ("a", "b"))
    text = show(after(web(1)), web(1, placement=Placement(constraints=(rule,))))
    assert "  · placement.constraints: – → [node.labels.zone in [a, b]]\n" in text
