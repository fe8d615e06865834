"""Tasks around a rollout on real hosts: when they run, how often, and what their failure means."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.bed import Fleet
from tests.services_stage import Stage

NOTE = "/tmp/t-hooks"


@pytest.fixture
def stage(fleet: Fleet, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    made = Stage(fleet, "t-hooks", tmp_path_factory.mktemp("hooks"))
    made.clean()
    noted(made, reset=True)
    yield made
    noted(made, reset=True)
    made.clean()


def noted(stage: Stage, *, reset: bool = False) -> list[str]:
    """Return what hooks wrote on any host, one line for each host that a task ran on."""
    words = ["rm", "-f", NOTE] if reset else ["cat", NOTE]
    return sorted(line for host in stage.hosts for line in stage.fleet.exec(host, words).stdout.splitlines())


def says(text: str, **more: Any) -> list[dict[str, Any]]:
    script = f"echo {text} running=$(docker ps -q --filter label=o8.project=t-hooks | wc -l) >> {NOTE}"
    return [{"name": text, "ansible.builtin.shell": script, **more}]


def hooks(**more: Any) -> dict[str, Any]:
    return {
        "pre_deploy": says("before-{{ o8_project }}"),
        "post_deploy": says("after-{{ item }}", loop=["a", "b"]),
        "on_rollback": says("back", run_once=False),
        **more,
    }


def test_hooks_run_once_before_the_first_change_and_after_the_last(stage: Stage) -> None:
    ran = stage.deploy(replicas=1, hooks=hooks(), placement={"hosts": "h1"})
    assert noted(stage) == ["after-a running=1", "after-b running=1", "before-t-hooks running=0"]
    assert "before-" in ran.out
    noted(stage, reset=True)
    assert "unchanged" in stage.run().out
    assert "unchanged" in stage.run("--check").out
    victim = stage.live()[0]
    stage.docker(victim["host"], "stop", "-t", "0", victim["Id"])
    assert stage.run().rc == 0
    assert noted(stage) == []
    stage.web("bad", replicas=1, hooks=hooks(), placement={"hosts": "h1"}, update={"healthy_deadline": "1s"})
    failed = stage.run()
    assert failed.rc == 20, failed.out
    assert noted(stage) == ["back running=0"] * 3 + ["back running=1", "before-t-hooks running=1"]


def test_a_failed_hook_before_keeps_everything_as_it_is_and_one_after_is_told(stage: Stage) -> None:
    stage.deploy(replicas=1)
    mark = stage.mark()
    fails = [{"name": "no", "ansible.builtin.command": "false"}]
    stage.web("v2", replicas=1, hooks={"pre_deploy": fails})
    ran = stage.run()
    assert ran.rc == 2, ran.out
    assert "`pre_deploy` of service `web` failed on h1" in ran.out
    assert stage.events(mark) == []
    stage.web("v2", replicas=1, hooks={"post_deploy": fails})
    late = stage.run()
    assert late.rc == 2, late.out
    assert "`post_deploy` of service `web` failed on h1" in late.out
    assert len(stage.live()) == 1
    assert stage.live()[0]["Config"]["Labels"]["o8.revision"] == "2"
    assert stage.run().rc == 0


def about(phase: str) -> list[dict[str, Any]]:
    return says(
        phase + "-{{ o8_service }}-{{ o8_slot }}-{{ o8_container }}-{{ inventory_hostname == o8_host }}"
    )


def test_hooks_of_replicas_run_on_their_hosts_and_verbs_without_the_playbook_refuse(stage: Stage) -> None:
    mine = {"post_start": about("up"), "pre_stop": about("down")}
    where = {"replicas": 2, "placement": {"hosts": "h1,h2", "max_replicas_per_node": 1}}
    stage.deploy(hooks=mine, **where)
    name = "t-hooks-web-{}-{}"
    assert [line.split()[0] for line in noted(stage)] == [
        f"up-web-{slot}-{name.format(slot, 1)}-True" for slot in (1, 2)
    ]
    noted(stage, reset=True)
    refused = stage.verb("restart", "web", "--yes")
    assert refused.rc == 1, refused.out
    assert "`web` has hooks (post_start, pre_stop)" in refused.out
    assert noted(stage) == []
    broken = [{"name": "no", "ansible.builtin.command": "false"}]
    stage.web("v2", hooks={"post_start": broken, "pre_stop": about("down")}, **where)
    failed = stage.run()
    assert failed.rc == 20, failed.out
    assert "`post_start` failed" in failed.out
    assert all(c["Config"]["Labels"]["o8.revision"] == "1" for c in stage.live())
    assert [line.split()[0].rpartition("-")[0] for line in noted(stage)] == [
        f"down-web-1-{name.format(1, 2)}"
    ]
    assert stage.verb("restart", "web", "--yes", "--skip-hooks").rc == 0
