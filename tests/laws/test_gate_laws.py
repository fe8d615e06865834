"""Laws of checks between steps: of their samples alone, and of a rollout that they rule."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from orchestr8.deploy.gate.check import Check
from orchestr8.deploy.gate.expression import parse
from orchestr8.deploy.gate.state import Gate
from orchestr8.deploy.gate.tally import Sample, Tally, combined, expire, take
from orchestr8.deploy.model import Action, Intent, ServiceSpec, Step, Update, Workload
from orchestr8.deploy.target import waiting_step
from tests.laws.rollout_world import Broken, Driver, Fault, UnrulyWorld
from tests.laws.test_rollout_laws import GATE, LAW, assert_at, hosts, image, step

OUTCOMES = st.sampled_from(["success", "failure", "inconclusive"])
CHECKS = st.builds(
    Check,
    st.just("exec"),
    count=st.integers(1, 6),
    failure_limit=st.integers(0, 3),
    inconclusive_limit=st.integers(0, 3),
)


def after(check: Check, outcomes: Sequence[Any]) -> Tally:
    tally = Tally("it")
    for outcome in outcomes:
        tally = take(check, tally, Sample(outcome))
    return tally


@LAW
@given(CHECKS, st.lists(OUTCOMES, max_size=9), st.lists(OUTCOMES, max_size=9))
def test_a_verdict_stays_whatever_comes_after(check: Check, first: list[Any], rest: list[Any]) -> None:
    tally = after(check, first)
    if tally.verdict != "running":
        assert after(check, [*first, *rest]) == tally
        assert expire(tally) == tally
    else:
        assert expire(tally).verdict == "inconclusive"


@LAW
@given(CHECKS, st.lists(OUTCOMES, max_size=9))
def test_it_is_decided_after_so_many_samples_and_never_well_without_a_good_one(
    check: Check, outcomes: list[Any]
) -> None:
    tally = after(check, outcomes)
    taken = tally.good + tally.bad + tally.unclear
    assert taken <= check.count
    assert (tally.verdict == "running") == (
        taken < check.count and tally.bad <= check.failure_limit and tally.unclear <= check.inconclusive_limit
    )
    if tally.verdict == "success":
        assert tally.good
        assert tally.bad <= check.failure_limit
        assert tally.unclear <= check.inconclusive_limit
    if tally.verdict == "failure":
        assert tally.bad


@LAW
@given(st.lists(st.sampled_from(["running", "success", "failure", "inconclusive"]), max_size=5))
def test_one_failure_is_enough_and_nobody_succeeds_while_others_are_not_decided(verdicts: list[Any]) -> None:
    found = combined([Tally("it", verdict=v) for v in verdicts])
    assert (found == "failure") == ("failure" in verdicts)
    assert (found == "success") == (set(verdicts) <= {"success"})


NAMES = st.sampled_from(["a", "b", "missing"])
NUMBERS = st.floats(-100, 100, allow_nan=False).map(lambda n: round(n, 2))
PARTS = st.recursive(
    st.builds("{} {} {}".format, NAMES, st.sampled_from(["<", "<=", ">", ">=", "==", "!="]), NUMBERS),
    lambda inner: st.one_of(
        st.builds("({} and {})".format, inner, inner),
        st.builds("({} or {})".format, inner, inner),
        st.builds("not ({})".format, inner),
    ),
    max_leaves=6,
)


@LAW
@example("not (missing < 5)", 1.0, 1.0, 1.0)
@example("not (missing > 5 or a > 5)", 1.0, 1.0, 9.0)
@given(PARTS, NUMBERS, NUMBERS, NUMBERS)
def test_what_is_not_known_never_decides(text: str, a: float, b: float, other: float) -> None:
    """A condition that holds without knowing a value holds whatever the value is, and as Python has it."""
    found = parse(text).holds({"a": a, "b": b})
    whole = parse(text).holds({"a": a, "b": b, "missing": other})
    assert whole is eval(text, {}, {"a": a, "b": b, "missing": other})
    assert found in (None, whole)


@LAW
@given(st.text(max_size=40))
def test_any_text_is_a_condition_or_refused(text: str) -> None:
    found = None
    with suppress(ValueError):
        found = parse(text).holds({"a": 1.0})
    assert found in (True, False, None)


class Gated(UnrulyWorld):
    """Gates answer in turn as told, then well; tasks are counted."""

    def __init__(self, answers: Sequence[Any]) -> None:
        super().__init__(hosts(4))
        self.answers = list(answers)
        self.tasks: list[Any] = []
        self.ran: list[int] = []
        self.passed: set[int] = set()

    def gate(self, action: Action) -> Gate:
        if action.kind == "run":
            self.ran.append(action.step)
            verdict: Any = self.tasks.pop(0) if self.tasks else "success"
        else:
            verdict = self.answers.pop(0) if self.answers else "success"
        if verdict == "success":
            self.passed.add(action.step)
        return Gate(action.revision, action.step, verdict, "as told")

    def apply(self, action: Action) -> Any:
        old = self.replicas.get((action.host, action.name))
        forward = not any(r.outcome == "bad" for r in self.records.get("web", {}).values())
        gone = action.kind == "stop" and old is not None and old.revision == 1 and self.healthy(old)
        if gone and forward and self.passed < {1, 2, 4}:
            raise Broken(f"an old replica stops at {sorted(self.passed)}: {action}")
        return super().apply(action)


RULED = Update(
    strategy="canary",
    min_healthy_time=0.0,
    steps=(step("scale", 1), GATE, Step("run", name="tasks"), step("scale", 50), GATE, step("scale", 100)),
)


@LAW
@given(
    st.lists(OUTCOMES, max_size=5),
    st.lists(st.builds(Fault, st.integers(0, 20), st.just("crash"), st.just(0)), max_size=3).map(tuple),
    st.sampled_from(["rollback", "pause"]),
    st.integers(0, 99),
)
def test_a_rollout_goes_on_by_good_gates_only(
    answers: list[Any], faults: tuple[Fault, ...], policy: Any, seed: int
) -> None:
    update = replace(RULED, on_failure=policy)
    old = ServiceSpec("web", Workload("app", pinned=image(1)), replicas=3, update=update)
    new = replace(old, workload=replace(old.workload, pinned=image(2)))
    world = Gated([])
    Driver(world, old).run()
    assert not world.ran, "a first rollout passes its steps over"
    world.answers, world.passed = list(answers), set()
    end = Driver(world, new, faults, seed, was_live=3).run().decisions["web"].verdict
    paused = 0
    while end.end == "paused":
        paused += 1
        assert {r.spec_hash for r in world.live("web")} >= {old.workload.spec_hash}
        assert waiting_step("web", world.observe()) is not None or policy == "pause"
        driver = Driver(world, new, (), seed, intent=Intent(resume=True), was_live=len(world.live("web")))
        end = driver.run().decisions["web"].verdict
    used = answers[: len(answers) - len(world.answers)]
    if end.end == "converged":
        assert world.passed == {1, 2, 4}
        assert world.ran
        assert_at(world, new)
    else:
        assert end.end == "rolled_back"
        assert "failure" in used
        assert policy == "rollback"
        assert_at(world, old)
    if not faults:
        assert paused == sum(1 for a in used if a == "inconclusive" or (a == "failure" and policy == "pause"))
        assert len(world.ran) <= 1 + sum(1 for a in used if a != "success")


@pytest.mark.parametrize(
    ("verdict", "final"),
    [("inconclusive", "paused"), ("success", "converged"), ("failure", "rolled_back")],
)
def test_a_person_may_pass_over_checks_that_could_not_decide_but_over_no_others(
    verdict: Any, final: str
) -> None:
    old = ServiceSpec("web", Workload("app", pinned=image(1)), replicas=3, update=RULED)
    new = replace(old, workload=replace(old.workload, pinned=image(2)))
    world = Gated([])
    Driver(world, old).run()
    world.answers, world.passed = ["inconclusive"], {1}
    end = Driver(world, new, was_live=3).run().decisions["web"].verdict
    assert (end.end, end.reason) == ("paused", "waits for a decision: as told (step 2 of 6)")
    world.answers = [verdict]
    intent = Intent(promote=waiting_step("web", world.observe()))
    end = Driver(world, new, intent=intent, was_live=4).run().decisions["web"].verdict
    assert end.end == final


def test_nobody_passes_over_tasks_that_have_not_run() -> None:
    old = ServiceSpec("web", Workload("app", pinned=image(1)), replicas=3, update=RULED)
    new = replace(old, workload=replace(old.workload, pinned=image(2)))
    world = Gated([])
    Driver(world, old).run()
    world.tasks = ["inconclusive", "inconclusive"]
    end = Driver(world, new, was_live=3).run().decisions["web"].verdict
    assert (end.end, end.reason) == ("paused", "waits for a decision: as told (step 3 of 6)")
    intent = Intent(promote=waiting_step("web", world.observe()))
    end = Driver(world, new, intent=intent, was_live=4).run().decisions["web"].verdict
    assert end.end == "paused"
    assert Driver(world, new, was_live=4).run().decisions["web"].verdict.end == "converged"
