"""Static imports, read in place; and what dynamic includes with a constant name will bring."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from orchestr8.core.span import Span
from orchestr8.language import roles
from orchestr8.language.constants import constant
from orchestr8.language.findings import Findings
from orchestr8.language.schema import boolean, has_template, is_template
from orchestr8.language.search import missing
from orchestr8.language.session import Foreseen, Session, Where
from orchestr8.language.syntax import Block, Node, RoleUse, Task
from orchestr8.language.tasks import only_dynamic

ReadNodes = Callable[[Any, str, Where, Session], tuple[Node, ...]]


def resolve(task: Task, where: Where, session: Session, read: ReadNodes) -> Node | None:
    """Return what a task stands for: a static import is the tasks it brings, any other task is itself."""
    if task.action == "import_tasks":
        return _import_tasks(task, where, session, read)
    if task.action == "import_role":
        return _import_role(task, where, session, read)
    if task.action in ("include_tasks", "include_role") and session.look_ahead:
        _look_ahead(task, where, session, read)
    return task


def _place_of(task: Task, argument: str) -> Span | None:
    return task.args.value_spans.get(argument) or task.action_span


def _import_tasks(task: Task, where: Where, session: Session, read: ReadNodes) -> Node | None:
    if not only_dynamic(task, session) or task.args.get("file") is None:
        if task.args.get("file") is None:
            session.findings.error("O8-1202", "`import_tasks` names no file", task.action_span)
        return None
    inside = where.under(_keywords_of(task))
    name = constant(task.args["file"], inside, session)
    if name is None:
        return None
    path = where.search(session).look(name, "tasks")
    if path is None:
        found = missing(name, where.search(session).places(name, "tasks"), what="file of tasks")
        session.findings.add(replace(found, span=_place_of(task, "file")))
        return None
    if path in where.chain:
        _circle([*where.chain[where.chain.index(path) :], path], _place_of(task, "file"), session)
        return None
    inside = replace(
        inside, source=path, chain=(*where.chain, path), notify=task.notify or where.notify, nested=True
    )
    tasks = read(session.document(path), f"`{path}`", inside, session)
    return Block(tasks, task.keywords, task.span, origin="import_tasks")


def _circle(chain: list[str], span: Span | None, session: Session) -> None:
    message = "imports go in a circle: " + " → ".join(chain)
    session.findings.error("O8-1404", message, span, "a dynamic `include_tasks` with a `when` can end")


def _keywords_of(task: Task) -> dict[str, Any]:
    words = task.keywords
    return {
        "when": words.when,
        "ignore_errors": words.ignore_errors,
        "vars": words.vars,
        "module_defaults": words.module_defaults,
        "notify": task.notify,
        "collections": words.collections,
    }


def _import_role(task: Task, where: Where, session: Session, read: ReadNodes) -> Node | None:
    if not only_dynamic(task, session):
        return None
    inside = where.under(_keywords_of(task))
    use = _role_of(task, inside, session, read)
    if use is None:
        return None
    where.uses.extend(roles.with_dependencies(use))
    return Block(use.role.tasks, use.keywords, task.span, role=use, origin="role")


def _role_of(task: Task, where: Where, session: Session, read: ReadNodes) -> RoleUse | None:
    name = task.args.get("name", task.args.get("role"))
    if name is None:
        return None
    found = constant(name, where, session)
    if found is None:
        return None
    wanted = roles.Wanted(
        name=found,
        span=task.args.value_spans.get("name") or task.args.value_spans.get("role") or task.span,
        keywords=task.keywords,
        parts={part: str(task.args[f"{part}_from"]) for part in roles.PARTS if f"{part}_from" in task.args},
        public=_flag(task, "public"),
        static=task.action == "import_role",
        allow_duplicates=_flag(task, "allow_duplicates") is not False,
        validated=_flag(task, "rolespec_validate") is not False,
    )
    return roles.read_use(wanted, where, session, read)


def _flag(task: Task, argument: str) -> bool | None:
    value = task.args.get(argument)
    if value is None or has_template(value):
        return None
    return boolean(value) if str(value).lower() in ("true", "false", "yes", "no") else True


def _look_ahead(task: Task, where: Where, session: Session, read: ReadNodes) -> None:
    """Read what a constant include will bring, so that its mistakes are found before the run."""
    quiet = Findings()
    inside = where.under(_keywords_of(task))
    if task.action == "include_tasks":
        found = _foresee_tasks(task, inside, session.quiet(quiet), read)
    else:
        found = _foresee_role(task, inside, session.quiet(quiet), read)
    if found is not None:
        session.foreseen[task] = found
    for diagnostic in quiet.all:
        absent = diagnostic.code in ("O8-1402", "O8-1403")
        spared = inside.tolerant or inside.conditional or (task.loop is not None and absent)
        inside.report(session, diagnostic, spared=spared)


def _foresee_tasks(task: Task, where: Where, session: Session, read: ReadNodes) -> Foreseen | None:
    name = task.args.get("file")
    if name is None or is_template(name):
        if name is None and task.args_template is None:
            session.findings.error("O8-1202", "`include_tasks` names no file", task.action_span)
        return None
    search = where.search(session)
    path = search.look(str(name), "tasks")
    if path is None:
        found = missing(str(name), search.places(str(name), "tasks"), what="file of tasks")
        session.findings.add(replace(found, span=_place_of(task, "file")))
        return None
    key = f"{path} {where.role.role.path if where.role else ''}"
    if key in session.visited:
        return None
    session.visited.add(key)
    inside = replace(where, source=path, chain=(path,), notify=(), nested=True)
    return read(session.document(path), f"`{path}`", inside, session)


def _foresee_role(task: Task, where: Where, session: Session, read: ReadNodes) -> Foreseen | None:
    names = [task.args.get(word) for word in ("name", "role", *(f"{part}_from" for part in roles.PARTS))]
    key = f"role {names}"
    if any(map(is_template, names)) or key in session.visited:
        return None
    session.visited.add(key)
    return _role_of(task, replace(where, chain=()), session, read)
