"""Compiles one play to its task graph: its sections in order, each followed by its handlers."""

from __future__ import annotations

from orchestr8.compile.context import Context
from orchestr8.compile.lower import Lowering
from orchestr8.compile.needs import tie
from orchestr8.compile.nodes import Roles, Selection
from orchestr8.compile.rows import Kind, Need, Reach, TaskGraph, When
from orchestr8.compile.settings import Settings
from orchestr8.core.errors import Diagnostic, InvalidInput
from orchestr8.core.span import Mapping, Text
from orchestr8.language.syntax import Keywords, Node, Play, Task


def compile_play(play: Play, settings: Settings, selection: Selection | None = None) -> TaskGraph:
    """Return the rows of a play; the same graph serves every batch of its hosts."""
    chosen = selection or Selection(settings)
    roles = Roles()
    lowering = Lowering(settings, selection=chosen, roles=roles)
    context = Context().inside(play.keywords)
    # Play variables are a layer of their own, weaker than those of roles.
    context = Context(keywords=context.keywords)
    phases = _Phases(lowering, context)
    phases.gather(play)
    phases.add("pre_tasks", play.pre_tasks)
    phases.add("tasks", (*play.roles, *play.tasks))
    phases.services(play)
    phases.add("post_tasks", play.post_tasks)
    if not play.post_tasks and any(_notifies(node) for node in _all_handlers(play)):
        phases.flush()
    end = lowering.join(phases.members, "end")
    tie(lowering.rows, lowering.waiting, lowering.named)
    names = {name: tuple(rows) for name, rows in lowering.named.items()}
    return TaskGraph(play, lowering.rows, end, linear=settings.linear, names=names, roles=roles)


def _all_handlers(play: Play) -> tuple[Node, ...]:
    return (*play.handlers, *(node for use in play.role_uses for node in use.role.handlers))


def _notifies(node: Node) -> bool:
    return bool(node.notify) if isinstance(node, Task) else any(map(_notifies, node.tasks))


def check_started(selection: Selection, name: str | None) -> None:
    """Raise InvalidInput when no play had the task to start at."""
    if not selection.found:
        raise InvalidInput(Diagnostic("O8-1408", f"no task is called `{name}`, so nothing was run"))


class _Phases:
    """The sections of a play as they are added; each waits for the one before and its handlers."""

    def __init__(self, lowering: Lowering, context: Context) -> None:
        self.members: list[int] = []
        self._lower = lowering
        self._context = context
        self._entry: list[Need] = []

    def gather(self, play: Play) -> None:
        if self._lower.settings.gather:
            rows = self._lower.sequence((gather_task(play),), self._context, [])
            self.members += rows
            self._entry = self._lower.after(rows[0]) if rows else []

    def add(self, title: str, nodes: tuple[Node, ...]) -> None:
        if not nodes:
            return
        lower = self._lower
        before = lower.frame(title)
        rows = lower.sequence(nodes, self._context, self._entry)
        if rows:
            phase = lower.join(rows, f"end of {title}")
            force = lower.settings.force_handlers
            flush = lower.flush(lower.after(phase, When.RAN if force else When.GOOD), self._context)
            self.members += [phase, flush]
            self._entry = [Need(phase, Reach.SAME), *lower.after(flush)]
        lower.unframe(before)

    def flush(self) -> None:
        """Run once more what handlers themselves notified."""
        self.members.append(self._lower.flush(self._entry, self._context))

    def services(self, play: Play) -> None:
        if not play.services:
            return
        names = ", ".join(play.services)
        row = self._lower.row(Kind.SERVICES, self._entry, f"services {names}", context=self._context)
        row.once = True
        self.members.append(row.index)
        self._entry = self._lower.after(row.index)


def gather_task(play: Play) -> Task:
    """Return the task that gathers facts before a play's own."""
    args = Mapping()
    for name, value in (
        ("gather_subset", play.gather_subset),
        ("gather_timeout", play.gather_timeout),
        ("fact_path", play.fact_path),
    ):
        if value is not None:
            args[name] = value
    keywords = Keywords(name=Text("Gathering Facts"), tags=("always",))
    return Task("setup", args, keywords, play.span, play.source, implicit=True)
