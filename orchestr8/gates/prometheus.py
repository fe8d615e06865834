"""Figures from Prometheus: instant queries (prometheus.io/docs/prometheus/latest/querying/api)."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode

from orchestr8.core.errors import Diagnostic
from orchestr8.deploy.gate.expression import Values
from orchestr8.engine.services.gate_port import Question, Reading, Unanswered
from orchestr8.gates.web import Page, fetch

_MOST = 100
_SHOWN = 3


def ask_prometheus(question: Question) -> Reading:
    """Return the number, or the numbers, that a query has now; none at all says nothing."""
    check = question.check
    asked = {"query": check.query, "timeout": f"{check.timeout:g}s"}
    address = f"{check.target.rstrip('/')}/api/v1/query?{urlencode(asked)}"
    page = fetch(address, check.headers, check.timeout)
    numbers = list(_numbers(_data(page)))
    if not numbers:
        return Reading(detail="the query has no data")
    if len(numbers) > _MOST:
        raise _senseless(f"the query has {len(numbers)} series; {_MOST} are too many for a check")
    answers: tuple[Values, ...] = tuple({"result": n} for n in numbers)
    shown = ", ".join(f"{n:g}" for n in numbers[:_SHOWN])
    return Reading(answers, (False,) * len(answers), f"result {shown}{' …' if len(numbers) > _SHOWN else ''}")


def _data(page: Page) -> Any:
    try:
        answer = json.loads(page.text)
        if answer["status"] == "success":
            return answer["data"]
        said = f"{answer.get('errorType')}: {answer.get('error')}"
    except (ValueError, KeyError, TypeError, AttributeError):
        said = f"HTTP {page.status} is no answer of its API"
    raise _senseless(f"Prometheus cannot say: {said}")


def _numbers(data: Any) -> Iterator[float]:
    """Yield the numbers of a scalar or of the series of a vector."""
    try:
        kind, result = data["resultType"], data["result"]
        if kind == "scalar":
            yield float(result[1])
        elif kind == "vector":
            yield from (float(each["value"][1]) for each in result)
        else:
            raise _senseless(f"the query gives a {kind}; a check needs a scalar or an instant vector")
    except (KeyError, IndexError, TypeError, ValueError):
        raise _senseless("Prometheus gives values that are no numbers") from None


def _senseless(message: str) -> Unanswered:
    return Unanswered(Diagnostic("O8-3361", message))
