"""Planning at scale: N services of five replicas on N hosts, with constraints, spread and reservations.

`python -m tests.bench.planning [N ...]` prints a table in seconds of one processor; each size runs in a
process of its own, so that its peak of memory is its own.
"""

from __future__ import annotations

import multiprocessing
import resource
import sys
import time
from dataclasses import replace

from orchestr8.deploy.model import (
    Affinity,
    Constraint,
    Desired,
    HostFacts,
    Observed,
    Placement,
    Reservations,
    ServiceSpec,
    Spread,
    Workload,
)
from orchestr8.deploy.planner import Plan, plan
from orchestr8.deploy.target import desire

SIZES = (100, 300, 1000)


def fleet(number: int) -> Observed:
    """Return hosts in ten zones, every fifth without a fast disk."""
    hosts = (
        HostFacts(
            f"h{n:04}",
            {"zone": f"z{n % 10}", "disk": "hdd" if n % 5 == 0 else "ssd", "gen": str(n % 4)},
            cpus=16.0,
            memory=32 << 30,
        )
        for n in range(number)
    )
    return Observed(tuple(hosts))


def services(number: int, version: int = 1) -> list[ServiceSpec]:
    """Return services of five replicas each."""
    rule = Placement(
        constraints=(Constraint("node.labels.disk", "==", ("ssd",)),),
        spreads=(Spread("node.labels.zone"),),
        affinities=(Affinity(Constraint("node.labels.gen", "==", ("3",)), 30),),
        max_per_host=2,
    )
    return [
        ServiceSpec(
            f"s{n:04}",
            Workload(f"app{n}", f"app{n}@{version}"),
            replicas=5,
            placement=rule,
            reservations=Reservations(0.5, 1 << 30),
        )
        for n in range(number)
    ]


def wanted(specs: list[ServiceSpec], seen: Observed) -> list[Desired]:
    return [desire("bench", spec, seen) for spec in specs]


def measure(size: int) -> tuple[int, int, float, float, float, int]:
    """Return the size, the replicas placed, seconds to plan, to re-plan and to upgrade, and peak MiB."""
    seen, specs = fleet(size), services(size)
    first, took = timed(specs, seen)
    placed = sum(len(s.seats) for s in first.services)
    at_goal = first.trace.final
    again, retook = timed(specs, at_goal)
    if first.infeasible or not again.empty or placed != 5 * size:
        raise SystemExit(f"{size}: the plan is not what it should be")
    tenth = [
        replace(s, workload=services(size, 2)[n].workload) if n % 10 == 0 else s for n, s in enumerate(specs)
    ]
    _, upgrade = timed(tenth, at_goal)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    return size, placed, took, retook, upgrade, peak


def timed(specs: list[ServiceSpec], seen: Observed) -> tuple[Plan, float]:
    began = time.process_time()
    made = plan(wanted(specs, seen), seen)
    return made, time.process_time() - began


def main(sizes: list[int]) -> None:
    """Print a line for each size."""
    print("services  hosts  replicas   plan s  re-plan s  upgrade of a tenth s  peak MiB")
    for size in sizes:
        with multiprocessing.get_context("spawn").Pool(1) as pool:
            size, placed, took, again, upgrade, peak = pool.apply(measure, (size,))
        print(f"{size:8} {size:6} {placed:9} {took:8.2f} {again:10.2f} {upgrade:21.2f} {peak:9}")


if __name__ == "__main__":
    main([int(word) for word in sys.argv[1:]] or list(SIZES))
