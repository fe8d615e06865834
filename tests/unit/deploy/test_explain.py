"""Why replicas are where they are."""

from __future__ import annotations

from dataclasses import replace

from orchestr8.deploy.model import (
    Affinity,
    Constraint,
    Desired,
    HostFacts,
    Mount,
    Observed,
    Placement,
    Replica,
    ServiceSpec,
    Spread,
    Workload,
)
from orchestr8.deploy.placement.explain import Choice, explain
from orchestr8.deploy.target import desire

SPEC = ServiceSpec("web", Workload("app", pinned="app@1"), replicas=2)


def host(name: str, zone: str = "a", **more: object) -> HostFacts:
    return HostFacts(name, labels={"zone": zone}, **more)  # type: ignore[arg-type]


def on(spec: ServiceSpec, name: str, slot: int = 1) -> Replica:
    key = f"p-web-{slot}-1"
    return Replica(key, key, "web", slot, 1, spec.workload.spec_hash, name, "running", ready=True)


def explained(spec: ServiceSpec, hosts: list[HostFacts], *replicas: Replica) -> dict[int, Choice]:
    seen = Observed(tuple(hosts), replicas)
    return {c.slot: c for c in explain(desire("p", spec, seen), seen)}


def test_planned_replicas_name_their_score_and_what_every_other_host_lacks() -> None:
    rule = Placement(
        constraints=(Constraint("node.labels.zone", "!=", ("c",)),), spreads=(Spread("node.labels.zone"),)
    )
    spec = replace(SPEC, placement=rule)
    hosts = [
        host("h1"),
        host("h2"),
        host("h3", "b"),
        host("h4", "c"),
        host("h5", reachable=False, error="gone"),
    ]
    spec = replace(spec, placement=replace(rule, on_unreachable="skip"))
    first = explained(spec, hosts)[1]
    assert (first.host, first.state, first.reason) == ("h1", "planned", "one of the best")
    assert {t.name for t in first.terms} == {"apart", "spread node.labels.zone"}
    assert first.score is not None
    others = {o.host: o for o in first.others}
    assert (others["h2"].standing, others["h2"].reason) == ("equal", "as good, the name decides")
    assert others["h3"].standing == "worse"
    assert others["h4"].reason == "node.labels.zone != c is not met (is c)"
    assert others["h5"].reason == "unreachable (gone)"
    assert first.to_json()["others"][0]["host"] == "h2"


def test_a_replica_that_runs_stays_where_a_better_host_has_come() -> None:
    wish = Affinity(Constraint("node.labels.zone", "==", ("b",)))
    spec = replace(SPEC, replicas=1, placement=Placement(affinities=(wish,)))
    found = explained(spec, [host("h1"), host("h2", "b")], on(spec, "h1"))[1]
    assert (found.host, found.state, found.reason) == ("h1", "runs", "it stays where it is")
    assert found.others[0].standing == "better"
    assert found.others[0].reason.startswith("score ")
    at_home = explained(spec, [host("h1"), host("h2", "b")], on(spec, "h2"))[1]
    assert (at_home.reason, at_home.others[0].standing) == ("the best score", "worse")


def test_where_nobody_can_take_it_every_host_says_why() -> None:
    spec = replace(SPEC, replicas=2, placement=Placement(max_per_host=1))
    found = explained(spec, [host("h1"), host("h2", cordoned=True)])
    assert (found[2].host, found[2].state, found[2].reason) == ("", "homeless", "no host can take it")
    assert [o.reason for o in found[2].others] == ["max_replicas_per_node 1 reached", "cordoned"]
    assert found[1].reason == "the only host that may have it"


def test_a_replica_on_a_cordoned_host_stays_and_volumes_and_global_services_are_bound() -> None:
    hosts = [host("h1", cordoned=True), host("h2")]
    single = replace(SPEC, replicas=1)
    assert explained(single, hosts, on(single, "h1"))[1].reason == "it stays although now: cordoned"
    bound = replace(single, workload=replace(SPEC.workload, mounts=(Mount("volume", "/d", "data"),)))
    assert explained(bound, [host("h1"), host("h2")], on(bound, "h2"))[1].reason == "its volume is there"
    everywhere = replace(SPEC, mode="global", replicas=1)
    found = explained(everywhere, [host("h1"), host("h2")])
    assert {c.host for c in found.values()} == {"h1", "h2"}
    assert found[1].reason == "one replica on every host"


def test_explaining_asks_for_nothing_else_than_the_target() -> None:
    seen = Observed((host("h1"),))
    assert explain(Desired("p", replace(SPEC, replicas=0), 1), seen) == ()
