"""Bugs sown on purpose into the checks of rollouts: the laws have to find every one of them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from orchestr8.deploy.gate import expression, tally
from orchestr8.deploy.rollout import gating, stepping
from tests.laws import test_gate_laws as laws
from tests.laws.rollout_world import Broken
from tests.laws.test_rollout_mutants import sown

ROLLOUT = laws.test_a_rollout_goes_on_by_good_gates_only
SAMPLES = laws.test_it_is_decided_after_so_many_samples_and_never_well_without_a_good_one
UNKNOWN = laws.test_what_is_not_known_never_decides

MUTANTS: dict[str, tuple[Any, str, str, Callable[[], None]]] = {
    "samples of nothing promote": (tally._verdict, "if tally.good:", "if True:", SAMPLES),
    "bad samples are tolerated": (tally._verdict, "tally.bad > check.failure_limit", "False", SAMPLES),
    "one sample too many is waited for": (tally._verdict, "< check.count", "<= check.count", SAMPLES),
    "a verdict may change": (
        tally.take,
        'tally.verdict != "running"',
        "False",
        laws.test_a_verdict_stays_whatever_comes_after,
    ),
    "what takes too long succeeds": (
        tally.expire,
        'verdict="inconclusive"',
        'verdict="success"',
        laws.test_a_verdict_stays_whatever_comes_after,
    ),
    "a failure beside a success is lost": (
        tally.combined,
        '"failure", "running", "inconclusive"',
        '"running", "inconclusive"',
        laws.test_one_failure_is_enough_and_nobody_succeeds_while_others_are_not_decided,
    ),
    "gates are passed unseen": (stepping._pass, "if step.gate:", "if False:", ROLLOUT),
    "another step's verdict counts": (
        gating.gate_of,
        "(gate.revision, gate.step) == (view.revision, view.journal.step)",
        "True",
        ROLLOUT,
    ),
    "a failure is not noticed": (gating.broken, 'if view.journal.phase == "rolling"', "if False", ROLLOUT),
    "nobody is asked when nothing is known": (
        gating.undecided,
        'gate.verdict == "inconclusive"',
        "False",
        ROLLOUT,
    ),
    "people pass over tasks": (
        gating.passed,
        'step.kind == "check"',
        "True",
        laws.test_nobody_passes_over_tasks_that_have_not_run,
    ),
    "a promotion passes over every gate": (
        gating.passed,
        "view.desired.intent.promote == view.journal.step",
        "view.desired.intent.promote is not None",
        lambda: laws.test_a_person_may_pass_over_checks_that_could_not_decide_but_over_no_others(
            "failure", "rolled_back"
        ),
    ),
    "what is not known is false": (expression._truth, "else None", "else False", UNKNOWN),
    "not of the unknown is true": (
        expression._not,
        "None if found is None else not found",
        "not found",
        UNKNOWN,
    ),
}


@pytest.mark.parametrize("name", MUTANTS)
def test_the_laws_find_the_bug(name: str) -> None:
    thing, old, new, law = MUTANTS[name]
    with sown(thing, old, new), pytest.raises((AssertionError, Broken, KeyError, ValueError, ExceptionGroup)):
        law()
