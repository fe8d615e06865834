"""Placement against an exact solver: found exactly where there is one, and packed onto few hosts."""

from __future__ import annotations

import random
from collections import Counter
from typing import Any

import highspy

from orchestr8.deploy.crowd import beginnings
from orchestr8.deploy.model import (
    Desired,
    HostFacts,
    Observed,
    Placement,
    Reservations,
    ServiceSpec,
    Spread,
    Workload,
)
from orchestr8.deploy.placement.place import Request, place
from orchestr8.deploy.placement.room import rooms_of

CASES = 600
PACKINGS = 250
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
    model: Any = highspy.Highs()
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


def packing(seed: int) -> tuple[list[ServiceSpec], list[HostFacts]]:
    """Return up to three services of at most 12 replicas together, and at most 6 hosts of different sizes."""
    chance = random.Random(seed)
    hosts = [
        HostFacts(f"h{n}", cpus=chance.choice([4, 8, 16]), memory=chance.randint(2, 12) * GIB)
        for n in range(chance.randint(2, 6))
    ]
    left, services = 12, []
    for number in range(chance.randint(1, 3)):
        replicas = chance.randint(1, max(1, left - 3))
        left -= replicas
        need = Reservations(chance.choice([0.5, 1.0, 2.0, 3.0]), chance.choice([1, 2, 3, 4]) * GIB)
        rule = Placement(pack=True, max_per_host=chance.choice([0, 0, 0, 2]))
        work = Workload("app", pinned="app@1")
        services.append(ServiceSpec(f"s{number}", work, replicas=replicas, placement=rule, reservations=need))
    return services, hosts


def fewest(services: list[ServiceSpec], hosts: list[HostFacts]) -> int | None:
    """Ask the solver for the least number of hosts that hold all replicas, None when nothing does."""
    model: Any = highspy.Highs()
    model.silent()
    used = {h.name: model.addBinary() for h in hosts}
    numbers = {
        (s.name, h.name): model.addIntegral(lb=0, ub=s.placement.max_per_host or s.replicas)
        for s in services
        for h in hosts
    }
    for host in hosts:
        memory = model.qsum(numbers[s.name, host.name] * (s.reservations.memory // GIB) for s in services)
        cpus = model.qsum(numbers[s.name, host.name] * s.reservations.cpus for s in services)
        model.addConstr(memory <= host.memory // GIB * used[host.name])
        model.addConstr(cpus <= host.cpus * used[host.name])
    for spec in services:
        model.addConstr(model.qsum(numbers[spec.name, h.name] for h in hosts) == spec.replicas)
    model.minimize(model.qsum(used.values()))
    if model.getModelStatus() != highspy.HighsModelStatus.kOptimal:
        return None
    return round(model.getObjectiveValue())


def packed(services: list[ServiceSpec], hosts: list[HostFacts]) -> int | None:
    """Place services as a plan does; return how many hosts are used, None when some replica has none."""
    journals = beginnings([Desired("shop", spec, 1) for spec in services], Observed(tuple(hosts)), 0.0)
    if any(len(journals[spec.name].assigned) < spec.replicas for spec in services):
        return None
    return len({host for journal in journals.values() for host in journal.assigned.values()})


def test_the_wish_to_pack_needs_one_host_more_than_the_least_at_most() -> None:
    above: Counter[int] = Counter()
    alone: Counter[int] = Counter()
    for seed in range(PACKINGS):
        services, hosts = packing(seed)
        least, used = fewest(services, hosts), packed(services, hosts)
        assert (least is None) == (used is None), seed
        if least is None or used is None:
            above["none"] += 1
            continue
        (alone if len(services) == 1 else above)[used - least] += 1
    assert set(alone) == {0}, alone
    judged = sum(n for key, n in above.items() if key != "none")
    assert (above[0] + above[1]) >= 0.95 * judged, above
    assert judged > PACKINGS / 3
