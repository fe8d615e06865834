"""Checks that files with a constant name exist: what tasks copy, render, run and read, and services name."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import replace

from orchestr8.core.errors import Diagnostic
from orchestr8.core.span import Span
from orchestr8.language.schema import boolean, is_template
from orchestr8.language.search import Search, missing
from orchestr8.language.services_named import named_files
from orchestr8.language.session import Session, folder
from orchestr8.language.syntax import Play, Playbook, Task
from orchestr8.language.walking import Around, tasks_of

_FOLDERS = {
    "copy": "files", "template": "templates", "script": "files", "unarchive": "files", "include_vars": "vars",
}  # fmt: skip


def check_files(playbook: Playbook, session: Session) -> None:
    """Note every file that a task names and nobody has."""
    made: set[str] = set()
    for play in playbook.plays:
        for task, around in tasks_of(play, session.foreseen):
            found = _missing(task, around, play, made)
            made.update(_made(task))
            if found is None:
                continue
            certain = not (around.spared or around.conditional or task.loop)
            session.findings.add(found if certain else replace(found, severity="warning"))
        session.findings.add(*_missing_of_services(play, session.playbook_dir, made))


def _missing_of_services(play: Play, playbook_dir: str, made: set[str]) -> Iterator[Diagnostic]:
    """Yield what services name and nobody has; they are looked at after the tasks, as in a run."""
    search = Search(play.source, playbook_dir)
    for name, where in (named for service in play.services.values() for named in named_files(service)):
        if is_template(name) or search.look(name, where) is not None or _made_by_the_run(name, made):
            continue
        yield missing(name, search.places(name, where), "O8-1407")


def source_file(task: Task, around: Around, play: Play) -> str | None:
    """Return the path of the file that a task copies, renders or runs, when its name is constant."""
    name = _name(task)
    return _search(task, around, play).look(name, _FOLDERS[task.action]) if name else None


def _search(task: Task, around: Around, play: Play) -> Search:
    paths = tuple(use.role.path for use in reversed(around.roles))
    return Search(task.source, folder(play.source), paths)


def _name(task: Task) -> str | None:
    if task.action not in _FOLDERS or _remote(task):
        return None
    value = task.args.get("src")
    if task.action == "unarchive" and ("://" in str(value) or "creates" in task.args):
        return None
    if task.action == "include_vars":
        value = task.args.get("file", task.free_form)
        value = value.strip() if isinstance(value, str) else None
    if task.action == "script":
        value = task.args.get("cmd", task.free_form)
        value = value.split()[0] if isinstance(value, str) and value.split() else None
        if value is not None and value[0] in "\"'":
            return None
    return str(value) if isinstance(value, str) and value and not is_template(value) else None


def _remote(task: Task) -> bool:
    value = task.args.get("remote_src")
    if str(task.args.get("copy", "yes")).lower() in ("false", "no", "0"):
        return True
    if value is None:
        return False
    return is_template(value) or str(value).lower() not in ("false", "no", "0") or bool(boolean(value))


def _missing(task: Task, around: Around, play: Play, made: set[str]) -> Diagnostic | None:
    name = _name(task)
    if name is None:
        return None
    search, where = _search(task, around, play), _FOLDERS[task.action]
    if search.look(name, where) is not None or _made_by_the_run(name, made):
        return None
    return replace(missing(name, search.places(name, where), "O8-1407"), span=_span(task))


def _made(task: Task) -> set[str]:
    """Return the files that a task may make, also on the controller."""
    values = (task.args.get(key) for key in ("path", "dest", "creates"))
    return {os.path.normpath(value) for value in values if isinstance(value, str) and value}


def _made_by_the_run(name: str, made: set[str]) -> bool:
    """An absolute path may be written by anything; a relative one by an earlier task with such a name."""
    if os.path.isabs(os.path.expanduser(name)):
        return True
    parts = os.path.normpath(name).split(os.sep)
    starts = [os.sep.join(parts[:length]) for length in range(1, len(parts) + 1)]
    return any(_may_be(path, start) for start in starts for path in made)


def _may_be(path: str, name: str) -> bool:
    return path == name or (is_template(path) and path.endswith(os.sep + name))


def _span(task: Task) -> Span | None:
    own = getattr(task.free_form, "span", None)
    return (
        task.args.value_spans.get("src")
        or task.args.value_spans.get("cmd")
        or task.args.value_spans.get("file")
        or own
        or task.action_span
    )
