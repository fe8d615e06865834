"""Times orchestr8 and the reference on the same target in turn, so that a busy machine burdens both alike."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from tests.conformance.verdict import Verdict


@dataclass(frozen=True)
class Pairing:
    """A target's verdict with the medians of both programs' seconds over `pairs` turns."""

    verdict: Verdict
    reference: Verdict
    seconds: float
    reference_seconds: float
    pairs: int

    @property
    def ratio(self) -> float:
        """The time of orchestr8 as a share of the reference's."""
        return self.seconds / self.reference_seconds


def measure(ours: Callable[[], Verdict], theirs: Callable[[], Verdict], pairs: int) -> Pairing:
    """Run both in turn so many times; who begins changes from pair to pair."""
    mine: list[Verdict] = []
    other: list[Verdict] = []
    for turn in range(pairs):
        steps = [(mine, ours), (other, theirs)]
        for found, once in steps if turn % 2 == 0 else reversed(steps):
            found.append(once())
    worst = next((each for each in mine if each.result != "PASS"), mine[0])
    return Pairing(worst, other[0], _median(mine), _median(other), pairs)


def total(pairings: Iterable[Pairing]) -> tuple[float, float]:
    """Return the sums of both programs' median seconds over the targets that both pass."""
    fair = [each for each in pairings if each.verdict.result == each.reference.result == "PASS"]
    return sum(each.seconds for each in fair), sum(each.reference_seconds for each in fair)


def _median(verdicts: list[Verdict]) -> float:
    return statistics.median(each.seconds for each in verdicts)
