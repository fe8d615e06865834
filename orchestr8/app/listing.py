"""What `o8 run` shows with --list-hosts, --list-tasks, --list-tags, --syntax-check; no host is contacted."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from functools import partial
from typing import Any

from orchestr8.app.playbooks import Project, read_project
from orchestr8.app.request import RunRequest
from orchestr8.compile.describe import settings_of
from orchestr8.compile.nodes import Selection, dependencies, label_of
from orchestr8.compile.play import check_started, compile_play
from orchestr8.compile.rows import Row
from orchestr8.compile.settings import Settings
from orchestr8.compile.tags import flatten
from orchestr8.core.errors import O8Error
from orchestr8.engine.scopes import PlayLayers, Scopes, run_magic
from orchestr8.language.syntax import Node, Play, Task
from orchestr8.template.scope import Scope
from orchestr8.template.templar import Templar


def listing(request: RunRequest) -> str:
    """Return the text; raise InvalidInput for mistakes in the files."""
    project = read_project(request)
    return "\n".join(_lines(project, request))


def _lines(project: Project, request: RunRequest) -> Iterator[str]:
    options = project.options
    tags = options.tags or (("all", "never") if request.list_tags else ())
    everything = Settings(tags=tags, skip_tags=options.skip_tags, start_at=options.start_at)
    selection = Selection(everything)
    yield ""
    yield f"playbook: {', '.join(request.playbooks)}"
    for number, play in enumerate(project.playbook.plays, 1):
        asked = replace(everything, render=partial(_rendered, scope=_scope(project, play)))
        selection.judge_by(asked)
        hidden = set(_elsewhere((*play.pre_tasks, *play.roles, *play.tasks, *play.post_tasks)))
        compiled = compile_play(play, settings_of(play, asked), selection).rows
        rows = [row for row in compiled if _shown(row) and row.task not in hidden]
        if request.list_hosts or request.list_tasks or request.list_tags:
            yield ""
            name = play.keywords.name or _pattern(play)
            yield f"  play #{number} ({_pattern(play)}): {name}\tTAGS: {_tags(play.keywords.tags, asked)}"
        if request.list_hosts:
            yield from _hosts(project, play)
        if request.list_tasks:
            yield "    tasks:"
            yield from (f"      {_label(row)}\tTAGS: {_tags(_own(row), asked)}" for row in rows)
        if request.list_tags:
            yield f"      TASK TAGS: {_tags((tag for row in rows for tag in _own(row)), asked)}"
    check_started(selection, options.start_at)


def _scope(project: Project, play: Play) -> Scope:
    layers = PlayLayers([play.keywords.vars], (), run_magic(project.options))
    return Scopes(project.options.extra_vars, {}).of_play(layers)


def _rendered(value: Any, scope: Scope) -> Any:
    """Return a value rendered, or as it is written where it needs what only a run knows."""
    try:
        return Templar().render(value, scope)
    except O8Error:
        return value


def _hosts(project: Project, play: Play) -> Iterator[str]:
    pattern = Templar().render(play.hosts, _scope(project, play))
    chosen = project.inventory.select(pattern, project.options.limit)
    yield f"    pattern: {_pattern(play).split(',')}"
    yield f"    hosts ({len(chosen)}):"
    yield from (f"      {host.name}" for host in chosen)


def _shown(row: Row) -> bool:
    return row.task is not None and not row.task.implicit


def _elsewhere(nodes: Iterable[Node], *, inside: bool = False) -> Iterator[Task]:
    """Yield the tasks that are for failures, or for afterwards: Ansible lists neither."""
    for node in nodes:
        if isinstance(node, Task):
            yield from (node,) if inside else ()
            continue
        body = (*(dependencies(node.role) if node.role else ()), *node.tasks)
        yield from _elsewhere(body, inside=inside)
        yield from _elsewhere((*node.rescue, *node.always), inside=True)


def _label(row: Row) -> str:
    """Return what a task is called: without its role where it has no name, or includes another one."""
    task = row.task
    if task is None:
        return row.label
    if task.action == "include_role" and task.keywords.name:
        return str(task.keywords.name)
    return label_of(task) if task.keywords.name else task.written or task.action


def _own(row: Row) -> tuple[str, ...]:
    own = row.task.keywords.tags if row.task else ()
    return (*row.context.keywords.tags, *own)


def _tags(tags: Iterable[Any], settings: Settings) -> str:
    return "[" + ", ".join(sorted(flatten(tags, settings.render))) + "]"


def _pattern(play: Play) -> str:
    return ",".join(map(str, play.hosts)) if isinstance(play.hosts, list | tuple) else str(play.hosts)
