"""Services on real hosts: convergence, rollouts, failures and going back; their engines are the witnesses."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from tests.services_oracle import Oracle
from tests.waiting import wait_for

pytestmark = pytest.mark.fleet


def by_host(stage: Any) -> Counter[str]:
    return Counter(c["host"] for c in stage.live())


def test_first_run_spreads_pins_and_records_and_the_second_does_nothing(stage: Any, tmp_path: Path) -> None:
    ran = stage.deploy()
    live = stage.live()
    assert sorted(by_host(stage).values()) == [1, 1, 1], ran.out
    assert all("@sha256:" in c["Config"]["Image"] for c in live)
    records = [
        host
        for host in stage.hosts
        if stage.fleet.exec(
            host, ["test", "-s", f"/var/lib/orchestr8/{stage.project}/web/revisions/1.json"]
        ).rc
        == 0
    ]
    assert len(records) >= 2
    mode = stage.fleet.exec(
        records[0], ["stat", "-c", "%a", f"/var/lib/orchestr8/{stage.project}/web/revisions/1.json"]
    )
    assert mode.stdout.strip() == "600"
    mark, other = stage.mark(), tmp_path / "other"
    other.mkdir()
    for home in (None, other):
        again = stage.run(home=home)
        assert again.rc == 0, again.out
        assert "unchanged" in again.out
        assert "changed=0" in again.out
        assert "changed=1" not in again.out
    assert stage.events(mark) == []


def test_check_mode_shows_the_plan_and_touches_nothing(stage: Any) -> None:
    stage.web()
    mark = stage.mark()
    ran = stage.run("--check")
    assert ran.rc == 0, ran.out
    assert "3 replicas, rolling" in ran.out
    assert stage.events(mark) == []
    assert stage.fleet.exec("h1", ["test", "-e", f"/var/lib/orchestr8/{stage.project}"]).rc != 0


def test_scaling_keeps_who_is_there(stage: Any) -> None:
    stage.deploy()
    three = {c["Id"] for c in stage.live()}
    stage.deploy(replicas=5)
    five = {c["Id"] for c in stage.live()}
    assert len(five) == 5
    assert three < five
    counts = by_host(stage)
    assert max(counts.values()) - min(counts[h] for h in stage.hosts) <= 1
    stage.deploy(replicas=2)
    two = {c["Id"] for c in stage.live()}
    assert len(two) == 2
    assert two < five
    assert sorted(c["Config"]["Labels"]["o8.slot"] for c in stage.live()) == ["1", "2"]


def test_a_rolling_update_never_has_fewer_nor_many_more(stage: Any) -> None:
    """Under load: whoever can be asked answers, and requests in flight are ended before a container is."""
    kind = {"replicas": 5, "ports": ["8080"]}
    stage.deploy(**kind)
    mark = stage.mark()
    with Oracle(stage) as oracle, oracle.load("/?slow=0.1") as report:
        stage.deploy("v2", **kind)
    counts = stage.running_over_time(mark, 5)
    assert (min(counts), max(counts)) == (5, 6)
    oracle.holds(5, max_surge=1, max_unavailable=0)
    assert len(set(stage.versions())) == 1
    assert (report.failures, report.cut) == ([], [])
    assert set(report.versions) == {"v1", "v2"}


def test_without_surge_as_many_stop_as_may_be_missing(stage: Any) -> None:
    update = {"max_surge": 0, "max_unavailable": 2}
    stage.deploy(replicas=5, update=update)
    mark = stage.mark()
    with Oracle(stage) as oracle:
        stage.deploy("v2", replicas=5, update=update)
    oracle.holds(5, max_surge=0, max_unavailable=2)
    counts = stage.running_over_time(mark, 5)
    assert min(counts) == 3
    assert max(counts) == 5


def test_an_app_that_crashes_late_is_rolled_back_with_its_evidence(stage: Any) -> None:
    stage.deploy()
    before = stage.versions()
    stage.web("v2", environment={"CRASH_AFTER": "2"}, update={"min_healthy_time": "20s"})
    ran = stage.run()
    assert ran.rc == 20, ran.out
    assert "crashing after 2 s" in ran.out
    assert "exit code 1" in ran.out
    assert stage.versions() == before
    kept = [c for c in stage.containers() if not c["State"]["Running"]]
    assert [c["Config"]["Labels"]["o8.revision"] for c in kept] == ["2"]


def test_an_app_without_enough_memory_is_rolled_back_and_that_is_said(stage: Any) -> None:
    stage.deploy(replicas=1)
    before = stage.versions()
    eater = ["python3", "-c", "import time; time.sleep(1); x = bytearray(200 << 20)"]
    kind = {"entrypoint": eater, "resources": {"limits": {"memory": "24M"}}, "restart": "unless-stopped"}
    stage.web("v2", replicas=1, update={"healthy_deadline": "60s"}, **kind)
    ran = stage.run()
    assert ran.rc == 20, ran.out
    assert "exit code 137, out of memory" in ran.out, ran.out
    assert stage.versions() == before


def test_a_slow_start_is_given_its_deadline(stage: Any) -> None:
    stage.web(replicas=1, environment={"START_DELAY": "4"}, update={"healthy_deadline": "2s"})
    ran = stage.run()
    assert ran.rc == 20, ran.out
    assert "was not healthy within 2s" in ran.out
    assert stage.live() == []
    stage.deploy(replicas=1, environment={"START_DELAY": "4"}, update={"healthy_deadline": "2m"})
    assert len(stage.live()) == 1


def blocked_slot(stage: Any, slot: int, revision: int) -> None:
    """Let a stranger hold the name that a replica will need."""
    host = next(c["host"] for c in stage.live() if c["Config"]["Labels"]["o8.slot"] == str(slot))
    name = f"{stage.project}-web-{slot}-{revision}"
    stage.docker(
        host, "create", "--name", name, "--label", f"o8.project={stage.project}", stage.fleet.image("v1")
    )


def test_a_failure_in_the_middle_brings_all_back_to_the_old_config(stage: Any) -> None:
    stage.deploy(replicas=4, environment={"VERSION": "one"})
    before = stage.versions()
    blocked_slot(stage, 3, 2)
    stage.web("v2", replicas=4, environment={"VERSION": "two"})
    with Oracle(stage) as oracle:
        ran = stage.run()
    assert ran.rc == 20, ran.out
    assert stage.versions() == before
    assert all("VERSION=one" in c["Config"]["Env"] for c in stage.live())
    oracle.holds(4)


def test_a_failure_may_pause_and_be_rolled_back_by_hand(stage: Any) -> None:
    stage.deploy(replicas=4)
    before = stage.versions()
    blocked_slot(stage, 3, 2)
    stage.web("v2", replicas=4, update={"on_failure": "pause"})
    ran = stage.run()
    assert ran.rc == 22, ran.out
    assert Counter(stage.versions())[before[0]] == 2
    back = stage.verb("rollback", "web", "-y")
    assert back.rc == 0, back.out
    assert stage.versions() == before


def test_a_good_version_replaces_replicas_that_all_crash(stage: Any) -> None:
    stage.deploy(environment={"CRASH_AFTER": "5"}, update={"min_healthy_time": "200ms", "max_surge": 3})
    wait_for(lambda: all(c["RestartCount"] for c in stage.containers()))
    stage.deploy("v2")
    assert len(stage.live()) == 3
    assert all("CRASH_AFTER=5" not in c["Config"]["Env"] for c in stage.live())


def test_a_volume_never_has_two_holders_and_the_old_one_comes_back(stage: Any) -> None:
    volume = [f"{stage.project}-data:/data"]
    stage.deploy(replicas=1, volumes=volume)
    home = stage.live()[0]["host"]
    mark = stage.mark()
    ran = stage.deploy("v2", replicas=1, volumes=volume)
    assert "downtime" in ran.out
    assert max(stage.running_over_time(mark, 1)) == 1
    assert stage.live()[0]["host"] == home
    good = stage.live()[0]["Id"]
    mark = stage.mark()
    stage.web("crash", replicas=1, volumes=volume)
    failed = stage.run()
    assert failed.rc == 20, failed.out
    assert max(stage.running_over_time(mark, 1)) == 1
    assert [c["Id"] for c in stage.live()] == [good]


def test_a_fixed_port_is_free_before_it_is_taken_again(stage: Any) -> None:
    kind = {"replicas": 4, "ports": ["18080:8080"], "environment": {"IGNORE_TERM": "1"}}
    stage.deploy(**kind)
    assert sorted(by_host(stage)) == ["h1", "h2", "h3", "h4"]
    mark = stage.mark()
    ran = stage.deploy("v2", stop_grace_period="1s", **kind)
    assert "already allocated" not in ran.out
    assert max(stage.running_over_time(mark, 4)) == 4
    assert len(set(stage.versions())) == 1


def test_a_host_that_is_away_stops_everything_or_is_skipped(stage: Any) -> None:
    stage.deploy(replicas=4)
    stage.fleet.host("h4").kill("sshd")
    mark = stage.mark()
    stage.web("v2", replicas=4)
    ran = stage.run()
    assert ran.rc == 4, ran.out
    assert "h4" in ran.out
    assert stage.events(mark) == []
    stage.web("v2", replicas=4, placement={"on_unreachable": "skip"})
    skipped = stage.run()
    assert skipped.rc == 23, skipped.out
    assert len(set(stage.versions())) == 2
    stage.fleet.host("h4").start("sshd")
    assert stage.run().rc == 0
    assert len(set(stage.versions())) == 1
    assert len(stage.live()) == 4


def test_an_image_that_is_not_to_be_had_changes_nothing(stage: Any) -> None:
    stage.deploy()
    mark = stage.mark()
    stage.web("nosuchtag")
    ran = stage.run()
    assert ran.rc == 2, ran.out
    assert "nosuchtag" in ran.out
    assert stage.events(mark) == []


def test_a_controller_that_is_killed_leaves_work_that_goes_on(stage: Any) -> None:
    stage.deploy(replicas=4)
    path = stage.web("v2", replicas=4)
    process = stage.start("run", str(path), "-i", str(stage.inventory()), "--plain")
    stage.wait_for(process, "create h2")
    process.kill()
    process.wait()
    mark = stage.mark()
    again = stage.run()
    assert again.rc == 0, again.out
    assert len(stage.live()) == 4
    assert len(set(stage.versions())) == 1
    slots = sorted(c["Config"]["Labels"]["o8.slot"] for c in stage.live())
    assert slots == ["1", "2", "3", "4"]
    assert not [c for c in stage.containers() if c["State"]["Status"] == "created"]
    assert mark
    assert "unchanged" in stage.run().out


def test_an_interruption_ends_between_two_replicas(stage: Any) -> None:
    stage.deploy(replicas=4)
    path = stage.web("v2", replicas=4)
    mark = stage.mark()
    process = stage.start("run", str(path), "-i", str(stage.inventory()), "--plain")
    seen = stage.wait_for(process, "create h2")
    stage.interrupt(process)
    out, _ = process.communicate(timeout=120)
    assert process.returncode == 130, seen + out
    assert min(stage.running_over_time(mark, 4)) >= 4
    assert stage.run().rc == 0
    assert len(set(stage.versions())) == 1
    assert len(stage.live()) == 4


def test_an_engine_that_is_down_is_told_before_anything_changes(stage: Any) -> None:
    stage.deploy(placement={"hosts": "h1,h2"}, replicas=2)
    stage.web("v2", replicas=2)
    stage.fleet.host("h4").kill("dockerd")
    ran = stage.run()
    stage.fleet.host("h4").start("dockerd")
    assert ran.rc == 2, ran.out
    assert "h4" in ran.out


def test_a_port_that_a_program_holds_is_foreseen(stage: Any) -> None:
    """On hosts where it is held nothing is placed, and no edge can listen; the plan says who holds it."""
    hold = (
        "import os,socket,time;s=socket.socket();s.bind(('0.0.0.0',18090));s.listen();"
        "os.fork() and os._exit(0);time.sleep(600)"
    )
    for host in ("h1", "h2", "h3"):
        done = stage.fleet.exec(host, ["sh", "-c", f'python3 -c "{hold}" >/dev/null 2>&1 </dev/null'])
        assert done.rc == 0, done
    try:
        stage.deploy(replicas=1, ports=["18090:8080"])
        assert [c["host"] for c in stage.live()] == ["h4"]
        mark = stage.mark()
        stage.web(replicas=2, ports=["18090:8080"])
        ran = stage.run()
        assert ran.rc == 32, ran.out
        assert "h1: port 18090/tcp is taken (by python3" in ran.out
        stage.web(replicas=1, ports=["8080"], ingress={"on": "h2", "port": 8080, "listen": 18090})
        ran = stage.verb("plan", str(stage.folder / "site.yml"))
        assert ran.rc == 32, ran.out
        assert "port 18090 of h2 is taken by python3" in ran.out
        assert stage.events(mark) == []
    finally:
        for host in ("h1", "h2", "h3"):
            stage.fleet.exec(host, ["pkill", "-f", "18090"])


def test_what_has_no_place_is_refused_with_every_hosts_reason(stage: Any) -> None:
    stage.labels.update({"h1": {"disk": "hdd"}})
    stage.web(placement={"constraints": ["node.labels.disk == ssd"]})
    mark = stage.mark()
    ran = stage.run()
    assert ran.rc == 32, ran.out
    assert "node.labels.disk == ssd is not met" in ran.out
    assert stage.events(mark) == []


def test_going_back_needs_neither_playbook_nor_registry_nor_the_same_machine(
    stage: Any, tmp_path: Path
) -> None:
    stage.deploy(environment={"VERSION": "one"})
    old = stage.versions()
    stage.deploy("v2", environment={"VERSION": "two"})
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (tmp_path / "site.yml").unlink()
    checked = stage.verb("rollback", "web", "--check", home=elsewhere)
    assert checked.rc == 0, checked.out
    assert "must pull" not in checked.out
    assert stage.versions() != old
    back = stage.verb("rollback", "web", "-y", home=elsewhere)
    assert back.rc == 0, back.out
    assert "pull" not in back.out.replace("planned", "")
    assert stage.versions() == old
    assert all("VERSION=one" in c["Config"]["Env"] for c in stage.live())
    history = json.loads(stage.verb("history", "web", "--json").out)
    assert [r["outcome"] for r in history["revisions"]] == ["good", "good", "good"]
    assert history["revisions"][0]["rollback_of"] == 1
    status = json.loads(stage.verb("status", "--json").out)
    web = status["projects"][stage.project]["web"]
    assert (web["revision"], len(web["replicas"]), web["drift"]) == (3, 3, [])
    assert {r["health"] for r in web["replicas"]} == {"healthy"}


def test_records_that_a_host_lost_are_healed(stage: Any) -> None:
    stage.deploy()
    place = f"/var/lib/orchestr8/{stage.project}"
    stage.fleet.exec("h1", ["rm", "-rf", place])
    stage.fleet.exec("h2", ["sh", "-c", f"echo '{{}}' > {place}/web/revisions/1.json"])
    mark = stage.mark()
    ran = stage.run()
    assert ran.rc == 0, ran.out
    assert stage.events(mark) == []
    for host in ("h1", "h2"):
        assert stage.fleet.exec(host, ["grep", "-q", "checksum", f"{place}/web/revisions/1.json"]).rc == 0


def test_status_tells_of_what_is_not_as_it_should_be(stage: Any) -> None:
    stage.deploy()
    victim = stage.live()[0]
    stage.docker(victim["host"], "stop", "-t", "0", victim["Name"].lstrip("/"))
    told = stage.verb("status", "web")
    assert told.rc == 0, told.out
    assert "2 of 3 replicas run" in told.out
    ran = stage.run()
    assert ran.rc == 0, ran.out
    assert len(stage.live()) == 3


def mounted(stage: Any, path: str, *, revision: int) -> set[str]:
    """What a file is in the containers of a revision, running or not."""
    found = set()
    for each in stage.containers():
        if each["Config"]["Labels"]["o8.revision"] == str(revision):
            source = next(m["Source"] for m in each["Mounts"] if m["Destination"] == path)
            found.add(stage.fleet.exec(each["host"], ["cat", source]).stdout)
    return found


def test_a_changed_config_or_secret_is_rolled_out_and_the_old_one_is_kept(stage: Any, tmp_path: Path) -> None:
    """S5"""
    (tmp_path / "app.env").write_text("FROM_FILE='a b'\n")
    (tmp_path / "app.conf.j2").write_text("says {{ 1 + 1 }}\n")
    kind: dict[str, Any] = {
        "replicas": 2,
        "env_file": "app.env",
        "configs": [{"source": "app.conf.j2", "target": "/etc/app.conf"}],
        "secrets": [{"source": "pw", "content": "hush-one", "mode": "0400", "uid": 7}],
    }
    stage.deploy(**kind)
    first = stage.live()
    assert all("FROM_FILE=a b" in c["Config"]["Env"] for c in first)
    assert mounted(stage, "/etc/app.conf", revision=1) == {"says 2\n"}
    source = next(m for m in first[0]["Mounts"] if m["Destination"] == "/run/secrets/pw")
    told = stage.fleet.exec(first[0]["host"], ["stat", "-c", "%a %u %g", source["Source"]]).stdout
    assert (told.strip(), source["RW"]) == ("400 7 0", False)
    assert "unchanged" in stage.run().out
    (tmp_path / "app.conf.j2").write_text("says {{ 1 + 2 }}\n")
    mark = stage.mark()
    rolled = stage.deploy(**kind)
    assert min(stage.running_over_time(mark, 2)) == 2
    assert "files./etc/app.conf.content" in rolled.out
    assert mounted(stage, "/etc/app.conf", revision=2) == {"says 3\n"}
    assert mounted(stage, "/etc/app.conf", revision=1) == {"says 2\n"}
    kind["secrets"][0]["content"] = "hush-two"
    rolled = stage.deploy(**kind)
    assert "hush" not in rolled.out
    assert mounted(stage, "/run/secrets/pw", revision=3) == {"hush-two"}
    back = stage.verb("rollback", "web", "--to", "1", "-y")
    assert back.rc == 0, back.out
    assert "hush" not in back.out + stage.verb("history", "web", "--json").out
    assert mounted(stage, "/etc/app.conf", revision=4) == {"says 2\n"}
    assert mounted(stage, "/run/secrets/pw", revision=4) == {"hush-one"}
