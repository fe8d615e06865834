"""How results are put into words, in the forms that readers of Ansible's output know."""

from __future__ import annotations

import json
from collections.abc import Mapping
from difflib import unified_diff
from typing import Any

from orchestr8.core.event import TaskStarted
from orchestr8.core.secret import MASK, Secret

CENSORED = "the output has been hidden due to the fact that 'no_log: true' was specified for this result"


def plain_value(value: Any) -> Any:
    """Return what JSON shows for a value it does not know: secrets masked, the rest as text."""
    return MASK if isinstance(value, Secret) else str(value)


def visible(result: Mapping[str, Any], *, verbose: bool = False) -> dict[str, Any]:
    """Return what people see of a result: no internal keys and, unless verbose, no repetitions."""
    hidden = {"diff", "invocation"} if not verbose else {"diff"}
    shown = {k: v for k, v in result.items() if not k.startswith("_ansible_") and k not in hidden}
    if "stdout" in shown and not verbose:
        shown = {k: v for k, v in shown.items() if k not in ("stdout", "stderr") or f"{k}_lines" not in shown}
        shown |= {k: result[k] for k in ("stdout", "stderr") if k in result}
    return shown


def dump(result: Mapping[str, Any], *, indent: int | None = None, verbose: bool = False) -> str:
    """Return a result as JSON text; a lone surrogate is written as its escape, so any terminal takes it."""
    text = json.dumps(
        visible(result, verbose=verbose),
        indent=indent,
        sort_keys=True,
        ensure_ascii=False,
        default=plain_value,
    )
    return text.encode("utf-8", "backslashreplace").decode("utf-8")


def title(task: TaskStarted) -> str:
    """Return a task's name as shown, its role before it."""
    name = task.name or task.action
    return f"{task.role} : {name}" if task.role else name


def diff_text(diff: Any) -> str:
    """Return a module's `diff` as a unified diff; several diffs follow each other."""
    entries = diff if isinstance(diff, list) else [diff]
    return "".join(_one_diff(entry) for entry in entries if isinstance(entry, Mapping))


def _one_diff(entry: Mapping[str, Any]) -> str:
    if "prepared" in entry:
        return str(entry["prepared"])
    if "before" not in entry or "after" not in entry:
        return ""
    before, after = _lines(entry["before"]), _lines(entry["after"])
    head = str(entry.get("before_header") or "before")
    tail = str(entry.get("after_header") or "after")
    return "".join(unified_diff(before, after, f"before: {head}", f"after: {tail}"))


def _lines(side: Any) -> list[str]:
    text = (
        side
        if isinstance(side, str)
        else json.dumps(side, indent=4, sort_keys=True, default=plain_value) + "\n"
    )
    if text and not text.endswith("\n"):
        text += "\n\\ No newline at end of file\n"
    return text.splitlines(keepends=True)


def item_label(label: Any) -> str:
    """Return a loop item as shown in `(item=…)`."""
    return label if isinstance(label, str) else json.dumps(label, sort_keys=True, default=plain_value)
