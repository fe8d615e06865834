"""The checks of one step while they are being sampled."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, field, replace

from orchestr8.core.errors import O8Error
from orchestr8.deploy.gate.check import Check
from orchestr8.deploy.gate.state import Gate
from orchestr8.deploy.gate.tally import Sample, Tally, combined, expire, judge, take
from orchestr8.engine.services.gate_port import Reading, Submit

_GRACE = 5.0
_QUIET = 2.0


@dataclass(slots=True)
class Sampled:
    """One check: its samples, the one that is being taken, and when the next is due."""

    check: Check
    tally: Tally
    began: float
    due: float
    asked: float = 0.0
    future: Future[Reading] | None = None

    def ask(self, now: float, submit: Submit, work: Callable[[], Reading]) -> None:
        """Have a sample taken when one is due."""
        if self.tally.verdict == "running" and self.future is None and now >= self.due:
            self.asked, self.due = now, now + self.check.interval
            self.future = submit(work)

    def collect(self, now: float) -> None:
        """Count the sample that was taken, if it is there; one that takes too long counts as unclear."""
        if self.future is not None and self.future.done():
            self._count(_sample(self.check, self.future))
            self.future = None
        elif self.future is not None and now > self.asked + self.check.timeout + _GRACE:
            self.future.cancel()
            self.future = None
            self._count(Sample("inconclusive", f"no answer within {self.check.timeout:g}s"))
        if now > self.began + self.check.latest:
            self.tally = expire(self.tally)

    def _count(self, sample: Sample | str) -> None:
        if isinstance(sample, str):
            self.tally = replace(self.tally, last=sample)
        else:
            self.tally = take(self.check, self.tally, sample)


def _sample(check: Check, future: Future[Reading]) -> Sample | str:
    try:
        reading = future.result()
    except O8Error as error:
        return Sample("inconclusive", error.message)
    if not reading.enough:
        return reading.detail
    return Sample(judge(check, reading.answers, reading.natural), reading.detail)


@dataclass(slots=True)
class Watched:
    """All checks of a step of a revision, or the tasks that run there."""

    revision: int
    step: int
    sampled: list[Sampled] = field(default_factory=list)
    ended: Gate | None = None
    shown: tuple[Tally, ...] = ()
    told: float = float("-inf")

    def gate(self, now: float) -> Gate:
        """Return how it stands; what is shown changes every few seconds at most, for it is written down."""
        if self.ended is not None:
            return self.ended
        for each in self.sampled:
            each.collect(now)
        tallies = tuple(each.tally for each in self.sampled)
        verdict = combined(tallies)
        if verdict != "running" or now >= self.told + _QUIET:
            self.shown, self.told = tallies, now
        reason = "; ".join(str(t) for t in tallies if t.verdict == verdict) if verdict != "running" else ""
        return Gate(self.revision, self.step, verdict, reason, self.shown)
