"""Placement against an exact solver: one is found exactly where there is one."""

from __future__ import annotations

import random
from typing import Any

import pytest

from orchestr8.deploy.model import HostFacts, Placement, Reservations, ServiceSpec, Spread, Workload
from orchestr8.deploy.placement.place import Request, place
from orchestr8.deploy.placement.room import rooms_of

highspy: Any = pytest.importorskip("highspy")
CASES = 600
GIB = 1 << 30


def case(seed: int) -> tuple[ServiceSpec, list[HostFacts]]:
    """Return a service of at most 12 replicas and at most 6 hosts of different sizes in up to 3 zones."""
    chance = random.Random(seed)
    zones = "abc"[: chance.randint(1, 3)]
    hosts = [
        HostFacts(f"h{n}", {"zone": chance.choice(zones)}, cpus=8, memory=chance.randint(1, 6) * GIB)
        for n in range(chance.randint(1, 6))
    ]
    rule = Placement(
        spreads=(Spread("node.labels.zone", max_skew=chance.randint(1, 2), required=True),),
        max_per_host=chance.choice([0, 0, 1, 2, 3]),
    )
    reserved = Reservations(cpus=chance.choice([1.0, 2.0, 3.0]), memory=chance.choice([1, 2]) * GIB)
    number = chance.randint(1, 12)
    work = Workload("app", pinned="app@1")
    return ServiceSpec("web", work, replicas=number, placement=rule, reservations=reserved), hosts


def possible(spec: ServiceSpec, hosts: list[HostFacts]) -> bool:
    """Ask the solver: numbers of replicas on hosts within their sizes, zones within the skew of the least."""
    model = highspy.Highs()
    model.silent()
    most = spec.placement.max_per_host or spec.replicas
    need, skew = spec.reservations, spec.placement.spreads[0].max_skew
    numbers = {h.name: model.addIntegral(lb=0, ub=most) for h in hosts}
    for host in hosts:
        model.addConstr(numbers[host.name] * (need.memory // GIB) <= host.memory // GIB)
        model.addConstr(numbers[host.name] * need.cpus <= host.cpus)
    model.addConstr(model.qsum(numbers.values()) == spec.replicas)
    least = model.addIntegral(lb=0, ub=spec.replicas)
    for zone in sorted({h.labels["zone"] for h in hosts}):
        total = model.qsum(numbers[h.name] for h in hosts if h.labels["zone"] == zone)
        model.addConstr(total >= least)
        model.addConstr(total <= least + skew)
    model.run()
    status = model.getModelStatus()
    known = (highspy.HighsModelStatus.kOptimal, highspy.HighsModelStatus.kInfeasible)
    assert status in known, status
    return bool(status == known[0])


def test_a_placement_is_found_exactly_where_there_is_one() -> None:
    found = 0
    for seed in range(CASES):
        spec, hosts = case(seed)
        seating = place(Request(spec, range(1, spec.replicas + 1)), rooms_of(hosts, ()))
        assert (not seating.unplaced) == possible(spec, hosts), (seed, spec.replicas, spec.placement, hosts)
        found += not seating.unplaced
    assert CASES * 0.2 < found < CASES * 0.9, found
