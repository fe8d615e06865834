"""What is told of a task: to reporters when it begins, to a rescue when it failed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from orchestr8.core.errors import O8Error
from orchestr8.core.event import TaskStarted
from orchestr8.core.outcome import Outcome
from orchestr8.engine import results
from orchestr8.engine.results import NO_TRACEBACK
from orchestr8.language.syntax import Task


def started(task: Task, key: str, name: str, *, handler: bool) -> TaskStarted:
    """Return the event of a task that begins; `name` is its name as rendered."""
    role = task.role.role.name if task.role else ""
    return TaskStarted(key, name, task.action, task.span, handler, role, _included_role(task), task.written)


def _included_role(task: Task) -> str:
    if task.action != "include_role":
        return ""
    return str(task.args.get("name") or task.args.get("role") or "")


def of_inclusion(task: Task | None, error: O8Error) -> Outcome:
    """Return the outcome of an include that found no file; playbooks look at what and why by these keys."""
    result = results.failure(error)
    if task is not None and task.action == "include_tasks":
        result.update(include=str(task.args.get("file", "")), reason=result["msg"])
    return results.outcome(result)


def of_failure(task: Task, result: Mapping[str, Any]) -> dict[str, Any]:
    """Return the variables by which a rescue knows what failed."""
    free = {"_raw_params": task.free_form} if task.free_form else {}
    failed = {
        "name": str(task.keywords.name or ""),
        "action": task.written or task.action,
        "args": {**task.args, **free},
        "register": task.register,
    }
    return {
        "ansible_failed_task": failed,
        "ansible_failed_result": {"exception": NO_TRACEBACK, **result},
    }
