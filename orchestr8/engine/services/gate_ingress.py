"""Figures of a service's requests as its balancers count them: of the new revision, and of the one before."""

from __future__ import annotations

import math
import threading
from collections.abc import Callable, Iterable, Mapping, Sequence

from orchestr8.core.errors import Diagnostic
from orchestr8.deploy.gate.expression import Value, Values
from orchestr8.deploy.rollout.view import member_name
from orchestr8.deploy.traffic_counts import Counts, Tally, percentile, since, total
from orchestr8.engine.services.gate_port import Question, Reading, Unanswered

_PERCENTILES = (50, 90, 95, 99)

Count = Callable[[str], Mapping[str, Counts]]
"""Returns what each edge of a service has counted since it began."""


class IngressFigures:
    """Counts from the first look on; a balancer that began anew in between makes it count from there."""

    def __init__(self, count: Count) -> None:
        self._count = count
        self._marks: dict[tuple[str, int, int, str], Mapping[str, Counts]] = {}
        self._lock = threading.Lock()

    def __call__(self, question: Question) -> Reading:
        """Return the figures since the check began."""
        check, service = question.check, question.spec.name
        now = self._count(service)
        if not now:
            raise Unanswered(Diagnostic("O8-3361", f"no edge counts the requests of `{service}`"))
        with self._lock:
            mark = self._marks.setdefault((service, question.revision, question.step, check.title), now)
            found = _between(mark, now)
            if found is None:
                self._marks[service, question.revision, question.step, check.title] = now
        if found is None:
            return Reading(detail="a balancer began anew, its counts do as well", enough=False)
        mine = {member_name(replica) for _, replica in question.replicas}
        new = total(t for t in found if t.member in mine)
        old = total(t for t in found if t.member not in mine)
        return _reading(question, new, old)


def _between(mark: Mapping[str, Counts], now: Mapping[str, Counts]) -> Sequence[Tally] | None:
    """Return what all edges counted since a mark, or None when that is not known."""
    if mark.keys() != now.keys():
        return None
    found: list[Tally] = []
    for edge, counts in now.items():
        tallies = since(mark[edge], counts)
        if tallies is None:
            return None
        found += tallies
    return found


def _reading(question: Question, new: Tally, old: Tally) -> Reading:
    check = question.check
    few = [
        f"{t.requests} of {check.minimum}{who}"
        for t, who in _asked(question, new, old)
        if t.requests < check.minimum
    ]
    if few:
        return Reading(detail=f"{' and '.join(few)} requests", enough=False)
    values: Values = {**_values("", new), **_values("stable.", old)}
    beside = f" (stable: {_told(old)})" if check.baseline else ""
    return Reading((values,), (False,), f"{_told(new)}{beside}")


def _asked(question: Question, new: Tally, old: Tally) -> Iterable[tuple[Tally, str]]:
    yield new, ""
    if question.check.baseline:
        yield old, " stable"


def _values(prefix: str, tally: Tally) -> dict[str, Value]:
    rate = tally.failures / tally.requests if tally.requests else None
    found: dict[str, Value] = {"requests": tally.requests, "errors": tally.failures, "error_rate": rate}
    found.update({f"p{n}": _seconds(tally, n) for n in _PERCENTILES})
    return {f"{prefix}{name}": value for name, value in found.items()}


def _seconds(tally: Tally, percent: float) -> float | None:
    """Return the upper end of the range that holds a percentile; of the open one the lower end."""
    found = percentile(tally.times, percent)
    if found is None:
        return None
    low, high = found
    return (high if math.isfinite(high) else low) / 1000


def _told(tally: Tally) -> str:
    slow = _seconds(tally, 95)
    rate = f"{100 * tally.failures / tally.requests:.2g}%" if tally.requests else "none"
    return f"{tally.requests} requests, {rate} failed" + ("" if slow is None else f", p95 {slow * 1000:g}ms")
