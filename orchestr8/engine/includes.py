"""Turns what hosts want included into parts of the graph: one part for each file and round of a loop."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from orchestr8.compile.context import Context
from orchestr8.compile.fragment import Included
from orchestr8.compile.rows import Row
from orchestr8.core.errors import O8Error
from orchestr8.engine.cell import Inclusion
from orchestr8.engine.keyword_values import as_flag
from orchestr8.language.findings import Findings
from orchestr8.language.keywords import BLOCK, shared
from orchestr8.language.load import Loader
from orchestr8.language.schema import read
from orchestr8.language.syntax import Block, Keywords, Node, RoleUse, Task

_PARTS = ("tasks", "vars", "defaults", "handlers")


@dataclass(slots=True)
class Parts:
    """What an include brings: parts in order, roles that came with it, and errors by host."""

    included: list[Included] = field(default_factory=list)
    roles: list[tuple[RoleUse, bool]] = field(default_factory=list)
    errors: dict[int, O8Error] = field(default_factory=dict)


class Includes:
    """Reads included files and roles; the loader keeps what it has read."""

    def __init__(self, loader: Loader, playbook_dir: str) -> None:
        self._loader = loader
        self._playbook_dir = playbook_dir

    def parts(self, row: Row, wanted: Mapping[int, Sequence[Inclusion]]) -> Parts:
        """Return the parts for the hosts that want something; hosts that want the same share a part."""
        parts = Parts()
        for inclusion, hosts in _grouped(wanted):
            try:
                nodes, context = self._read(row, inclusion, parts)
            except O8Error as error:
                parts.errors.update(dict.fromkeys(hosts, error))
            else:
                name, label = _name(inclusion, nodes), _label(inclusion.variables)
                parts.included.append(Included(nodes, context, hosts, name, label))
        return parts

    def _read(self, row: Row, inclusion: Inclusion, parts: Parts) -> tuple[tuple[Node, ...], Context]:
        task = row.task
        assert task is not None  # an include row always has its task
        applied, notify = _applied(task)
        context = row.context.inside(applied)
        variables = tuple(layer for layer in (inclusion.variables, task.keywords.vars) if layer)
        context = replace(context, params=(*variables, *context.params))
        paths = tuple(use.role.path for use in row.context.roles)
        if task.action == "include_role":
            # A role lists its own collections, whatever the play does.
            listed = task.role.role.collections if task.role else row.context.keywords.collections
            keywords = Keywords(collections=task.keywords.collections or listed)
            return (self._role(task, inclusion.args, paths, keywords, parts),), context
        nodes = self._loader.tasks(
            str(inclusion.args.get("file", "")),
            source=task.source,
            playbook_dir=self._playbook_dir,
            role=task.role,
            role_paths=paths,
            handlers=row.context.handler,
            notify=notify,
        )
        return nodes, context

    def _role(
        self, task: Task, args: Mapping[str, Any], paths: tuple[str, ...], keywords: Keywords, parts: Parts
    ) -> Node:
        use = self._loader.role(
            str(args.get("name") or args.get("role") or ""),
            playbook_dir=self._playbook_dir,
            span=task.span,
            role_paths=paths,
            keywords=keywords,
            parts={part: str(args[f"{part}_from"]) for part in _PARTS if args.get(f"{part}_from")},
            public=as_flag(args["public"]) if args.get("public") is not None else None,
            allow_duplicates=as_flag(args.get("allow_duplicates", True)),
            validated=as_flag(args.get("rolespec_validate", True)),
        )
        parts.roles.append((use, use.public))
        return Block(use.role.tasks, use.keywords, task.span, role=use, origin="role")


def _name(inclusion: Inclusion, nodes: Sequence[Node]) -> str:
    """Return what was included: the path of a file, as far as it holds anything, or the name of a role."""
    args = inclusion.args
    if "file" in args and nodes:
        return os.path.abspath(nodes[0].span.file)
    return str(args.get("file") or args.get("name") or args.get("role") or "")


def _label(variables: Mapping[str, Any]) -> str:
    return str(variables.get(variables.get("ansible_loop_var", ""), ""))


def _grouped(wanted: Mapping[int, Sequence[Inclusion]]) -> list[tuple[Inclusion, tuple[int, ...]]]:
    groups: dict[str, tuple[Inclusion, list[int]]] = {}
    for host, inclusions in wanted.items():
        for inclusion in inclusions:
            key = repr((inclusion.args, inclusion.variables))
            groups.setdefault(key, (inclusion, []))[1].append(host)
    return [(inclusion, tuple(sorted(set(hosts)))) for inclusion, hosts in groups.values()]


def _applied(task: Task) -> tuple[Keywords, tuple[Any, ...]]:
    """Return the keywords that an include hands on to what it brings, and the handlers they notify."""
    written = task.args.get("apply")
    if not isinstance(written, Mapping) or not written:
        return Keywords(), ()
    findings = Findings()
    source: Any = written
    values = read(source, BLOCK, "`apply`", findings)
    if findings.failed:
        findings.fail()
    return shared(values), values.get("notify", ())


Prompt = Callable[[str], str]
