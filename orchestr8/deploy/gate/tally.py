"""Samples of a check become a verdict; a pure machine."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import Literal

from orchestr8.deploy.gate.check import Check
from orchestr8.deploy.gate.expression import Expression, Values, parse

Outcome = Literal["success", "failure", "inconclusive"]
Verdict = Literal["running", "success", "failure", "inconclusive"]


@dataclass(frozen=True, slots=True)
class Sample:
    """What one sample of a check said, and the words for it."""

    outcome: Outcome
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Tally:
    """The samples of a check so far, and the last one's words."""

    name: str
    good: int = 0
    bad: int = 0
    unclear: int = 0
    last: str = ""
    verdict: Verdict = "running"

    def __str__(self) -> str:
        taken = self.good + self.bad + self.unclear
        parts = [f"{self.good} of {taken} samples good"]
        parts += [f"{self.bad} bad"] if self.bad else []
        parts += [f"{self.unclear} inconclusive"] if self.unclear else []
        return f"{self.name}: {', '.join(parts)}{f'; {self.last}' if self.last else ''}"


def take(check: Check, tally: Tally, sample: Sample) -> Tally:
    """Return the tally with one more sample; what is decided stays as it is."""
    if tally.verdict != "running":
        return tally
    counted = replace(
        tally,
        good=tally.good + (sample.outcome == "success"),
        bad=tally.bad + (sample.outcome == "failure"),
        unclear=tally.unclear + (sample.outcome == "inconclusive"),
        last=sample.detail,
    )
    return replace(counted, verdict=_verdict(check, counted))


def expire(tally: Tally) -> Tally:
    """Return the tally of a check that took too long; nobody may go on because of it."""
    if tally.verdict != "running":
        return tally
    waited = f"not decided in time{f': {tally.last}' if tally.last else ''}"
    return replace(tally, verdict="inconclusive", last=waited)


def _verdict(check: Check, tally: Tally) -> Verdict:
    if tally.bad > check.failure_limit:
        return "failure"
    if tally.unclear > check.inconclusive_limit:
        return "inconclusive"
    if tally.good + tally.bad + tally.unclear < check.count:
        return "running"
    if tally.good:
        return "success"
    return "failure" if tally.bad else "inconclusive"


def combined(tallies: Iterable[Tally]) -> Verdict:
    """Return the verdict of several checks: one failure is enough, the rest waits until all are decided."""
    verdicts = [t.verdict for t in tallies]
    for verdict in ("failure", "running", "inconclusive"):
        if verdict in verdicts:
            return verdict
    return "success"


def judge(check: Check, answers: Sequence[Values], natural: Sequence[bool]) -> Outcome:
    """Return what a sample means: the worst of its answers; without any nothing is known.

    `natural` is what each answer says by itself, for checks without expressions.
    """
    if not answers:
        return "inconclusive"
    if not check.success and not check.failure:
        return "success" if all(natural) else "failure"
    outcomes = {_judged(check, values) for values in answers}
    if "failure" in outcomes:
        return "failure"
    return "inconclusive" if "inconclusive" in outcomes else "success"


def _judged(check: Check, values: Values) -> Outcome:
    failed = _parsed(check.failure).holds(values) if check.failure else None
    held = _parsed(check.success).holds(values) if check.success else None
    if failed or (held is False and not check.failure):
        return "failure"
    if held and not (check.failure and failed is None):
        return "success"
    return "success" if failed is False and not check.success else "inconclusive"


@cache
def _parsed(text: str) -> Expression:
    return parse(text)
