"""Several services on the same hosts."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import pytest

from orchestr8.deploy.ingress import Ingress
from orchestr8.deploy.memory import World
from orchestr8.deploy.model import (
    Amount,
    Dependency,
    HostFacts,
    Journal,
    Listener,
    Mount,
    Observed,
    PortBinding,
    Reservations,
    ServiceSpec,
    Update,
    Workload,
)
from orchestr8.deploy.placement import arrange
from orchestr8.deploy.planner import Plan, plan
from orchestr8.deploy.project import step
from orchestr8.deploy.target import desire
from tests.routed import host

GIB = 1 << 30


def fleet(number: int, memory: int = 4) -> Observed:
    return Observed(tuple(HostFacts(f"h{n}", cpus=4, memory=memory * GIB) for n in range(1, number + 1)))


def service(name: str, version: int = 1, memory: int = 0, replicas: int = 1, port: int = 0) -> ServiceSpec:
    ports = (PortBinding(80, host_port=port),) if port else ()
    update = Update(min_healthy_time=0.0)
    if port:
        update = Update(max_surge=Amount(0), max_unavailable=Amount(1), min_healthy_time=0.0)
    work = Workload(name, pinned=f"{name}@{version}", ports=ports)
    reserved = Reservations(memory=memory * GIB)
    return ServiceSpec(name, work, replicas=replicas, reservations=reserved, update=update)


def rolled(seen: Observed, *specs: ServiceSpec) -> Observed:
    made = plan([desire("p", s, seen) for s in specs], seen)
    assert not made.infeasible, [s.verdict for s in made.services]
    return made.trace.final


def load(seen: Observed) -> Counter[str]:
    return Counter(r.host for r in seen.replicas if r.live)


def test_services_that_begin_together_do_not_all_choose_the_same_host() -> None:
    assert set(load(rolled(fleet(4), *(service(n) for n in "abcd"))).values()) == {1}
    assert set(load(rolled(fleet(4), *(service(n, memory=3) for n in "abcd"))).values()) == {1}
    assert set(load(rolled(fleet(4), *(service(n, port=80) for n in "abcd"))).values()) == {1}


def test_the_biggest_is_placed_first() -> None:
    specs = [*(service(n, memory=1) for n in "abcd"), service("z", memory=4)]
    assert load(rolled(fleet(2), *specs)) == {"h1": 1, "h2": 4}


def test_what_cannot_be_placed_beside_the_others_is_told() -> None:
    seen = fleet(2)
    specs = [service(n, memory=3) for n in "abc"]
    made = plan([desire("p", s, seen) for s in specs], seen)
    assert len(made.infeasible) >= 1
    assert "insufficient memory" in made.infeasible[0].verdict.reason


def test_one_waits_for_the_room_that_another_needs_to_surge() -> None:
    specs = [service(n, memory=1) for n in "abc"]
    seen = rolled(fleet(1), *specs)
    peak = 0
    world, now = World(seen), 0.0
    journals: dict[str, Journal] = {}
    desired = [desire("p", service(n, 2, memory=1), seen) for n in "abc"]
    for _ in range(60):
        made = step(desired, world.observe(), journals, now)
        journals = dict(made.journals)
        world.apply_all(a for d in made.decisions.values() for a in d.actions)
        peak = max(peak, sum(1 for r in world.replicas.values() if r.live))
        if made.final:
            break
        now += 1
    assert {d.verdict.end for d in made.decisions.values()} == {"converged"}
    assert peak == 4


def test_a_volume_keeps_its_host_whatever_the_others_take() -> None:
    work = Workload("db", pinned="db@1", mounts=(Mount("volume", "/data", "data"),))
    update = Update(max_surge=Amount(0), max_unavailable=Amount(1), min_healthy_time=0.0)
    seen = rolled(fleet(2), ServiceSpec("db", work, update=update))
    home = next(r.host for r in seen.replicas)
    seen = rolled(seen, ServiceSpec("db", work, update=update), *(service(n) for n in "abc"))
    assert next(r.host for r in seen.replicas if r.service == "db") == home
    assert load(seen)[home] == 2


def rebalanced(seen: Observed, spec: ServiceSpec) -> Plan:
    return plan([replace(desire("p", spec, seen), rebalance=True)], seen)


def test_a_rebalance_moves_only_who_gains_and_starts_the_new_one_first() -> None:
    spec = service("web", replicas=4)
    seen = rolled(fleet(2), spec)
    wider = replace(seen, hosts=fleet(4).hosts)
    assert plan([desire("p", spec, wider)], wider).empty
    made = rebalanced(wider, spec)
    assert set(load(made.trace.final).values()) == {1}
    assert made.services[0].least == 4
    assert sum(1 for wave in made.trace.waves for a in wave if a.kind == "create") == 2
    assert rebalanced(made.trace.final, spec).empty
    assert plan([desire("p", spec, made.trace.final)], made.trace.final).empty


def test_a_rebalance_leaves_volumes_and_equal_places_alone() -> None:
    work = Workload("db", pinned="db@1", mounts=(Mount("volume", "/data", "data"),))
    update = Update(max_surge=Amount(0), max_unavailable=Amount(1), min_healthy_time=0.0)
    spec = ServiceSpec("db", work, update=update)
    seen = replace(rolled(fleet(1), spec), hosts=fleet(3).hosts)
    assert rebalanced(seen, spec).empty
    single = service("web")
    seen = replace(rolled(fleet(1), single), hosts=fleet(3).hosts)
    assert rebalanced(seen, single).empty


def packing(spec: ServiceSpec) -> ServiceSpec:
    return replace(spec, placement=replace(spec.placement, pack=True))


def test_the_wish_to_pack_fills_hosts_one_after_the_other_and_keeps_who_is_there() -> None:
    seen = rolled(fleet(4), *(packing(service(n, memory=1, replicas=3)) for n in "ab"))
    assert load(seen) == {"h1": 4, "h2": 2}
    grown = rolled(seen, packing(service("a", memory=1, replicas=5)))
    assert load(grown) == {"h1": 4, "h2": 4}
    assert {r.id for r in seen.replicas} <= {r.id for r in grown.replicas}
    free = rolled(fleet(3), packing(service("a", replicas=6)))
    assert load(free) == {"h1": 6}


def test_other_orders_are_tried_until_everybody_has_a_host() -> None:
    """In the order of sizes `a` takes the larger host, and `b` finds no room any more."""
    seen = Observed((HostFacts("h1", cpus=4, memory=4 * GIB), HostFacts("h2", cpus=8, memory=8 * GIB)))
    small = replace(service("a"), reservations=Reservations(cpus=1, memory=2 * GIB))
    wide = replace(service("b"), reservations=Reservations(cpus=8, memory=GIB))
    done = rolled(seen, small, wide)
    assert {r.service: r.host for r in done.replicas if r.live} == {"a": "h1", "b": "h2"}


def test_who_waits_for_another_keeps_the_host_that_was_chosen_for_both() -> None:
    """Alone, `app` would choose the host on which `db` is about to take the port."""
    hosts = (HostFacts("h1", cpus=8, memory=4 * GIB), HostFacts("h2", cpus=4, memory=2 * GIB))
    app = replace(service("app", port=81), depends_on=(Dependency("db"),))
    tied = replace(app, workload=replace(app.workload, mounts=(Mount("volume", "/data", "data"),)))
    done = rolled(Observed(hosts), service("db", memory=3, port=81), tied)
    assert {r.service: r.host for r in done.replicas if r.live} == {"db": "h1", "app": "h2"}


def test_room_is_kept_for_a_replica_on_every_host() -> None:
    """Alone, `a` would fill the smaller host to the brim."""
    hosts = (HostFacts("h1", cpus=4, memory=4 * GIB), HostFacts("h2", cpus=8, memory=8 * GIB))
    agent = replace(service("agent", memory=1), mode="global")
    done = rolled(Observed(hosts), agent, packing(service("a", memory=4)))
    assert load(done) == {"h1": 1, "h2": 2}


def test_what_a_search_came_to_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    specs = [service(n, memory=3, replicas=2) for n in "ab"]
    seen = fleet(3)
    reasons = [s.verdict.reason for s in plan([desire("p", s, seen) for s in specs], seen).infeasible]
    assert reasons
    assert all("; no arrangement with `" in r for r in reasons)
    alone = plan([desire("p", s, seen) for s in (service("a", memory=9), service("b"))], seen)
    assert alone.infeasible[0].verdict.reason.endswith("insufficient memory on 3 hosts")
    monkeypatch.setattr(arrange, "WORK", 5)
    wide = plan([desire("p", s, seen) for s in specs], seen).infeasible[0].verdict.reason
    assert "there are too many arrangements with `" in wide


def held(seen: Observed, *names: str, by: str = "nginx") -> Observed:
    taken = (Listener("", 80, by=by),)
    return replace(seen, hosts=tuple(replace(h, listeners=taken * (h.name in names)) for h in seen.hosts))


def test_a_port_that_somebody_listens_on_is_taken_and_it_is_told_by_whom() -> None:
    spec = service("a", port=80)
    assert load(rolled(held(fleet(3), "h1", "h2"), spec)) == {"h3": 1}
    seen = held(fleet(2), "h1", "h2")
    refused = plan([desire("p", spec, seen)], seen).infeasible[0]
    assert refused.verdict.reason == "1 of 1 replicas have no host: port 80/tcp is taken on h1, h2"
    assert refused.hosts == tuple(f"{h}: port 80/tcp is taken (by nginx)" for h in ("h1", "h2"))
    local = replace(spec, workload=replace(spec.workload, ports=(PortBinding(80, "tcp", 80, "10.0.0.1"),)))
    seen = replace(seen, hosts=(replace(seen.hosts[0], listeners=(Listener("127.0.0.1", 80, by="nginx"),)),))
    assert load(rolled(seen, local)) == {"h1": 1}


def test_an_edge_on_which_another_program_listens_is_refused() -> None:
    world = held(Observed(tuple(host(n) for n in (1, 2))), "h2")
    work = Workload("app", pinned="app@1", ports=(PortBinding(8080, own=True),))
    spec = ServiceSpec("web", work, ingress=Ingress("edge", 8080), update=Update(min_healthy_time=0.0))

    def verdict(seen: Observed, way: Ingress = spec.ingress) -> str:
        wanted = replace(desire("p", replace(spec, ingress=way), seen), edges={"edge": ("h1", "h2")})
        return plan([wanted], seen).services[0].verdict.reason

    assert verdict(world) == "edges cannot listen: port 80 of h2 is taken by nginx"
    assert verdict(world, replace(spec.ingress, listen=443, redirect=80)).endswith("is taken by nginx")
    assert verdict(world, replace(spec.ingress, listen=81)) == ""
    assert verdict(held(world, "h2", by="haproxy in container o8-edge-haproxy-1")) == ""
    assert "haproxy" in verdict(held(world, "h2", by="haproxy"), replace(spec.ingress, via="caddy"))
    local = replace(world.hosts[1], listeners=(Listener("127.0.0.1", 80, by="nginx"),))
    inside = replace(spec.ingress, inside=True)
    assert verdict(replace(world, hosts=(world.hosts[0], local)), inside) == ""


def test_a_volume_or_port_of_another_service_is_told_with_its_name() -> None:
    mounts = (Mount("volume", "/data", "data"),)
    web = service("web", port=80)
    seen = rolled(fleet(1), replace(web, workload=replace(web.workload, mounts=mounts)))
    db = service("db")
    tied = replace(db, workload=replace(db.workload, mounts=mounts))
    for spec, said in ((tied, "volume data is in use"), (service("db", port=80), "port 80/tcp is taken")):
        refused = plan([desire("p", web, seen), desire("p", spec, seen)], seen).infeasible[0]
        assert said in refused.verdict.reason
        assert refused.hosts == (f"h1: {said} (by `web`)",)
