"""Which nodes of a play's syntax become rows: tags, --start-at-task, roles with what they depend on."""

from __future__ import annotations

import os
from collections.abc import Hashable, Iterator
from fnmatch import fnmatchcase

from orchestr8.compile.context import Context
from orchestr8.compile.settings import Settings
from orchestr8.compile.tags import lets_through
from orchestr8.language.syntax import Block, Keywords, Node, RoleUse, Task


class Roles:
    """Numbers the uses of roles in a play, so that a host runs one with the same parameters once."""

    def __init__(self) -> None:
        self._owner = object()
        self._count = 0

    def entered(self, use: RoleUse) -> tuple[Hashable, int]:
        """Return what uses of a role that do the same have in common, and a number of this one."""
        self._count += 1
        same = None if use.role.allow_duplicates else repr((sorted(use.params.items()), use.keywords))
        path = os.path.abspath(use.role.path)
        return (self._owner, path, self._count if same is None else same), self._count


def dependencies(use: RoleUse) -> list[Block]:
    """Return the blocks of the roles that a role depends on."""
    return [
        Block(need.role.tasks, need.keywords, need.span, role=need, origin="role") for need in use.role.uses
    ]


class Selection:
    """Says which tasks run; --start-at-task passes over everything before the task of that name."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._waiting_for = settings.start_at

    def judge_by(self, settings: Settings) -> None:
        """Take a play's own settings from here on; what was met before stays met."""
        self._settings = settings

    @property
    def found(self) -> bool:
        """Whether the task to start at has been met."""
        return self._waiting_for is None

    def takes(self, task: Task, context: Context) -> bool:
        """Return whether a task is to run."""
        tags = (*context.keywords.tags, *task.keywords.tags)
        return self.started(task) and lets_through(tags, self._settings)

    def started(self, task: Task) -> bool:
        """Return whether the task to start at is this one or has been met."""
        if self._waiting_for is not None and not task.implicit:
            names = {str(task.keywords.name), label_of(task)}
            if not any(fnmatchcase(name, self._waiting_for) for name in names):
                return False
            self._waiting_for = None
        return True


def label_of(task: Task) -> str:
    """Return how a task is called: its name under its role, or its action."""
    name = str(task.keywords.name) if task.keywords.name else task.written or task.action
    return f"{task.role.role.name} : {name}" if task.role else name


def tasks_of(nodes: tuple[Node, ...], outer: Context) -> Iterator[tuple[Task, Context]]:
    """Yield every task with where it stands, blocks opened."""
    for node in nodes:
        if isinstance(node, Task):
            yield node, outer
        else:
            inner = outer.inside(node.keywords, node.role)
            yield from tasks_of((*node.tasks, *node.rescue, *node.always), inner)


NO_KEYWORDS = Keywords()
