"""The acceptance scenarios of services, each a test named after it; `tests/scenarios.py` knows of the others.

The oracle is what the engines of all hosts say happened, merged by time, beside exit codes and records.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest

from tests.services_oracle import Oracle
from tests.services_stage import Stage


def acted(stage: Stage, since: str) -> Counter[tuple[str, str]]:
    """Return what was done to containers since a mark: how often each action by each container's name."""
    kinds = ("create", "start", "destroy", "stop")
    return Counter((e[2], e[3]) for e in stage.events(since) if e[2] in kinds)


def slots(stage: Stage) -> list[str]:
    return sorted(c["Config"]["Labels"]["o8.slot"] for c in stage.live())


def test_s3_a_saved_plan_is_what_apply_does(stage: Stage) -> None:
    stage.deploy()
    stage.web("v2")
    mark, saved = stage.mark(), str(stage.folder / "plan.o8")
    site = str(stage.folder / "site.yml")
    planned = stage.o8("plan", site, "-i", str(stage.inventory()), "-o", saved, "--detailed-exitcode")
    assert planned.rc == 2, planned.out
    assert stage.events(mark) == []
    applied = stage.o8("apply", saved)
    assert applied.rc == 0, applied.out
    names = {f"{stage.project}-web-{slot}-2" for slot in (1, 2, 3)}
    done = acted(stage, mark)
    assert {name for kind, name in done if kind == "create"} == names
    for name in names:
        slot = name.split("-")[-2]
        host = next(e[1] for e in stage.events(mark) if e[2:] == ("create", name))
        assert f"{slot} on {host}" in planned.out
    assert set(done.values()) == {1}


def push(stage: Stage, tag: str, what: str) -> str:
    """Let a tag of the registry stand for an image."""
    image = f"{stage.fleet.registry.address}/app:{tag}"
    for words in (
        ("pull", stage.fleet.image(what)),
        ("tag", stage.fleet.image(what), image),
        ("push", image),
    ):
        stage.docker("h1", *words)
    stage.docker("h1", "rmi", image)
    return image


def test_s7_a_tag_that_moved_is_a_change_and_one_that_did_not_is_none(stage: Stage) -> None:
    image = push(stage, "moving", "v1")
    stage.deploy(image=image)
    first = stage.versions()
    assert "unchanged" in stage.run().out
    push(stage, "moving", "v2")
    checked = stage.run("--check")
    assert stage.versions() == first
    ran = stage.run()
    assert ran.rc == 0, ran.out
    (old,), (new,) = set(first), set(stage.versions())
    assert old != new
    for each in (old, new):
        assert each.rpartition("@sha256:")[2][:12] in checked.out


def test_s11_percentages_are_rounded_for_safety_and_no_room_at_all_is_refused(stage: Stage) -> None:
    update = {"max_surge": "25%", "max_unavailable": "25%"}
    stage.deploy(update=update)
    with Oracle(stage) as oracle:
        stage.deploy("v2", update=update)
    oracle.holds(3)
    stage.web("v1", update={"max_surge": 0, "max_unavailable": 0})
    refused = stage.run()
    assert refused.rc == 1, refused.out
    assert "nothing can ever be replaced" in refused.out


def test_s14_after_a_pause_the_same_run_again_goes_on(stage: Stage) -> None:
    stage.deploy(replicas=4)
    host = next(c["host"] for c in stage.live() if c["Config"]["Labels"]["o8.slot"] == "3")
    blocker = f"{stage.project}-web-3-2"
    stage.docker(
        host, "create", "--name", blocker, "--label", f"o8.project={stage.project}", stage.fleet.image("v1")
    )
    stage.web("v2", replicas=4, update={"on_failure": "pause"})
    paused = stage.run()
    assert paused.rc == 22, paused.out
    assert sorted(Counter(stage.versions()).values()) == [2, 2]
    stage.docker(host, "rm", blocker)
    again = stage.run()
    assert again.rc == 0, again.out
    assert len(set(stage.versions())) == 1
    assert slots(stage) == ["1", "2", "3", "4"]


def test_s28_requests_in_flight_are_ended_before_a_container_is(stage: Stage) -> None:
    kind = {"ports": ["8080"], "stop_grace_period": "10s"}
    stage.deploy(**kind)
    with Oracle(stage) as oracle, oracle.load("/?slow=1.5", rate=4) as report:
        stage.deploy("v2", **kind)
    oracle.holds(3)
    assert (report.failures, report.cut) == ([], [])
    moments = {(name, action): when for when, _, action, name in stage.events(oracle.mark)}
    waited = [moments[n, "die"] - when for (n, action), when in moments.items() if action == "kill"]
    assert len(waited) == 3
    assert 0.2 < max(waited) < 9


def test_s28_an_app_that_ignores_the_signal_is_killed_at_its_grace(stage: Stage) -> None:
    kind: dict[str, Any] = {"replicas": 2, "environment": {"IGNORE_TERM": "1"}, "stop_grace_period": "2s"}
    stage.deploy(**kind)
    mark = stage.mark()
    stage.deploy("v2", **kind)
    moments: dict[tuple[str, str], list[float]] = {}
    for when, _, action, name in stage.events(mark):
        moments.setdefault((name, action), []).append(when)
    for slot in (1, 2):
        name = f"{stage.project}-web-{slot}-1"
        asked, died = moments[name, "kill"][0], moments[name, "die"][0]
        assert 1.0 < died - asked < 9.0
    assert len(set(stage.versions())) == 1


def test_s33_an_engine_that_restarts_in_the_middle_costs_no_double(stage: Stage) -> None:
    stage.deploy(replicas=4)
    path = stage.web("v2", replicas=4, update={"healthy_deadline": "2m"})
    mark = stage.mark()
    process = stage.start("run", str(path), "-i", str(stage.inventory()), "--plain")
    seen = stage.wait_for(process, "create h2")
    stage.fleet.host("h2").kill("dockerd")
    stage.fleet.host("h2").start("dockerd")
    out, _ = process.communicate(timeout=120)
    assert process.returncode == 0, seen + out
    assert slots(stage) == ["1", "2", "3", "4"]
    assert {c["Config"]["Labels"]["o8.revision"] for c in stage.live()} == {"2"}
    alive = Counter(e[3] for e in stage.events(mark) if e[2] == "create")
    alive.subtract(e[3] for e in stage.events(mark) if e[2] == "destroy" and e[3] in alive)
    assert max(alive.values()) == 1


@pytest.fixture
def live_restore(stage: Stage) -> Iterator[None]:
    """Let h2's containers live on while its engine is away."""
    host, file = stage.fleet.host("h2"), "/etc/docker/daemon.json"
    before = stage.fleet.exec("h2", ["cat", file]).stdout

    def restarted(settings: str) -> None:
        host.exec(["sh", "-c", f"cat > {file}"], stdin=settings)
        host.kill("dockerd")
        host.start("dockerd")

    restarted(json.dumps({**json.loads(before), "live-restore": True}))
    try:
        yield
    finally:
        restarted(before)


@pytest.mark.usefixtures("live_restore")
def test_s33_containers_that_outlive_their_engine_are_not_disturbed(stage: Stage) -> None:
    stage.deploy(replicas=4)
    (before,) = [c for c in stage.live() if c["host"] == "h2"]
    path = stage.web("v1", replicas=6)
    process = stage.start("run", str(path), "-i", str(stage.inventory()), "--plain")
    seen = stage.wait_for(process, "create")
    stage.fleet.host("h2").kill("dockerd")
    stage.fleet.host("h2").start("dockerd")
    out, _ = process.communicate(timeout=120)
    assert process.returncode == 0, seen + out
    assert slots(stage) == ["1", "2", "3", "4", "5", "6"]
    (after,) = [c for c in stage.live() if c["Id"] == before["Id"]]
    assert after["State"]["StartedAt"] == before["State"]["StartedAt"]


def test_s42_two_hosts_drained_at_once_share_one_budget(stage: Stage) -> None:
    stage.deploy(replicas=4)
    mark = stage.mark()
    words = ("-y", "--lock-wait", "60s", "-i", str(stage.inventory()))
    try:
        both = [stage.start("drain", host, *words) for host in ("h1", "h2")]
        for process in both:
            out, _ = process.communicate(timeout=120)
            assert process.returncode == 0, out
        assert min(stage.running_over_time(mark, 4)) == 4
        assert max(stage.running_over_time(mark, 4)) == 5
        assert {c["host"] for c in stage.live()} == {"h3", "h4"}
        assert slots(stage) == ["1", "2", "3", "4"]
    finally:
        assert stage.verb("uncordon", "h1", "h2").rc == 0


def test_s34_a_registry_that_stalls_or_refuses_stops_no_container(stage: Stage) -> None:
    stage.deploy()
    mark = stage.mark()
    stage.web(image="127.0.0.1:9/app:v1")
    ran = stage.run()
    assert ran.rc == 2, ran.out
    assert "h1" in ran.out
    assert "nothing was touched" in ran.out
    for host in stage.hosts:
        stage.docker(host, "pull", "-q", stage.fleet.image("v2"))
        stage.docker(host, "tag", stage.fleet.image("v2"), "127.0.0.1:9/app:v2")
    for policy, rc in (("always", 2), ("missing", 0), ("never", 0)):
        assert stage.events(mark) == []
        stage.web(image="127.0.0.1:9/app:v2", pull_policy=policy)
        ran = stage.run("--check")
        assert ran.rc == rc, ran.out
    for host in stage.hosts:
        stage.docker(host, "rmi", "127.0.0.1:9/app:v2")
    stage.web(image="127.0.0.1:9/app:v2", pull_policy="never")
    ran = stage.run()
    assert ran.rc == 2, ran.out
    assert "pull_policy is never and 127.0.0.1:9/app:v2 is not there" in ran.out
    assert stage.events(mark) == []


def test_s35_two_sessions_a_host_are_enough(stage: Stage) -> None:
    place = "/etc/ssh/sshd_config.d/limits.conf"

    def on_all(script: str) -> None:
        for host in stage.hosts:
            assert stage.fleet.exec(host, ["sh", "-c", f"{script}; pkill -HUP -o -x sshd"]).rc == 0

    on_all(f"printf 'MaxSessions 2\\nMaxStartups 3:30:10\\n' > {place}")
    assert "maxsessions 2" in stage.fleet.exec("h1", ["/usr/sbin/sshd", "-T"]).stdout
    try:
        stage.deploy(replicas=24, update={"max_surge": 12})
        stage.deploy("v2", replicas=24, update={"max_surge": 24})
    finally:
        on_all(f"rm {place}")
    assert len(stage.live()) == 24
    assert len(set(stage.versions())) == 1


def test_s40_replicas_stay_even_over_zones_update_after_update(stage: Stage) -> None:
    stage.labels.update({h: {"zone": z} for h, z in zip(stage.hosts, "aabb", strict=True)})
    zone = {h: z["zone"] for h, z in stage.labels.items()}
    for version in ("v1", "v2", "v1", "v2"):
        stage.deploy(
            version,
            replicas=5,
            update={"max_surge": 5},
            placement={"preferences": [{"spread": "node.labels.zone", "max_skew": 1}]},
        )
        counts = Counter(zone[c["host"]] for c in stage.live())
        assert sorted(counts.values()) == [2, 3]


def test_s43_a_service_waits_for_what_it_depends_on(stage: Stage) -> None:
    spec = {"image": stage.fleet.image("v1"), "replicas": 1, "update": {"min_healthy_time": "300ms"}}
    checked = {"readiness": {"http": "/healthz", "port": 8080, "interval": "300ms"}}
    slow = {**spec, **checked, "environment": {"START_DELAY": "2"}}
    needs = {"depends_on": {"db": {"condition": "service_healthy"}}}
    mark = stage.mark()
    stage.write({"web": {**spec, **needs}, "db": slow})
    ran = stage.run()
    assert ran.rc == 0, ran.out
    started = {e[3]: e[0] for e in stage.events(mark) if e[2] == "start"}
    assert started[f"{stage.project}-web-1-1"] - started[f"{stage.project}-db-1-1"] > 2
    broken = {
        **slow,
        "image": stage.fleet.image("bad"),
        "update": {"healthy_deadline": "1500ms", **spec["update"]},
    }
    broken["update"]["min_healthy_time"] = "200ms"
    web = next(c["Id"] for c in stage.live() if "-web-" in c["Name"])
    stage.write({"web": {**spec, **needs, "environment": {"B": "2"}}, "db": broken})
    failed = stage.run()
    assert failed.rc == 20, failed.out
    assert "which it depends on" in failed.out
    assert web in {c["Id"] for c in stage.live()}


def test_s45_a_service_that_is_gone_is_listed_and_left_alone(stage: Stage) -> None:
    stage.deploy(replicas=2)
    spec = {"image": stage.fleet.image("v1"), "replicas": 1, "update": {"min_healthy_time": "200ms"}}
    stage.write({"renamed": spec})
    mark = stage.mark()
    ran = stage.run()
    assert ran.rc == 0, ran.out
    assert "orphans (left alone)" in ran.out
    for slot in (1, 2):
        assert f"{stage.project}-web-{slot}-1" in ran.out
    assert not [e for e in stage.events(mark) if "-web-" in e[3]]
    assert len(stage.live()) == 3
    told = json.loads(stage.verb("status", "--json").out)
    assert set(told["projects"][stage.project]) == {"web", "renamed"}


def test_s45_what_a_playbook_lacks_goes_by_prune_with_all_that_was_its_own(stage: Stage) -> None:
    spec = {"image": stage.fleet.image("v1"), "replicas": 1, "update": {"min_healthy_time": "200ms"}}
    stage.write({"web": spec, "old": {**spec, "replicas": 2}})
    assert stage.run().rc == 0
    web = next(c["Id"] for c in stage.live() if "-web-" in c["Name"])
    site = str(stage.write({"web": spec}))
    mark = stage.mark()
    listed = stage.verb("prune", "--check")
    assert "nothing is left over" in listed.out, listed.out
    checked = stage.verb("prune", "--playbook", site, "--check")
    assert checked.rc == 0, checked.out
    assert f"container {stage.project}-old-1-1" in checked.out
    assert "-web-" not in checked.out
    assert stage.events(mark) == []
    done = stage.verb("prune", "--playbook", site, "-y")
    assert done.rc == 0, done.out
    assert [c["Id"] for c in stage.containers()] == [web]
    assert set(json.loads(stage.verb("status", "--json").out)["projects"][stage.project]) == {"web"}
    assert "nothing is left over" in stage.verb("prune", "--playbook", site, "-y").out
    bare = stage.folder / "bare.yml"
    bare.write_text("- hosts: web\n  tasks: []\n")
    refused = stage.verb("prune", "--playbook", str(bare), "-y")
    assert refused.rc == 1, refused.out
    assert "all of them would go" in refused.out
