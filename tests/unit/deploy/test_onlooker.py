"""What somebody who looks on sees of rollouts that are driven in memory."""

from __future__ import annotations

from dataclasses import replace

import pytest

from orchestr8.deploy.gate.check import Check
from orchestr8.deploy.ingress import EdgeSight, Placed
from orchestr8.deploy.model import Step, Update
from orchestr8.deploy.onlooker import Picture, changes, picture
from orchestr8.deploy.rollout.view import member_name
from orchestr8.deploy.traffic import Member
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
    update = replace(CANARY, steps=(SCALE, Step("check", checks=(check,)), Step("pause")))
    it = Controller()
    it.run(web(1, update))
    it.run(web(2, update))
    observed = it.world.observe()
    members = tuple(
        Placed(Member(member_name(r), "10.0.0.1", 80, 100 if r.revision == 1 else 33))
        for r in observed.of("web")
        if r.live
    )
    one, other = EdgeSight("x", members), EdgeSight("x", members[:-1])
    now = picture(replace(observed, edges={"web": {"e1": one, "e2": one}}), "web")
    assert now.traffic == {1: 90.1, 2: 9.9}
    assert now.odd == ()
    assert "check smoke" in now.steps
    assert "requests: 90.1% to revision 1, 9.9% to revision 2" in list(changes(None, now))
    assert now.to_json()["traffic"] == {"1": 90.1, "2": 9.9}
    torn = picture(
        replace(observed, edges={"web": {"e1": one, "e2": other, "e3": EdgeSight(error="gone")}}), "web"
    )
    assert "edge e3 does not answer: gone" in torn.odd
    assert any(line.startswith("edges disagree: revision 1 gets") for line in torn.odd)


def test_nobody_can_look_at_what_has_no_record() -> None:
    with pytest.raises(LookupError, match="no record"):
        seen(Controller())
