"""Rollouts by steps: what each step waits for, and what people can say to it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from orchestr8.deploy.memory import World
from orchestr8.deploy.model import (
    Action,
    Amount,
    Decision,
    Desired,
    Intent,
    Journal,
    Observed,
    Revision,
    ServiceSpec,
    Step,
    Update,
    Workload,
)
from orchestr8.deploy.planner import plan
from orchestr8.deploy.reconcile import reconcile
from orchestr8.deploy.target import desire, go_back, go_on, waiting_step
from tests.routed import host, led, percents, routed

SCALE, ALL = Step("scale", Amount(1)), Step("scale", Amount(100, percent=True))
CANARY = Update(strategy="canary", min_healthy_time=2.0)
GREEN = Update(strategy="blue_green", min_healthy_time=0.0, retain_running=60.0)


class Controller:
    """A world and a clock; every `run` is a new controller that knows nothing."""

    def __init__(self, *, hosts: int = 4) -> None:
        self.world = World(Observed(tuple(host(n) for n in range(1, hosts + 1))))
        self.now = 0.0
        self.done: list[Action] = []

    def go(self, desired: Desired, until: Callable[[], bool] = lambda: False) -> Decision:
        journal: Journal | None = None
        desired, self.done = led(desired), []
        for _ in range(200):
            made = reconcile(desired, self.world.observe(), journal, self.now)
            journal = made.journal
            acting = [a for a in made.actions if a.kind != "wait_ready"]
            self.done += acting
            self.world.apply_all(acting)
            if made.verdict.final or until():
                return made
            self.now = self.now if acting else max(self.now, made.wake_at or self.now)
        return made

    def run(self, spec: ServiceSpec, **intent: Any) -> Decision:
        return self.go(replace(desire("p", spec, self.world.observe()), intent=Intent(**intent)))

    def say(self, **intent: Any) -> Decision:
        return self.go(go_on("p", "web", self.world.observe(), Intent(**intent)))

    def promote(self) -> Decision:
        return self.say(promote=waiting_step("web", self.world.observe()))

    def live(self) -> Counter[int]:
        return Counter(r.revision for r in self.world.replicas.values() if r.live)

    def touched(self) -> list[str]:
        told = ("create", "start", "stop", "remove", "set_weight", "drain")
        return [a.kind for a in self.done if a.kind in told]

    def record(self) -> Revision:
        return self.world.observe().history("web")[-1]


def web(number: int, update: Update = CANARY, **more: Any) -> ServiceSpec:
    return ServiceSpec("web", Workload("app", pinned=f"app@{number}"), replicas=3, update=update, **more)


def paused(**more: Any) -> Controller:
    made = Controller(**more)
    assert made.run(web(1)).verdict.end == "converged"
    assert made.run(web(2)).verdict.end == "paused"
    return made


def test_a_canary_pauses_and_the_record_tells_why() -> None:
    it = paused()
    assert it.live() == {1: 3, 2: 1}
    assert (it.record().stage.step, it.record().stage.waiting, it.record().outcome) == (
        2,
        "approval",
        "pending",
    )
    again = it.run(web(2))
    assert (again.verdict.end, again.verdict.reason) == ("paused", "waits for approval (step 3 of 4)")
    assert it.done == []
    assert again.journal.roles == {1: "stable", 2: "canary"}


def test_a_promotion_renames_nothing_and_asking_twice_is_harmless() -> None:
    it = paused()
    canary = next(r for r in it.world.replicas.values() if r.revision == 2)
    step = waiting_step("web", it.world.observe())
    assert it.say(promote=step).verdict.end == "converged"
    assert it.world.replicas[canary.host, canary.name].id == canary.id
    assert canary.slot in {a.slot for a in it.done if a.kind == "stop"}
    assert it.live() == {2: 3}
    assert waiting_step("web", it.world.observe()) is None
    assert it.say(promote=step).verdict.end == "converged"
    assert it.touched() == []


def test_promoting_the_step_before_promotes_nothing() -> None:
    it = paused()
    assert it.say(promote=1).verdict.end == "paused"
    assert it.touched() == []


def test_a_canary_that_died_is_not_promoted_before_it_is_back_and_was_looked_at() -> None:
    it = paused()
    key, canary = next((k, r) for k, r in it.world.replicas.items() if r.revision == 2)
    it.world.replicas[key] = replace(canary, state="exited", exit_code=1, ready=None)
    began = it.now
    assert it.promote().verdict.end == "converged"
    kinds = [(a.kind, a.revision) for a in it.done if a.kind in ("start", "stop")]
    assert kinds[0] == ("start", 2)
    assert it.now >= began + 2 * CANARY.min_healthy_time


def test_a_changed_spec_begins_with_the_first_step_and_the_one_between_goes_first() -> None:
    it = paused()
    assert it.run(web(3)).verdict.end == "paused"
    assert it.live() == {1: 3, 3: 1}
    assert [a.revision for a in it.done if a.kind == "stop"] == [2]
    assert it.record().stage.step == 2


def test_changed_steps_of_the_same_revision_begin_anew() -> None:
    it = paused()
    other = replace(CANARY, steps=(Step("scale", Amount(2)), Step("pause")))
    assert it.run(web(2, other)).verdict.end == "paused"
    assert it.live() == {1: 3, 2: 2}
    assert it.record().stage.step == 1


def test_whoever_goes_on_finds_the_steps_as_they_were_changed_last() -> None:
    it = paused()
    other = replace(CANARY, steps=(SCALE, Step("pause"), Step("scale", Amount(2)), Step("pause")))
    assert it.run(web(2, other)).verdict.end == "paused"
    assert it.record().spec.update == other
    assert it.record().intact
    assert it.promote().verdict.reason == "waits for approval (step 4 of 5)"


def test_aborting_takes_the_canary_away() -> None:
    it = paused()
    old = {r.id for r in it.world.replicas.values() if r.revision == 1}
    ended = it.say(abort="too slow")
    assert (ended.verdict.end, ended.verdict.reason) == ("rolled_back", "aborted: too slow")
    assert {r.id for r in it.world.replicas.values() if r.live} == old
    assert it.record().outcome == "bad"
    assert it.say(abort="again").verdict.end == "converged"
    assert it.touched() == []


def test_going_back_by_hand_skips_the_steps() -> None:
    it = paused()
    assert it.go(go_back("p", "web", it.world.observe())).verdict.end == "converged"
    assert it.live() == {1: 3}
    assert it.run(web(4), full=True).verdict.end == "converged"
    back = it.go(go_back("p", "web", it.world.observe()))
    assert back.verdict.end == "converged"
    assert back.journal.step == 0


def test_a_rollout_paused_by_hand_stays_so_until_somebody_resumes_it() -> None:
    it = Controller()
    it.run(web(1, Update(min_healthy_time=0.0)))
    new = web(2, Update(min_healthy_time=0.0))
    assert it.run(new, pause=True).verdict.reason == "paused by hand, waits for resume"
    assert it.live() == {1: 3}
    assert it.run(new).verdict.end == "paused"
    assert it.record().stage.held
    assert it.say(resume=True).verdict.end == "converged"
    assert it.live() == {2: 3}


def test_a_timed_pause_ends_by_itself_and_is_no_lack_of_progress() -> None:
    update = replace(CANARY, steps=(SCALE, Step("pause", seconds=5000.0)))
    it = Controller()
    it.run(web(1))
    began = it.now
    assert it.run(web(2, update)).verdict.end == "converged"
    assert it.now - began >= 5000


def test_a_first_rollout_drift_and_limits_need_no_approval() -> None:
    it = Controller()
    assert it.run(web(1)).verdict.end == "converged"
    key = next(iter(it.world.replicas))
    del it.world.replicas[key]
    assert it.run(web(1)).verdict.end == "converged"
    assert it.live() == {1: 3}
    assert it.run(replace(web(1), replicas=4)).verdict.end == "converged"


def test_old_replicas_that_die_while_the_canary_is_looked_at_are_brought_up_again() -> None:
    it = paused()
    key, old = next((k, r) for k, r in it.world.replicas.items() if r.revision == 1 and r.slot == 3)
    it.world.replicas[key] = replace(old, state="exited", exit_code=1, ready=None)
    assert it.run(web(2)).verdict.end == "paused"
    assert it.live() == {1: 3, 2: 1}
    assert it.touched() == ["start"]


def test_shares_follow_the_steps_and_old_ones_stop_only_when_they_get_none() -> None:
    steps = (SCALE, Step("weight", weight=10), Step("pause"), Step("weight", weight=50), Step("pause"))
    update = replace(CANARY, steps=steps)
    it = Controller()
    it.run(routed(web(1, update)))
    assert it.run(routed(web(2, update))).verdict.end == "paused"
    assert percents(it.world) == {1: 90, 2: 10}
    assert it.promote().verdict.end == "paused"
    assert percents(it.world) == {1: 50, 2: 50}
    assert it.live() == {1: 3, 2: 1}
    assert it.promote().verdict.end == "converged"
    assert percents(it.world) == {2: 100}
    kinds = it.touched()
    assert "stop" not in kinds[: kinds.index("set_weight")]
    assert it.live() == {2: 3}


def test_requests_are_taken_from_a_canary_before_it_stops() -> None:
    update = replace(CANARY, steps=(SCALE, Step("weight", weight=10), Step("pause")))
    it = Controller()
    it.run(routed(web(1, update)))
    it.run(routed(web(2, update)))
    assert it.say(abort="no").verdict.end == "rolled_back"
    assert it.touched()[0] == "set_weight"
    assert percents(it.world) == {1: 100}
    assert it.live() == {1: 3}


def test_blue_green_switches_back_without_a_start_while_the_old_ones_are_kept() -> None:
    it = Controller()
    it.run(routed(web(1, GREEN)))
    switched = lambda: percents(it.world) == {2: 100}  # noqa: E731
    ends = it.go(desire("p", routed(web(2, GREEN)), it.world.observe()), switched)
    assert ends.verdict.end == "progressing"
    assert it.live() == {1: 3, 2: 3}
    assert it.say(abort="no").verdict.end == "rolled_back"
    assert percents(it.world) == {1: 100}
    assert "start" not in it.touched()
    assert it.touched()[0] == "set_weight"


def test_shares_that_nobody_can_keep_are_refused_before_anything_is_touched() -> None:
    it = Controller()
    it.run(web(1))
    update = replace(CANARY, steps=(SCALE, Step("weight", weight=10)))
    ended = it.run(web(2, update))
    assert ended.verdict.end == "infeasible"
    assert "nothing routes requests" in ended.verdict.reason
    assert it.done == []


def test_going_on_needs_something_that_was_deployed() -> None:
    it = Controller()
    with pytest.raises(LookupError, match="neither a rollout under way"):
        it.say(resume=True)


def test_a_plan_tells_what_comes_after_the_approval() -> None:
    it = Controller()
    it.run(web(1))
    seen = it.world.observe()
    made = plan([desire("p", web(2), seen)], seen)
    assert made.services[0].steps == ("scale 1", "check readiness", "pause until approval", "scale 100%")
    assert made.services[0].waits.startswith("waits for approval")
    assert not made.infeasible
    assert {a.kind for wave in made.trace.later for a in wave} >= {"create", "start", "stop"}
    assert made.to_json()["later"]


def test_a_journal_survives_being_written_down() -> None:
    it = paused()
    journal = it.run(web(2)).journal
    assert Journal.from_json(journal.to_json()) == replace(journal, watch={}, progressed=0.0, since=None)
    record = it.record()
    assert Revision.from_json(record.to_json()) == record
    assert record.intact
