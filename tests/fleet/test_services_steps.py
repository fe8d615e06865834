"""Canary and blue-green on real hosts, without a router: what runs at each station, and what never stops."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest

pytestmark = pytest.mark.fleet
PAUSED = 22


def revisions(stage: Any) -> Counter[str]:
    return Counter(c["Config"]["Labels"]["o8.revision"] for c in stage.live())


def test_a_canary_waits_for_approval_and_gives_way_to_a_third_revision_and_to_a_rollback(stage: Any) -> None:
    canary = {"strategy": "canary"}
    first = stage.deploy(update=canary)
    assert revisions(stage) == {"1": 3}, first.out
    old = {c["Id"] for c in stage.live()}
    stage.web("v2", update=canary)
    ran = stage.run()
    assert ran.rc == PAUSED, ran.out
    assert "waits for approval" in ran.out
    assert revisions(stage) == {"1": 3, "2": 1}
    mark = stage.mark()
    again = stage.run()
    assert again.rc == PAUSED, again.out
    assert stage.events(mark) == []
    stage.web("v2", update=canary, environment={"KIND": "third"})
    third = stage.run()
    assert third.rc == PAUSED, third.out
    assert revisions(stage) == {"1": 3, "3": 1}
    assert old <= {c["Id"] for c in stage.live()}
    back = stage.verb("rollback", "web", "-y")
    assert back.rc == 0, back.out
    assert {c["Id"] for c in stage.live()} == old


def test_a_canary_with_a_timed_pause_goes_all_the_way_and_keeps_its_canary(stage: Any) -> None:
    steps = [{"scale": 1}, {"check": "readiness"}, {"pause": "1s"}, {"scale": "100%"}]
    update = {"strategy": "canary", "steps": steps}
    stage.deploy(update=update)
    mark = stage.mark()
    stage.deploy("v2", update=update)
    assert revisions(stage) == {"2": 3}
    first = next(name for _, _, action, name in stage.events(mark) if action == "start")
    canary = next(c for c in stage.live() if c["Name"] == f"/{first}")
    assert canary["Name"].endswith("-2")
    assert not [e for e in stage.events(mark) if e[2] in ("rename", "restart")]
    running = stage.running_over_time(mark, 3)
    assert (min(running), max(running)) == (3, 4)


def test_a_bad_canary_is_taken_away_and_no_old_replica_was_touched(stage: Any) -> None:
    update = {"strategy": "canary"}
    stage.deploy(update=update)
    old = {c["Id"] for c in stage.live()}
    stage.web("crash", update=update)
    ran = stage.run()
    assert ran.rc == 20, ran.out
    assert {c["Id"] for c in stage.live()} == old


def test_blue_green_brings_up_a_whole_second_set_before_the_first_goes(stage: Any) -> None:
    update = {"strategy": "blue_green", "retain": {"running": "1s"}}
    stage.deploy(update=update)
    mark = stage.mark()
    stage.deploy("v2", update=update)
    assert revisions(stage) == {"2": 3}
    actions = [action for _, _, action, _ in stage.events(mark) if action in ("start", "die")]
    assert actions == ["start"] * 3 + ["die"] * 3
