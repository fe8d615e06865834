"""Services behind two edges in a world in memory, and what these make of requests."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

from orchestr8.deploy import target
from orchestr8.deploy.ingress import Ingress
from orchestr8.deploy.memory import World
from orchestr8.deploy.model import Desired, HostFacts, Observed, PortBinding, ServiceSpec
from orchestr8.deploy.rollout.view import member_name
from orchestr8.deploy.traffic import effective

EDGES = {"edge": ("e1", "e2")}


def routed(spec: ServiceSpec) -> ServiceSpec:
    """Return the service with requests coming to it."""
    ports = (*spec.workload.ports, PortBinding(8080, own=True))
    return replace(spec, ingress=Ingress("edge", 8080), workload=replace(spec.workload, ports=ports))


def led(desired: Desired) -> Desired:
    """Return a target that knows its edges."""
    return replace(desired, edges=EDGES)


def host(number: int) -> HostFacts:
    """Return a host that edges can find."""
    return HostFacts(f"h{number}", address=f"10.0.0.{number}")


def percents(world: World, edge: str = "e1") -> dict[int, int]:
    """Return how many of a hundred requests each revision gets."""
    revisions = {member_name(r): r.revision for r in world.replicas.values()}
    sight = world.edges.get("web", {}).get(edge)
    found: Counter[int] = Counter()
    for name, percent in effective([p.member for p in sight.members] if sight else []).items():
        found[revisions[name]] += round(percent * 1000)
    return {number: round(share / 1000) for number, share in found.items() if share}


def desire(project: str, spec: ServiceSpec, seen: Observed) -> Desired:
    """Return the target for a spec, with its edges."""
    return led(target.desire(project, spec, seen))
