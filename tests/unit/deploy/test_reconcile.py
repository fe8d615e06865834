"""Stations of a rollout that the laws do not single out."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from orchestr8.deploy.ingress import Ingress
from orchestr8.deploy.memory import World
from orchestr8.deploy.model import (
    Action,
    Amount,
    Claim,
    Constraint,
    Decision,
    Dependency,
    Failure,
    HostFacts,
    Journal,
    Mount,
    Observed,
    Placement,
    PortBinding,
    Readiness,
    Replica,
    Reservations,
    ServiceSpec,
    Update,
    Workload,
)
from orchestr8.deploy.project import step
from orchestr8.deploy.reconcile import reconcile
from orchestr8.deploy.target import desire


class Stage(World):
    """A world whose bad images never get ready, driven to the end."""

    def __init__(self, hosts: int = 3, **facts: Any) -> None:
        super().__init__(Observed(tuple(HostFacts(f"h{n}", **facts) for n in range(1, hosts + 1))))
        self.refusals: dict[str, str] = {}
        self.done: list[Action] = []

    def apply(self, action: Action) -> Failure | None:
        self.done.append(action)
        if action.kind in self.refusals:
            return Failure(action, self.refusals[action.kind], permanent=True)
        failure = super().apply(action)
        bad = action.spec is not None and "bad" in action.spec.workload.reference
        if action.kind == "start" and bad and failure is None:
            key = (action.host, action.name)
            self.replicas[key] = replace(self.replicas[key], state="exited", exit_code=3, ready=None)
        return failure

    def drive(self, *specs: ServiceSpec, rounds: int = 200) -> dict[str, Decision]:
        edges = {s.ingress.on: ("h1", "h2") for s in specs if s.ingress is not None}
        desired = [replace(desire("p", s, self.observe()), edges=edges) for s in specs]
        journals: dict[str, Journal] = {}
        now = 0.0
        self.done.clear()
        for _ in range(rounds):
            decided = step(desired, self.observe(), journals, now)
            journals = dict(decided.journals)
            acting = [a for d in decided.decisions.values() for a in d.actions if a.kind != "wait_ready"]
            self.apply_all(acting)
            if decided.final:
                return dict(decided.decisions)
            now = now if acting else max(now, decided.wake_at or now)
        raise AssertionError("never ends")

    def end(self, *specs: ServiceSpec) -> str:
        return self.drive(*specs)[specs[-1].name].verdict.end

    def kinds(self) -> set[str]:
        return {a.kind for a in self.done}

    def where(self, service: str = "web") -> dict[int, str]:
        return {r.slot: r.host for r in self.replicas.values() if r.service == service and r.live}

    def lose(self, host: str) -> None:
        self.hosts[host] = replace(self.hosts[host], reachable=False, error="no route")
        for key in [k for k in self.replicas if k[0] == host]:
            del self.replicas[key]


def web(image: str = "app@1", **fields: Any) -> ServiceSpec:
    work = fields.pop("workload", Workload("app", pinned=image))
    return ServiceSpec("web", replace(work, pinned=image), **fields)


def test_a_first_rollout_that_fails_is_taken_away_and_one_container_is_kept() -> None:
    stage = Stage()
    assert stage.drive(web("bad@1", replicas=3))["web"].verdict.end == "removed"
    kept = list(stage.replicas.values())
    assert len(kept) == 1
    assert kept[0].exit_code == 3
    assert stage.records["web"][1].outcome == "bad"
    assert "exited with code 3" in stage.records["web"][1].reason
    assert stage.end(web("app@2", replicas=3)) == "converged"
    assert {r.revision for r in stage.replicas.values()} == {2}


def test_the_failed_container_and_one_stopped_one_a_slot_are_kept() -> None:
    stage = Stage()
    for image in ("app@1", "app@2", "app@3"):
        assert stage.end(web(image, replicas=2)) == "converged"
    assert stage.end(web("bad@4", replicas=2)) == "rolled_back"
    stopped = sorted((r.slot, r.revision) for r in stage.replicas.values() if not r.live)
    assert stopped == [(1, 2), (1, 4), (2, 2)]
    assert {r.revision for r in stage.replicas.values() if r.live} == {3}


def test_going_back_starts_the_stopped_container_again() -> None:
    stage = Stage()
    exclusive = {"workload": Workload("app", ports=(PortBinding(80, host_port=80),))}
    assert stage.end(web("app@1", **exclusive)) == "converged"
    before = next(iter(stage.replicas.values())).id
    assert (
        stage.end(web("bad@2", update=Update(max_surge=Amount(0), max_unavailable=Amount(1)), **exclusive))
        == "rolled_back"
    )
    assert [r.id for r in stage.replicas.values() if r.live] == [before]


def test_pause_leaves_everything_as_it_is_and_a_rerun_goes_on() -> None:
    stage = Stage()
    update = Update(on_failure="pause")
    assert stage.end(web("app@1", replicas=3)) == "converged"
    assert stage.end(web("bad@2", replicas=3, update=update)) == "paused"
    assert len(stage.where()) == 3
    assert stage.end(web("app@3", replicas=3, update=update)) == "converged"


def test_continue_goes_on_with_other_slots_and_ends_failed() -> None:
    stage = Stage()
    update = Update(on_failure="continue")
    assert stage.end(web("app@1", replicas=3)) == "converged"
    end = stage.drive(web("bad@2", replicas=3, update=update))["web"]
    assert end.verdict.end == "failed"
    assert {r.revision for r in stage.replicas.values() if r.live} == {1}
    assert {a.slot for a in stage.done if a.kind == "create"} == {1, 2, 3}


def test_a_missing_image_fails_before_anything_stops() -> None:
    stage = Stage()
    assert stage.end(web("app@1", replicas=2)) == "converged"
    stage.refusals["pull"] = "manifest unknown"
    decision = stage.drive(web("app@2", replicas=2))["web"]
    assert decision.verdict.end == "failed"
    assert "manifest unknown" in decision.verdict.reason
    assert stage.kinds() <= {"record", "pull"}
    assert stage.records["web"][2].outcome == "bad"


def test_pull_policy_never_is_refused_where_the_image_is_missing() -> None:
    stage = Stage()
    decision = stage.drive(web("app@1", pull_policy="never"))["web"]
    assert decision.verdict.end == "infeasible"
    assert stage.done == []


def test_a_port_taken_by_a_stranger_is_seen_before_anything_is_touched() -> None:
    stage = Stage(hosts=2, strangers=(Claim(ports=(("", 80, "tcp"),)),))
    decision = stage.drive(web(workload=Workload("app", ports=(PortBinding(80, host_port=80),))))["web"]
    assert decision.verdict.end == "infeasible"
    assert "port 80/tcp is taken on h1, h2" in decision.verdict.reason
    assert stage.done == []


def test_a_port_found_taken_at_the_start_rolls_back() -> None:
    stage = Stage()
    assert stage.end(web("app@1")) == "converged"
    stage.refusals["start"] = "port is already allocated"
    assert stage.drive(web("app@2"))["web"].verdict.end == "rolled_back"


def test_full_hosts_make_a_surge_infeasible_and_the_plan_says_so() -> None:
    stage = Stage(hosts=2, memory=100)
    spec = web("app@1", replicas=2, reservations=Reservations(memory=80))
    assert stage.end(spec) == "converged"
    decision = stage.drive(replace(web("app@2", replicas=2), reservations=Reservations(memory=80)))["web"]
    assert decision.verdict.end == "infeasible"
    assert "insufficient memory" in decision.verdict.reason
    assert stage.kinds() <= {"record", "pull", "pin"}
    loose = web(
        "app@3", replicas=2, reservations=Reservations(memory=80), update=Update(max_unavailable=Amount(1))
    )
    assert stage.end(loose) == "converged"


def test_global_runs_once_on_every_matching_host() -> None:
    stage = Stage(hosts=3)
    stage.hosts["h2"] = replace(stage.hosts["h2"], labels={"skip": "yes"})
    everywhere = Placement(constraints=(Constraint("node.labels.skip", "unset"),))
    spec = web(mode="global", placement=everywhere)
    assert stage.end(spec) == "converged"
    assert sorted(stage.where().values()) == ["h1", "h3"]
    slots = stage.where()
    stage.hosts["h0"] = HostFacts("h0")
    assert stage.end(spec) == "converged"
    assert sorted(stage.where().values()) == ["h0", "h1", "h3"]
    assert slots.items() <= stage.where().items()
    assert stage.end(web("app@2", mode="global", placement=everywhere)) == "converged"
    assert slots.items() <= stage.where().items()


def test_an_unreachable_host_stops_everything_by_default() -> None:
    stage = Stage()
    stage.lose("h3")
    decision = stage.drive(web())["web"]
    assert decision.verdict.end == "unreachable"
    assert "h3 (no route)" in decision.verdict.reason
    assert stage.done == []


@pytest.mark.parametrize(("policy", "hosts"), [("skip", ["h1", "h2"]), ("replace", ["h1", "h1", "h2"])])
def test_lost_replicas_are_skipped_or_replaced(policy: Any, hosts: list[str]) -> None:
    stage = Stage()
    placement = Placement(on_unreachable=policy)
    assert stage.end(web(replicas=3, placement=placement)) == "converged"
    stage.lose("h3")
    decision = stage.drive(web("app@2", replicas=3, placement=placement))["web"]
    assert decision.verdict.end == "converged"
    assert sorted(stage.where().values()) == hosts
    assert decision.verdict.skipped == (("h3",) if policy == "skip" else ())


def test_a_lost_host_that_returns_is_brought_up_to_date() -> None:
    stage = Stage()
    placement = Placement(on_unreachable="skip")
    assert stage.end(web(replicas=3, placement=placement)) == "converged"
    hidden = {k: r for k, r in stage.replicas.items() if k[0] == "h3"}
    stage.lose("h3")
    assert stage.end(web("app@2", replicas=3, placement=placement)) == "converged"
    stage.hosts["h3"] = replace(stage.hosts["h3"], reachable=True)
    stage.replicas.update(hidden)
    assert stage.end(web("app@2", replicas=3, placement=placement)) == "converged"
    assert sorted(stage.where().values()) == ["h1", "h2", "h3"]
    assert len({r.spec_hash for r in stage.replicas.values() if r.live}) == 1


def test_a_volume_ties_its_replica_to_its_host() -> None:
    stage = Stage()
    work = Workload("app", mounts=(Mount("volume", "/data", "data"),))
    assert stage.end(web("app@1", workload=work)) == "converged"
    where = stage.where()
    stage.hosts["h0"] = HostFacts("h0", cpus=64)
    assert stage.end(web("app@2", workload=work)) == "converged"
    assert stage.where() == where
    stops = [a.kind for a in stage.done if a.kind in ("stop", "start")]
    assert stops == ["stop", "start"]


def test_a_cordoned_host_gets_nothing_new_and_keeps_what_it_has() -> None:
    stage = Stage()
    assert stage.end(web(replicas=3)) == "converged"
    stage.hosts["h1"] = replace(stage.hosts["h1"], cordoned=True)
    assert stage.end(web(replicas=3)) == "converged"
    assert stage.done == []
    assert stage.end(web(replicas=6)) == "converged"
    assert sorted(stage.where().values()) == ["h1", "h2", "h2", "h2", "h3", "h3"]


def test_a_host_that_no_longer_matches_is_left() -> None:
    stage = Stage()
    rule = Placement(constraints=(Constraint("node.labels.old", "unset"),))
    assert stage.end(web(replicas=3, placement=rule)) == "converged"
    stage.hosts["h1"] = replace(stage.hosts["h1"], labels={"old": "1"})
    assert stage.end(web(replicas=3, placement=rule)) == "converged"
    assert "h1" not in stage.where().values()
    assert len(stage.where()) == 3


def test_services_wait_for_those_they_depend_on() -> None:
    stage = Stage()
    db = ServiceSpec("db", Workload("db", pinned="db@1"))
    ends = stage.drive(web(depends_on=(Dependency("db"),)), db)
    assert {d.verdict.end for d in ends.values()} == {"converged"}
    order = [a.service for a in stage.done if a.kind == "start"]
    assert order == ["db", "web"]


def test_a_service_does_not_begin_when_its_need_failed() -> None:
    stage = Stage()
    db = ServiceSpec("db", Workload("db", pinned="bad@1"))
    ends = stage.drive(web(depends_on=(Dependency("db"),)), db)
    assert ends["db"].verdict.end == "removed"
    assert ends["web"].verdict.end == "failed"
    assert "`db`" in ends["web"].verdict.reason
    assert not [a for a in stage.done if a.service == "web"]


def test_a_need_that_is_not_required_is_waited_for_and_may_fail_or_not_exist() -> None:
    stage = Stage()
    needs = (Dependency("db", required=False), Dependency("nobody", required=False))
    ends = stage.drive(web(depends_on=needs), ServiceSpec("db", Workload("db", pinned="bad@1")))
    assert ends["db"].verdict.end == "removed"
    assert ends["web"].verdict.end == "converged"
    assert next(a.service for a in stage.done if a.kind == "start") == "db"


def test_old_revisions_lose_their_pins() -> None:
    stage = Stage(hosts=1)
    for number in range(1, 6):
        assert stage.end(web(f"app@{number}", revisions=2)) == "converged"
    assert stage.hosts["h1"].pins == frozenset({"web:4", "web:5"})


def test_a_journal_survives_as_json() -> None:
    stage = Stage()
    desired = desire("p", web(replicas=2), stage.observe())
    journal = reconcile(desired, stage.observe(), None, 5.0).journal
    again = Journal.from_json(journal.to_json())
    assert again == replace(journal, progressed=0.0, watch={})


def test_replicas_that_flap_do_not_pass_by_luck() -> None:
    stage = Stage(hosts=1)
    spec = web(readiness=Readiness("http", port=80), update=Update(min_healthy_time=5, healthy_deadline=20))
    desired = desire("p", spec, stage.observe())
    journal, now, ends = None, 0.0, ""
    for number in range(200):
        for key, replica in stage.replicas.items():
            stage.replicas[key] = replace(replica, ready=number % 3 != 0, ready_since=None)
        decision = reconcile(desired, stage.observe(), journal, now)
        journal, ends = decision.journal, decision.verdict.end
        stage.apply_all(a for a in decision.actions if a.kind != "wait_ready")
        if decision.verdict.final:
            break
        now += 1.0
    assert ends == "removed"
    assert now < 40


def test_going_back_takes_the_time_that_the_old_revision_was_given() -> None:
    """The app needs ten seconds to start; only the new revision is in too much of a hurry for that."""
    stage = Stage(hosts=1)
    alone = {"workload": Workload("app", ports=(PortBinding(80, host_port=80),))}
    rule = Readiness("http", port=80)
    assert stage.end(web("app@1", readiness=rule, **alone)) == "converged"
    room = {"max_surge": Amount(0), "max_unavailable": Amount(1)}
    hasty = Update(healthy_deadline=2, progress_deadline=3, **room)
    desired = desire("p", web("app@2", readiness=rule, update=hasty, **alone), stage.observe())
    journal, began, verdict = None, dict.fromkeys(stage.replicas, -10), None
    for now in range(60):
        for key, replica in stage.replicas.items():
            if not replica.live:
                began.pop(key, None)
            elif now - began.setdefault(key, now) < 10:
                stage.replicas[key] = replace(replica, ready=False, ready_since=None)
            else:
                stage.replicas[key] = replace(replica, ready=True)
        decision = reconcile(desired, stage.observe(), journal, now)
        journal, verdict = decision.journal, decision.verdict
        stage.apply_all(a for a in decision.actions if a.kind != "wait_ready")
        if verdict.final:
            break
    assert verdict is not None
    assert verdict.end == "rolled_back", verdict
    assert [r.revision for r in stage.replicas.values() if r.live] == [1]


def test_scale_to_zero_and_back() -> None:
    stage = Stage()
    assert stage.end(web(replicas=3)) == "converged"
    assert stage.end(web(replicas=0)) == "converged"
    assert stage.where() == {}
    assert stage.end(web(replicas=2)) == "converged"
    assert len(stage.where()) == 2


def test_an_edge_that_refuses_the_route_ends_the_rollout_with_what_it_says() -> None:
    stage = Stage(address="10.0.0.1")
    routed = web("app@1", replicas=2, ingress=Ingress("h1,h2", 8080), workload=published())
    stage.refusals["attach"] = "h1: HAProxy did not take up its new file: port 80 is taken"
    verdict = stage.drive(routed)["web"].verdict
    assert (verdict.end, verdict.reason) == ("removed", stage.refusals["attach"])
    assert not stage.where()
    stage.refusals.clear()
    assert stage.end(routed) == "converged"
    stage.refusals["attach"] = "h1: no"
    before = stage.where()
    assert stage.end(replace(routed, workload=replace(routed.workload, pinned="app@2"))) == "rolled_back"
    assert stage.where() == before


def published() -> Workload:
    return Workload("app", ports=(PortBinding(8080, own=True),))


class SlowToSay(Stage):
    """A world whose engine has not yet said whether containers are healthy; our own probes have."""

    def started(self, replica: Replica) -> Replica:
        return replace(super().started(replica), health="starting")


def test_own_readiness_does_not_wait_for_the_first_health_check_of_the_engine() -> None:
    stage = SlowToSay()
    rule = Readiness("http", port=80)
    assert stage.end(web("app@1", replicas=2, readiness=rule)) == "converged"
    assert stage.end(web("app@2", replicas=2, readiness=rule)) == "converged"
    assert stage.end(web("app@2", replicas=2, readiness=rule)) == "converged"
    assert not stage.kinds() & {"create", "start", "stop"}


def test_what_stops_first_is_not_stopped_for_a_container_that_the_engine_refuses_to_make() -> None:
    stage = Stage()
    exclusive = {"workload": Workload("app", ports=(PortBinding(80, host_port=80),))}
    update = Update(max_surge=Amount(0), max_unavailable=Amount(1))
    assert stage.end(web("app@1", replicas=3, update=update, **exclusive)) == "converged"
    stage.refusals["create"] = "unknown capability"
    assert stage.end(web("app@2", replicas=3, update=update, **exclusive)) == "rolled_back"
    assert not stage.kinds() & {"start", "stop"}
    stage.refusals.clear()
    assert stage.end(web("app@3", replicas=3, update=update, **exclusive)) == "converged"
    order = [a.kind for a in stage.done if a.slot == 2 and a.kind in ("create", "stop", "start")]
    assert order == ["create", "stop", "start"]
