"""Does what a task says once (for one item): condition, arguments, call, judgement, again until it is so."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from orchestr8.core.clock import Clock
from orchestr8.core.errors import O8Error, Unreachable
from orchestr8.engine import results
from orchestr8.engine.cell import Cell
from orchestr8.engine.results import Result

RETRIES, DELAY = 3, 5.0
Perform = Callable[[Cell], Result]
Announce = Callable[[Cell, int, Result], None]


def unmet(cell: Cell) -> Any:
    """Return the first condition that does not hold, or None."""
    for condition in cell.step.keywords.when:
        if not cell.templar.condition(condition, cell.scope):
            return condition
    return None


def once(cell: Cell, perform: Perform, number: int | None = None) -> Result:
    """Return the judged result of one try, the `number`th of several."""
    try:
        result = results.whole(perform(cell))
    except Unreachable:
        raise
    except O8Error as error:
        result = results.failure(error)
    if number is not None:
        result["attempts"] = number
    return judged(cell, result)


def judged(cell: Cell, result: Result) -> Result:
    """Apply changed_when and failed_when to a result."""
    task = cell.step.task
    if (task.changed_when is None and task.failed_when is None) or result.get("skipped"):
        return result
    scope = cell.item(_seen(cell, result)).scope
    judging = "changed_when_result"
    try:
        if task.changed_when is not None:
            result["changed"] = all(cell.templar.condition(each, scope) for each in task.changed_when)
        judging = "failed_when_result"
        if task.failed_when is not None:
            failed = all(cell.templar.condition(each, scope) for each in task.failed_when)
            if results.has_failed(result) and not failed:
                result["failed_when_suppressed_exception"] = result.pop("exception", results.NO_TRACEBACK)
            result["failed"] = result["failed_when_result"] = failed
    except O8Error as error:
        # What the module has done it has done, whatever the condition was worth.
        result.update(results.failure(error), changed=result["changed"])
        result[judging] = error.message
    return result


def _seen(cell: Cell, result: Result) -> Mapping[str, Any]:
    name = cell.step.task.register
    return {name: result} if name else {}


def repeated(cell: Cell, perform: Perform, clock: Clock, announce: Announce) -> Result:
    """Try until the task's `until` holds or its retries are used up."""
    task, values = cell.step.task, cell.values
    if task.retries is None and not task.until:
        return once(cell, perform)
    written = values.number(task.retries)
    tries = 1 + (RETRIES if written is None else max(0, int(written)))
    delay = values.number(task.delay)
    delay = DELAY if delay is None else delay if delay >= 0 else 1.0
    result: Result = {}
    for attempt in range(1, tries + 1):
        result = once(cell, perform, attempt)
        if tries == 1 or _satisfied(cell, result):
            return result
        if attempt < tries:
            announce(cell, tries - attempt, result)
            clock.sleep(delay)
    result["attempts"] = tries - 1
    result["failed"] = True
    return result


def _satisfied(cell: Cell, result: Result) -> bool:
    if not cell.step.task.until:
        return not result.get("failed")
    scope = cell.item(_seen(cell, result)).scope
    return all(cell.templar.condition(each, scope) for each in cell.step.task.until)
