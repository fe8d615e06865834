"""Checks that handlers named by tasks exist."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from orchestr8.core.errors import Diagnostic
from orchestr8.core.span import span_of
from orchestr8.core.suggest import did_you_mean
from orchestr8.language.findings import Findings
from orchestr8.language.roles import with_dependencies
from orchestr8.language.schema import is_template
from orchestr8.language.syntax import Play, RoleUse, Task
from orchestr8.language.walking import Around, Foreseen, tasks_of, walk

UNKNOWN = "O8-1405"


def check_notifications(play: Play, foreseen: Foreseen, findings: Findings, *, mild: bool = False) -> None:
    """Note every constant `notify` that no handler of the play answers to; mild: only warn of it."""
    tasks = list(tasks_of(play, foreseen))
    if any(task.action.startswith("include_") and task not in foreseen for task, _ in tasks):
        return
    included = [found for task, _ in tasks if isinstance(found := foreseen.get(task), RoleUse)]
    uses = [*play.role_uses, *(use for found in included for use in with_dependencies(found))]
    known: set[str] = set()
    for handler, role in _handlers(play, uses, foreseen):
        names: list[Any] = [handler.keywords.name, *handler.listen]
        if any(map(is_template, names)):
            return
        known.update(str(name) for name in names if name is not None)
        if role is not None:
            for prefix in role.role.prefixes:
                known.update(f"{prefix}{name}" for name in names if name is not None)
    for task, around in tasks:
        for name in task.notify:
            if isinstance(name, str) and not is_template(name) and name not in known:
                findings.add(_unknown(name, task, known, mild=mild or around.spared))


def _handlers(
    play: Play, uses: Iterable[RoleUse], foreseen: Foreseen
) -> Iterable[tuple[Task, RoleUse | None]]:
    for task, _ in walk(play.handlers, Around(), foreseen):
        yield task, None
    for use in uses:
        for task, _ in walk(use.role.handlers, Around(), foreseen):
            yield task, use


def _unknown(name: str, task: Task, known: Iterable[str], *, mild: bool) -> Diagnostic:
    span = span_of(name) or task.span
    message = (
        f"The requested handler '{name}' was not found in either the main handlers list "
        "nor in the listening handlers list"
    )
    found = Diagnostic(UNKNOWN, message, span, did_you_mean(name, known))
    return replace(found, severity="warning") if mild else found
