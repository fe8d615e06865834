"""Results of modules under Ansible's keys: made whole, summed up over a loop, hidden, judged."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from orchestr8.core.errors import Diagnostic, O8Error, Unreachable
from orchestr8.core.outcome import Outcome, Status

Result = dict[str, Any]
PLACE = "_o8_place"
"""A key that carries the place of a mistake to the outcome's reason."""
NO_TRACEBACK = "(traceback unavailable)"
CENSORED = "the output has been hidden due to the fact that 'no_log: true' was specified for this result"


def whole(result: Result) -> Result:
    """Add what every result has: `changed`, lines of output, `failed` for a bad return code."""
    result.setdefault("changed", False)
    for name in ("stdout", "stderr"):
        text = result.get(name)
        if isinstance(text, str) and f"{name}_lines" not in result:
            result[f"{name}_lines"] = text.splitlines()
    if "failed" not in result:
        result["failed"] = result.get("rc", 0) not in (0, "0", None)
    return result


_REPORTED = ("_o8_", "_ansible_verbose_always")
"""What the names of keys begin with that no variable keeps."""


def failure(error: O8Error) -> Result:
    """Return the result of something that could not be done."""
    hints = [d.hint for d in error.diagnostics if d.hint]
    how = "unreachable" if isinstance(error, Unreachable) else "failed"
    result: Result = {how: True, "changed": False, "msg": error.message}
    if how == "failed":
        # Playbooks ask whether there is one; a place and a cause say more than our own stack would.
        result["exception"] = NO_TRACEBACK
    if hints:
        result["hint"] = "; ".join(hints)
    if places := places_of(error):
        result[PLACE] = places
    return result


def places_of(error: O8Error) -> str:
    """Return where what an error tells of is written, as an outcome's reason; empty when unknown."""
    return ", ".join(dict.fromkeys(_place(d) for d in error.diagnostics if d.span))


def _place(found: Diagnostic) -> str:
    """Return where something went wrong, and where what was wrong came from."""
    origins = (note for note in found.notes if " set at " in note)
    return "; ".join((str(found.span), *origins))


def skipped(condition: Any) -> Result:
    """Return the result of a task whose condition does not hold."""
    return {
        "changed": False,
        "skipped": True,
        "skip_reason": "Conditional result was False",
        "false_condition": condition,
    }


def registered(result: Result) -> Result:
    """Return what a variable keeps of a result: nothing that only reporters look at."""
    kept = _kept(result)
    if isinstance(rounds := result.get("results"), list):
        kept["results"] = [_kept(each) if isinstance(each, Mapping) else each for each in rounds]
    if not result.get("skipped"):
        kept.setdefault("failed", False)
    return kept


def _kept(result: Mapping[str, Any]) -> Result:
    kept = {name: value for name, value in result.items() if not name.startswith(_REPORTED)}
    if kept.get("failed"):
        kept.setdefault("exception", NO_TRACEBACK)
    return kept


def summed_up(results: Sequence[Result]) -> Result:
    """Return the result of a loop."""
    if not results:
        return {"changed": False, "skipped": True, "skipped_reason": "No items in the list", "results": []}
    whole_loop: Result = {
        "results": list(results),
        "changed": any(result.get("changed") for result in results),
        "skipped": all(result.get("skipped") for result in results),
    }
    if any(result.get("failed") for result in results):
        return {**whole_loop, "failed": True, "msg": "One or more items failed"}
    if any(result.get("unreachable") for result in results):
        lost = next(result for result in results if result.get("unreachable"))
        return {**whole_loop, "unreachable": True, "msg": lost.get("msg", "")}
    if whole_loop["skipped"]:
        return {**whole_loop, "msg": "All items skipped"}
    return {**whole_loop, "failed": False, "msg": "All items completed"}


def has_failed(result: Mapping[str, Any]) -> bool:
    """Return whether a result is a failure: what `failed_when` says outweighs that `until` was never met."""
    if "failed_when_result" in result:
        return bool(result["failed_when_result"])
    items = [each for each in result.get("results") or () if isinstance(each, Mapping)]
    if any("failed_when_result" in each for each in items):
        return any(map(has_failed, items))
    return bool(result.get("failed"))


def outcome(result: Mapping[str, Any], *, ignored: bool = False, lost_ignored: bool = False) -> Outcome:
    """Return how a task ended by its result."""
    place = result.get(PLACE)
    if place is not None:
        shown = {name: value for name, value in result.items() if name != PLACE}
        return replace(outcome(shown, ignored=ignored), reason=str(place))
    if result.get("unreachable"):
        return Outcome(Status.UNREACHABLE, result, str(result.get("msg", "")), ignored=lost_ignored)
    if has_failed(result):
        return Outcome(Status.FAILED, result, ignored=ignored)
    if result.get("skipped"):
        reason = result.get("skip_reason") or result.get("skipped_reason") or ""
        return Outcome(Status.SKIPPED, result, str(reason))
    return Outcome(Status.CHANGED if result.get("changed") else Status.OK, result)


def censored(result: Mapping[str, Any]) -> Result:
    """Return what may be shown of a result that holds secrets."""
    kept = ("changed", "failed", "skipped", "unreachable", "attempts", "retries")
    return {"censored": CENSORED, **{name: result[name] for name in kept if name in result}}
