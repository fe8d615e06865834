"""Several services at once have hosts exactly where an exact solver finds some, whatever rules they have."""

from __future__ import annotations

import os
import random
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import highspy

from orchestr8.deploy.model import (
    Affinity,
    Claim,
    Constraint,
    Dependency,
    HostFacts,
    Mount,
    Observed,
    Placement,
    PortBinding,
    Reservations,
    ServiceSpec,
    Spread,
    Update,
    Workload,
)
from orchestr8.deploy.placement.constraints import meets
from orchestr8.deploy.planner import plan
from orchestr8.deploy.service import claim_of
from orchestr8.deploy.target import desire

GIB = 1 << 30
CASES = int(os.environ.get("O8_LAW_EXAMPLES", "250"))
FIRST = int(os.environ.get("O8_LAW_FIRST", "0"))
_PORT = ("", 80, "tcp")


def fleet(chance: random.Random) -> list[HostFacts]:
    return [
        HostFacts(
            f"h{n}",
            {"zone": chance.choice("ab"), "disk": chance.choice(["ssd", "ssd", "hdd"])},
            cpus=chance.choice([2, 4, 8]),
            memory=chance.randint(1, 5) * GIB,
            cordoned=chance.random() < 0.05,
            strangers=(Claim(ports=(_PORT,)),) if chance.random() < 0.15 else (),
        )
        for n in range(chance.randint(2, 6))
    ]


def rule(chance: random.Random) -> Placement:
    spread = (Spread("node.labels.zone", chance.randint(1, 2), required=chance.random() < 0.6),)
    return Placement(
        spreads=spread if chance.random() < 0.4 else (),
        constraints=(Constraint("node.labels.disk", "==", ("ssd",)),) if chance.random() < 0.2 else (),
        affinities=(Affinity(Constraint("node.labels.zone", "==", ("a",))),) if chance.random() < 0.3 else (),
        max_per_host=chance.choice([0, 0, 0, 1, 2]),
        pack=chance.random() < 0.15,
    )


def service(chance: random.Random, name: str, most: int, earlier: Sequence[str]) -> ServiceSpec:
    """Return a service; now and then it has a fixed port, a volume of its own, or waits for another."""
    replicas = min(most, chance.choice([1, 1, 2, 2, 3, 4]))
    ports = (PortBinding(80, host_port=chance.choice([80, 80, 81])),) if chance.random() < 0.2 else ()
    mounts = (Mount("volume", "/data", "data"),) if replicas == 1 and chance.random() < 0.3 else ()
    needs = (Dependency(chance.choice(earlier)),) if earlier and chance.random() < 0.2 else ()
    return ServiceSpec(
        name,
        Workload("app", pinned="app@1", ports=ports, mounts=mounts),
        replicas=replicas,
        placement=rule(chance),
        reservations=Reservations(chance.choice([0, 0.5, 1, 2]), chance.choice([0, 1, 1, 2, 3]) * GIB),
        update=Update(min_healthy_time=0.0),
        depends_on=needs,
    )


def services(chance: random.Random, hosts: int) -> list[ServiceSpec]:
    """Return services of at most 12 replicas together; one may be on every host."""
    left, made = 12, list[ServiceSpec]()
    if chance.random() < 0.15:
        claim = Reservations(0, chance.choice([0, 1]) * GIB // 2)
        work = Workload("agent", pinned="agent@1")
        made.append(
            ServiceSpec("agent", work, "global", reservations=claim, update=Update(min_healthy_time=0))
        )
        left -= hosts
    for number in range(chance.randint(2, 5)):
        if left > 0:
            made.append(service(chance, f"s{number}", left, [s.name for s in made]))
            left -= made[-1].replicas
    return made


class Exact:
    """The model of a case: how many replicas of each service on each host, with those that are fixed."""

    def __init__(self, specs: Sequence[ServiceSpec], hosts: Sequence[HostFacts], fixed: Counter[Any]) -> None:
        self.model: Any = highspy.Highs()
        self.model.silent()
        self.hosts = hosts
        self.numbers = {(s.name, h.name): self._number(s, h, fixed) for s in specs for h in hosts}
        for host in hosts:
            self._room(specs, host)
        for spec in specs:
            if spec.mode == "replicated":
                total = self.model.qsum(self.numbers[spec.name, h.name] for h in hosts)
                self.model.addConstr(total == spec.replicas)
            for spread in spec.placement.spreads:
                if spread.required:
                    self._even(spec, spread, fixed)

    def _number(self, spec: ServiceSpec, host: HostFacts, fixed: Counter[Any]) -> Any:
        here, most = fixed[spec.name, host.name], spec.placement.max_per_host or spec.replicas
        if not fit(spec, host):
            return self.model.addIntegral(lb=here, ub=here)
        if spec.mode == "global":
            return self.model.addIntegral(lb=1, ub=1)
        return self.model.addIntegral(lb=here, ub=max(here, most))

    def _room(self, specs: Sequence[ServiceSpec], host: HostFacts) -> None:
        claims = {s.name: claim_of(s) for s in specs}
        mine = {s.name: self.numbers[s.name, host.name] for s in specs}
        self.model.addConstr(
            self.model.qsum(n * (claims[s].memory / GIB) for s, n in mine.items()) <= host.memory / GIB
        )
        self.model.addConstr(self.model.qsum(n * claims[s].cpus for s, n in mine.items()) <= host.cpus)
        for port in {p for c in claims.values() for p in c.ports}:
            free = 0 if any(port in c.ports for c in host.strangers) else 1
            self.model.addConstr(
                self.model.qsum([n for s, n in mine.items() if port in claims[s].ports]) <= free
            )
        for volume in {v for c in claims.values() for v in c.volumes}:
            self.model.addConstr(
                self.model.qsum([n for s, n in mine.items() if volume in claims[s].volumes]) <= 1
            )

    def _even(self, spec: ServiceSpec, spread: Spread, fixed: Counter[Any]) -> None:
        """Demand of every zone that gets a replica to have no more than `max_skew` above the least."""
        where = [h for h in self.hosts if fit(spec, h)]
        least = self.model.addIntegral(lb=0, ub=99)
        for zone in {h.labels["zone"] for h in where}:
            names = [h.name for h in where if h.labels["zone"] == zone]
            total = self.model.qsum(self.numbers[spec.name, n] for n in names)
            had = sum(fixed[spec.name, n] for n in names)
            grown = self.model.addBinary()
            self.model.addConstr(total - had <= 99 * grown)
            self.model.addConstr(total >= least)
            self.model.addConstr(total - least <= spread.max_skew + 99 * (1 - grown))

    def possible(self) -> bool:
        self.model.run()
        status = self.model.getModelStatus()
        known = (highspy.HighsModelStatus.kOptimal, highspy.HighsModelStatus.kInfeasible)
        assert status in known, status
        return bool(status == known[0])


def fit(spec: ServiceSpec, host: HostFacts) -> bool:
    return not host.cordoned and all(meets(c, host) for c in spec.placement.constraints)


def grown(chance: random.Random, specs: Sequence[ServiceSpec], room: int) -> list[ServiceSpec]:
    """Return what comes next: some services have more replicas, and one is new."""
    made = []
    for spec in specs:
        more = chance.randint(0, room) if spec.mode == "replicated" and not spec.holds_volume else 0
        more = more if spec.replicas > 1 or not spec.workload.mounts else 0
        room -= more
        made.append(replace(spec, replicas=spec.replicas + more))
    return [*made, service(chance, "new", room, [])] if room else made


def outcome(specs: Sequence[ServiceSpec], seen: Observed) -> tuple[bool, Observed, str]:
    """Plan a run; return whether it comes to its end, and what is there then."""
    made = plan([desire("shop", s, seen) for s in specs], seen)
    why = "; ".join(f"{s.service}: {s.verdict.reason}" for s in made.infeasible)
    return not made.infeasible, made.trace.final, why


def _agree(seed: object, specs: Sequence[ServiceSpec], seen: Observed) -> tuple[bool, Observed]:
    fixed = Counter((r.service, r.host) for r in seen.replicas if r.live)
    done, final, why = outcome(specs, seen)
    assert "too many arrangements" not in why, (seed, why)
    assert done == Exact(specs, seen.hosts, fixed).possible(), (seed, why, specs, seen)
    return done, final


def test_services_have_hosts_exactly_where_there_is_an_arrangement() -> None:
    found: Counter[bool] = Counter()
    for seed in range(FIRST, FIRST + CASES):
        chance = random.Random(seed)
        hosts = fleet(chance)
        specs = services(chance, len(hosts))
        done, seen = _agree(seed, specs, Observed(tuple(hosts)))
        found[done] += 1
        room = 12 - sum(1 for r in seen.replicas if r.live)
        if done and room > 0:
            found[_agree((seed, "grown"), grown(chance, specs, room), seen)[0]] += 1
    assert min(found[True], found[False]) > CASES / 6, found
