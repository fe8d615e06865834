"""The verbs about services on real hosts: foretold, saved, applied, scaled, promoted, called off, read."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.fleet


def plan(stage: Any, *words: str) -> Any:
    return stage.o8("plan", str(stage.folder / "site.yml"), "-i", str(stage.inventory()), *words)


def test_a_saved_plan_is_done_exactly_or_not_at_all(stage: Any) -> None:
    stage.deploy()
    mark, saved = stage.mark(), str(stage.folder / "p")
    assert plan(stage, "--detailed-exitcode").rc == 0
    stage.web("v2")
    made = plan(stage, "-o", saved, "--detailed-exitcode")
    assert made.rc == 2, made.out
    assert "replace, the new one first, 1 at a time: 1 on h" in made.out
    assert stage.events(mark) == []
    shown = json.loads(plan(stage, "--json").out)
    steps = [a for wave in shown["services"][0]["waves"] for a in wave if a["kind"] in ("start", "stop")]
    done = stage.o8("apply", saved, "-y")
    assert done.rc == 0, done.out
    wanted = {"start": "start", "die": "stop"}
    events = [(wanted[e[2]], e[3]) for e in stage.events(mark) if e[2] in wanted]
    assert events == [(a["kind"], a["name"]) for a in steps]
    again = stage.o8("apply", saved, "-y")
    assert again.rc == 31, again.out
    assert "changed" in again.out


def test_scale_restart_compare_and_explain(stage: Any) -> None:
    stage.deploy(replicas=2)
    before = {c["Id"] for c in stage.live()}
    assert stage.verb("scale", "web", "3", "--check").rc == 0
    assert {c["Id"] for c in stage.live()} == before
    assert stage.verb("scale", "web", "3", "-y").rc == 0
    scaled = {c["Id"] for c in stage.live()}
    assert len(scaled) == 3
    assert before < scaled
    restarted = stage.verb("restart", "web", "-y")
    assert restarted.rc == 0, restarted.out
    assert not scaled & {c["Id"] for c in stage.live()}
    mark = stage.mark()
    stage.web(replicas=3)
    assert "web: revision 3, 3 replicas, rolling: unchanged" in stage.run().out
    assert stage.events(mark) == []
    assert "replicas: 2 → 3" in stage.verb("diff", "web", "1", "2").out
    explained = json.loads(stage.verb("explain", "web", "--json").out)
    assert {c["host"] for c in explained["replicas"]} == {c["host"] for c in stage.live()}
    assert all(len(c["others"]) == 3 for c in explained["replicas"])


def test_a_canary_is_promoted_or_called_off_from_elsewhere(stage: Any, tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.mkdir()
    stage.deploy()
    for end in ("abort", "promote"):
        stage.web("v2", update={"strategy": "canary"})
        ran = stage.run()
        assert ran.rc == 22, ran.out
        assert len(stage.live()) == 4
        assert "waits for approval" in stage.verb("status", "web").out
        ended = stage.verb(end, "web", "-y", home=other)
        assert ended.rc == 0, ended.out
        images = {image.rpartition("@")[2] for image in stage.versions()}
        assert len(stage.live()) == 3
        assert len(images) == 1
    assert stage.verb("promote", "web", "-y").rc == 1
    outcomes = json.loads(stage.verb("history", "web", "--json").out)["revisions"]
    assert [r["outcome"] for r in outcomes] == ["good", "bad", "good"]


def test_a_host_is_drained_logs_are_merged_and_commands_run_inside(stage: Any) -> None:
    stage.deploy(replicas=2)
    told = stage.verb("logs", "web", "--tail", "all")
    assert told.rc == 0, told.out
    labels = {f"{c['host']} {c['Config']['Labels']['o8.slot']}" for c in stage.live()}
    assert {line.partition(" │ ")[0].strip() for line in told.out.splitlines()} == labels
    where = ("--service", "web", "-i", str(stage.inventory()))
    inside = stage.o8("exec", *where, "--each", "--", "env")
    assert inside.out.count("VERSION=v1") == 2, inside.out
    assert stage.o8("exec", *where, "--", "sh", "-c", "exit 7").rc == 7
    left = stage.live()[0]["host"]
    try:
        mark = stage.mark()
        drained = stage.verb("drain", left, "-y")
        assert drained.rc == 0, drained.out
        assert min(stage.running_over_time(mark, 2)) == 2
        assert left not in {c["host"] for c in stage.live()}
        assert f"{left}: cordoned" in stage.verb("status").out
        assert stage.verb("scale", "web", "5", "-y").rc == 0
        assert left not in {c["host"] for c in stage.live()}
    finally:
        assert stage.verb("uncordon", left).rc == 0
    before = {c["Id"] for c in stage.live()}
    moved = stage.verb("rebalance", "-y")
    assert moved.rc == 0, moved.out
    hosts = [c["host"] for c in stage.live()]
    assert len(hosts) == 5
    assert sorted(hosts.count(h) for h in set(hosts)) == [1, 1, 1, 2]
    assert len(before & {c["Id"] for c in stage.live()}) == 4
