"""Tests of tasks' results."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def _result(value: Any, name: str) -> Mapping[str, Any]:
    if not isinstance(value, Mapping):
        raise TypeError(f"The '{name}' test expects a dictionary")
    return value


def failed(result: Any) -> bool:
    """Whether the task failed."""
    return bool(_result(result, "failed").get("failed", False))


def succeeded(result: Any) -> bool:
    """Whether the task did not fail."""
    return not failed(result)


def unreachable(result: Any) -> bool:
    """Whether the host could not be reached."""
    return bool(_result(result, "unreachable").get("unreachable", False))


def reachable(result: Any) -> bool:
    """Whether the host could be reached."""
    return not unreachable(result)


def timedout(result: Any) -> bool:
    """Whether the task ran out of time."""
    return bool(_result(result, "timedout").get("timedout", False))


def skipped(result: Any) -> bool:
    """Whether the task was skipped."""
    return bool(_result(result, "skipped").get("skipped", False))


def changed(result: Any) -> bool:
    """Whether the task, or an item of its loop, changed something."""
    value = _result(result, "changed")
    if "changed" in value or not isinstance(value.get("results"), list):
        return bool(value.get("changed", False))
    return any(bool(each.get("changed", False)) for each in value["results"] if isinstance(each, Mapping))


def started(result: Any) -> bool:
    """Whether an asynchronous task was started; others always have."""
    return bool(int(_result(result, "started").get("started", 1)))


def finished(result: Any) -> bool:
    """Whether an asynchronous task ended; others always have."""
    return bool(int(_result(result, "finished").get("finished", 1)))


NAMES = {
    "failed": failed,
    "failure": failed,
    "succeeded": succeeded,
    "success": succeeded,
    "successful": succeeded,
    "changed": changed,
    "change": changed,
    "skipped": skipped,
    "skip": skipped,
    "started": started,
    "finished": finished,
    "reachable": reachable,
    "unreachable": unreachable,
    "timedout": timedout,
}
