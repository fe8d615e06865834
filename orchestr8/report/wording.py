"""How results are put into words, in the forms that readers of Ansible's output know."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from difflib import unified_diff
from linecache import getlines
from typing import Any

from orchestr8.core.event import HostFinished, ItemFinished, TaskStarted
from orchestr8.core.outcome import Outcome
from orchestr8.core.secret import MASK, Secret
from orchestr8.core.span import Span

_DIGEST = re.compile(r"(sha256:[0-9a-f]{12})[0-9a-f]{52}")
CENSORED = "the output has been hidden due to the fact that 'no_log: true' was specified for this result"


def plain_value(value: Any) -> Any:
    """Return what JSON shows for a value it does not know: secrets masked, dates by ISO 8601, else text."""
    if isinstance(value, datetime):
        return value.isoformat()
    return MASK if isinstance(value, Secret) else str(value)


def visible(result: Mapping[str, Any], *, verbose: bool = False) -> dict[str, Any]:
    """Return what people see of a result: nothing internal, nothing that the line already says."""
    hidden = {"failed", "skipped", "exception", "warnings"} | (set() if verbose else {"diff", "invocation"})
    return {k: v for k, v in result.items() if not k.startswith("_ansible_") and k not in hidden}


_UNSPOKEN = {"changed", "failed", "skipped", "skip_reason", "ansible_loop_var"}


def spoken(result: Mapping[str, Any]) -> dict[str, Any]:
    """Return what `debug` was asked to say, without the keys that every result has."""
    kept = {"msg"} if "msg" in result else set(result) - _UNSPOKEN
    return {k: v for k, v in result.items() if k in kept or k.startswith("_")}


def censored(outcome: Outcome) -> Outcome:
    """Return an outcome without what `no_log` hides."""
    shown = {"censored": CENSORED, "changed": bool(outcome.result.get("changed"))}
    return replace(outcome, result=shown, reason="")


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


def short_digests(text: str) -> str:
    """Return a text in which the digests of images are cut to what tells them apart."""
    return _DIGEST.sub(r"\1", text)


def title(task: TaskStarted) -> str:
    """Return a task's name as shown, its role before it; an include of a role names that role instead."""
    action = task.written or task.action
    if task.subject:
        return task.name or f"{action} : {task.subject}"
    name = task.name or action
    return f"{task.role} : {name}" if task.role else name


def differences(event: ItemFinished | HostFinished, context: int = 3) -> str:
    """Return the differences a finished task shows, "" where nobody asked for them."""
    return diff_text(event.outcome.result.get("diff"), context) if event.diff else ""


def diff_text(diff: Any, context: int = 3) -> str:
    """Return a module's `diff` as a unified diff with lines around it; several diffs follow each other."""
    entries = diff if isinstance(diff, list) else [diff]
    return "".join(_one_diff(entry, context) for entry in entries if isinstance(entry, Mapping))


def _one_diff(entry: Mapping[str, Any], context: int) -> str:
    if "prepared" in entry:
        text = str(entry["prepared"])
        return text if not text or text.endswith("\n") else text + "\n"
    if "before" not in entry or "after" not in entry:
        return ""
    before, after = _lines(entry["before"]), _lines(entry["after"])
    head, tail = (
        f"{side}: {entry[f'{side}_header']}" if entry.get(f"{side}_header") else side
        for side in ("before", "after")
    )
    text = "".join(unified_diff(before, after, head, tail, n=context))
    return f"{text}\n" if text else ""


def _lines(side: Any) -> list[str]:
    text = (
        side
        if isinstance(side, str)
        else json.dumps(side, indent=4, sort_keys=True, default=plain_value) + "\n"
    )
    lines = text.splitlines(keepends=True)
    if lines and not lines[-1].endswith("\n"):
        lines[-1] += "\n\\ No newline at end of file\n"
    return lines


def excerpt(span: Span) -> list[str]:
    """Return the lines of a file that lead to a place, with the place marked; none when it is no file."""
    lines = getlines(span.file)[max(span.line - 3, 0) : span.line]
    if not lines:
        return []
    first, wide = span.line - len(lines) + 1, len(str(span.line)) + 1
    shown = [f"{first + at:>{wide - 1}} {line.rstrip()}" for at, line in enumerate(lines)]
    return [*shown, f"{' ' * (wide + span.column - 1)}^ column {span.column}", ""]
