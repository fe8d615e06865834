"""Reads lists of tasks: tasks, blocks, and the imports and includes among them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from orchestr8.core.span import Mapping
from orchestr8.language import imports, module_groups
from orchestr8.language.keywords import BLOCK, shared
from orchestr8.language.schema import item_place, kind_of, place, read
from orchestr8.language.session import Session, Where, nowhere
from orchestr8.language.syntax import Block, Node, Task
from orchestr8.language.tasks import read_task


def read_nodes(source: Any, what: str, where: Where, session: Session) -> tuple[Node, ...]:
    """Return the tasks and blocks of a list; `what` names the list in messages."""
    if source is None:
        return ()
    if not isinstance(source, list):
        span = getattr(source, "span", None) or nowhere(where.source)
        session.findings.error("O8-1102", f"{what} has to be a list of tasks, not {kind_of(source)}", span)
        return ()
    nodes: list[Node] = []
    for index, item in enumerate(source):
        if isinstance(item, Mapping):
            node = _node(item, where, session)
            nodes += [node] if node is not None else []
            if isinstance(node, Task) and node.action == "fail" and not where.under(_words(node)).conditional:
                # Nothing after this runs.
                where = replace(where, tolerant=True)
        elif item is not None:
            message = f"a task has to be a mapping, not {kind_of(item)}"
            session.findings.error("O8-1102", message, item_place(source, index))
    return tuple(nodes)


def _words(task: Task) -> dict[str, Any]:
    return {"when": task.keywords.when or task.keywords.ignore_errors}


def _node(source: Mapping, where: Where, session: Session) -> Node | None:
    if "block" in source:
        if where.handlers and where.nested:
            message = "Using a block as a handler is not supported."
            session.findings.error("O8-1105", message, source.key_spans.get("block"), "list its tasks")
            return None
        return _block(source, where, session)
    for section in ("rescue", "always"):
        if section in source:
            message = f"`{section}` without a `block`"
            session.findings.error("O8-1105", message, source.key_spans.get(section))
            return None
    task = read_task(source, where, session)
    if task is None:
        return None
    if reason := _out_of_place(task, where):
        session.findings.error("O8-1105", reason, task.action_span)
        return None
    return imports.resolve(task, where, session, read_nodes)


def _out_of_place(task: Task, where: Where) -> str | None:
    """Return why a task cannot stand where it does."""
    if where.handlers and (reason := _no_handler(task)):
        return reason
    if where.role is None and task.action == "meta" and task.free_form == "end_role":
        return "Cannot execute 'end_role' from outside of a role"
    return None


def _no_handler(task: Task) -> str | None:
    """Return why a task cannot be a handler."""
    if task.action == "meta" and task.free_form == "end_role":
        return "Cannot execute 'end_role' from a handler"
    if task.action in ("include_role", "import_role"):
        return f"Using {task.action!r} as a handler is not supported."
    if task.action == "meta" and task.free_form == "flush_handlers":
        return "flush_handlers cannot be used as a handler"
    return None


def _block(source: Mapping, where: Where, session: Session) -> Block:
    values = read(source, BLOCK, "a block", session.findings)
    module_groups.check(values, session.findings)
    where = replace(where, nested=True)
    inside = where.under(values)
    # A failure in `rescue` or `always` is rescued by nobody.
    outside = where.under({**values, "rescue": None})
    return Block(
        tasks=_section(source, "block", inside, session),
        keywords=shared(values),
        span=source.span or nowhere(where.source),
        rescue=_section(source, "rescue", outside, session),
        always=_section(source, "always", outside, session),
    )


def _section(source: Mapping, name: str, where: Where, session: Session) -> tuple[Node, ...]:
    value = source.get(name)
    if value is not None and not isinstance(value, list):
        message = f"`{name}` has to be a list of tasks, not {kind_of(value)}"
        session.findings.error("O8-1102", message, place(source, name))
        return ()
    return read_nodes(value, f"`{name}`", where, session)
