"""What somebody who looks on sees of rollouts that are driven in memory."""

from __future__ import annotations

from dataclasses import replace

import pytest

from orchestr8.deploy.gate.check import Check
from orchestr8.deploy.model import Step, Update
from orchestr8.deploy.onlooker import Picture, changes, picture
from tests.unit.deploy.test_steps import CANARY, SCALE, Controller, paused, web


def seen(it: Controller, holder: str = "") -> Picture:
    return picture(it.world.observe(), "web", holder)


def test_a_rollout_that_waits_is_seen_with_its_step_and_its_replicas() -> None:
    now = seen(paused())
    assert (now.stable, now.target, now.step, now.waiting) == (1, 2, 3, "approval")
    assert now.at == "step 3 of 4: pause until approval"
    assert sorted(r.revision for r in now.rows) == [1, 1, 1, 2]
    assert now.end == "paused"
    assert replace(now, holder="somebody").end == ""


def test_what_has_changed_is_told_once() -> None:
    it = paused()
    before = seen(it)
    first = list(changes(None, before))
    assert first[0] == "revision 1 → 2 (app → app), canary: under way"
    assert "waits for approval" in first
    assert not list(changes(before, seen(it)))
    it.promote()
    told = list(changes(before, seen(it, "me")))
    assert told[:2] == ["revision 1 → 2 (app → app), canary: good", "carried out by me"]
    assert sum("is gone" in line for line in told) == 3
    assert seen(it).end == "good"


def test_a_rollout_that_was_called_off_is_over_when_everything_is_as_before() -> None:
    it = paused()
    it.say(abort="too slow")
    now = seen(it)
    assert (now.end, now.reason) == ("rolled_back", "aborted: too slow")
    assert replace(now, holder="me").end == ""
    assert replace(now, rows=now.rows[1:]).end == "rollback_failed"


def test_one_that_nobody_carries_out_is_abandoned() -> None:
    it = Controller()
    it.run(web(1, Update(min_healthy_time=0.0)))
    it.run(web(2, Update(min_healthy_time=0.0)), pause=True)
    assert seen(it).waiting == "somebody to resume it"
    record = it.record()
    it.world.records["web"][2] = replace(record, stage=replace(record.stage, held=False))
    assert seen(it).end == "abandoned"


def test_requests_and_checks_are_shown() -> None:
    check = Check("exec", command=("true",), name="smoke")
    it = Controller(routed=True)
    update = replace(
        CANARY, steps=(SCALE, Step("weight", weight=10), Step("check", checks=(check,)), Step("pause"))
    )
    it.run(web(1, update))
    it.run(web(2, update))
    now = seen(it)
    assert now.traffic == {1: 90, 2: 10}
    assert "check smoke" in now.steps
    assert "requests: 90% to revision 1, 10% to revision 2" in list(changes(None, now))
    assert now.to_json()["traffic"] == {"1": 90, "2": 10}


def test_nobody_can_look_at_what_has_no_record() -> None:
    with pytest.raises(LookupError, match="no record"):
        seen(Controller())
