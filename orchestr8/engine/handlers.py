"""Handlers of a play: which there are, and which hosts asked for them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from typing import Any

from orchestr8.compile.context import Context
from orchestr8.compile.nodes import tasks_of
from orchestr8.core.errors import Diagnostic
from orchestr8.core.span import Span
from orchestr8.core.suggest import did_you_mean
from orchestr8.language.schema import is_template
from orchestr8.language.syntax import Node, Play, RoleUse, Task


def _same(task: Task) -> tuple[Span, str]:
    """Return what a handler has in common with itself when its role is read again."""
    return task.span, task.role.role.path if task.role else ""


def _under_role(name: str, task: Task) -> tuple[str, ...]:
    """Return a handler's name or topic with its role's name before it."""
    return tuple(prefix + name for prefix in task.role.role.prefixes) if task.role else ()


@dataclass(slots=True)
class Handler:
    """One handler, its names and topics, and the places of the hosts that wait for it.

    group: counts the lists of handlers, those of roles and then the play's own.
    """

    task: Task
    context: Context
    names: tuple[str, ...]
    topics: tuple[str, ...]
    group: int
    waiting: set[int] = field(default_factory=set)


def _topical(topic: str, ranked: Iterable[Handler]) -> list[Handler]:
    """Return the handlers that listen to a topic; of several with one name the first."""
    found: dict[str | int, Handler] = {}
    for handler in ranked:
        if topic in handler.topics:
            found.setdefault(handler.names[0] if handler.names else id(handler), handler)
    return list(found.values())


class Handlers:
    """All handlers of a play in their order: those of roles first, then the play's own."""

    def __init__(self, play: Play, context: Context, render: Callable[[Any], Any]) -> None:
        self._render = render
        self._context = Context(keywords=context.keywords, handler=True)
        self.all: list[Handler] = []
        self._unusable: list[str] = []
        for use in play.role_uses:
            self.add_role(use)
        self._add(play.handlers, self._context)

    def add_role(self, use: RoleUse, around: tuple[RoleUse, ...] = ()) -> None:
        """Take in the handlers of a role, once; they see what the roles around it define."""
        if use.role.handlers:
            self._add(use.role.handlers, replace(self._context, roles=around).inside(use.keywords, use))

    def _add(self, nodes: tuple[Node, ...], context: Context) -> None:
        known = {_same(handler.task) for handler in self.all}
        group = self.all[-1].group + 1 if self.all else 0
        for task, where in tasks_of(nodes, context):
            if _same(task) not in known:
                self.all.append(Handler(task, where, self._names(task), self._topics(task), group))

    def _names(self, task: Task) -> tuple[str, ...]:
        if not task.keywords.name:
            return ()
        name = str(self._render(task.keywords.name))
        if is_template(name) and not task.listen:
            self._unusable.append(name)
        return (name, *_under_role(name, task))

    def _topics(self, task: Task) -> tuple[str, ...]:
        topics = [str(topic) for topic in task.listen]
        return (*topics, *(each for topic in topics for each in _under_role(topic, task)))

    def notify(self, name: str, hosts: Iterable[int]) -> list[str] | None:
        """Note that hosts want the handlers of a name or topic; return their names, None for none such."""
        # Of the same name counts the first in the last list: a play's own handlers outweigh those of roles.
        ranked = sorted(self.all, key=lambda handler: -handler.group)
        wanted = [handler for handler in ranked if name in handler.names][:1]
        wanted += [each for each in _topical(name, ranked) if each not in wanted]
        for handler in wanted:
            handler.waiting.update(hosts)
        return [handler.names[0] if handler.names else name for handler in wanted] or None

    def warnings(self) -> Iterator[Diagnostic]:
        """Yield, once, what to say of handlers that nobody can notify."""
        names, self._unusable = self._unusable, []
        for name in names:
            message = (
                f"Handler '{name}' is unusable because it has no listen topics and the name could not be "
                "templated (host-specific variables are not supported in handler names)."
            )
            yield Diagnostic("O8-1405", message, severity="warning")

    def unknown(self, name: str, task: Task) -> Diagnostic:
        """Return what to say of a name that no handler has."""
        known = [each for handler in self.all for each in (*handler.names, *handler.topics)]
        message = (
            f"The requested handler '{name}' was not found in either the main handlers list "
            "nor in the listening handlers list"
        )
        return Diagnostic("O8-1405", message, task.span, did_you_mean(name, known))

    def next(self, start: int, hosts: Iterable[int]) -> tuple[int, tuple[int, ...]] | None:
        """Return the first handler from a place on that some of the hosts wait for, and those hosts."""
        there = set(hosts)
        for at in range(start, len(self.all)):
            waiting = self.all[at].waiting & there
            if waiting:
                self.all[at].waiting -= waiting
                return at, tuple(sorted(waiting))
        return None
