"""Lowers syntax to rows: sequences, blocks with rescue and always, tasks, joins."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from orchestr8.compile.context import Context, inherit
from orchestr8.compile.nodes import Roles, Selection, dependencies, label_of
from orchestr8.compile.rows import Kind, Need, Reach, Row, When
from orchestr8.compile.settings import Settings
from orchestr8.language.syntax import Block, Node, Task

ONCE = ("add_host", "pause")
FOR_ALL = ("end_play", "end_batch", "refresh_inventory", "clear_host_errors")
INCLUDES = ("include_tasks", "include_role")


class Lowering:
    """Builds rows, numbered from `first`, for all hosts of the graph or for `hosts` only."""

    def __init__(
        self,
        settings: Settings,
        *,
        first: int = 0,
        hosts: tuple[int, ...] | None = None,
        roles: Roles | None = None,
        selection: Selection | None = None,
    ) -> None:
        self.settings = settings
        self.rows: list[Row] = []
        self.named: dict[str, list[int]] = {}
        self.waiting: list[Row] = []
        self._first = first
        self._hosts = hosts
        self._roles = roles or Roles()
        self._selection = selection or Selection(settings)
        self._frames: tuple[str, ...] = ()

    def row(
        self,
        kind: Kind,
        needs: Iterable[Need],
        label: str = "",
        *,
        task: Task | None = None,
        context: Context | None = None,
    ) -> Row:
        """Add a row."""
        index = self._first + len(self.rows)
        row = Row(index, kind, list(needs), label, task, context or Context(), self._hosts)
        row.frames = self._frames
        self.rows.append(row)
        return row

    def join(self, members: Iterable[int], label: str = "") -> int:
        """Add a row that is good when all of these are."""
        return self.row(Kind.JOIN, (Need(m, Reach.SAME, When.DONE) for m in members), label).index

    def after(self, row: int, when: When = When.GOOD) -> list[Need]:
        """Return what a row needs that follows another in time."""
        barrier = [Need(row, Reach.ALL, When.DONE)] if self.settings.linear else []
        return [Need(row, Reach.SAME, when), *barrier]

    def frame(self, title: str) -> tuple[str, ...]:
        """Open a frame for drawings; returns the frames to restore."""
        before = self._frames
        if title:
            self._frames = (*before, title)
        return before

    def unframe(self, before: tuple[str, ...]) -> None:
        """Close frames."""
        self._frames = before

    def sequence(self, nodes: Iterable[Node], context: Context, entry: list[Need]) -> list[int]:
        """Add nodes one after the other; return the rows whose ends make the sequence's end."""
        members: list[int] = []
        for node in nodes:
            last = [] if self.settings.parallel or not members else self.after(members[-1])
            members += self._node(node, context, last or entry, entry)
        return members

    def _node(self, node: Node, context: Context, needs: list[Need], entry: list[Need]) -> list[int]:
        if isinstance(node, Block):
            return self._block(node, context, needs)
        if not self._selection.takes(node, context):
            return []
        return [self._task(node, context, needs, entry)]

    def _block(self, block: Block, outer: Context, needs: list[Need]) -> list[int]:
        context = outer.inside(block.keywords, block.role)
        if block.role:
            context = replace(context, runs=(*outer.runs, self._roles.entered(block.role)))
        title = block.role.role.name if block.role else str(block.keywords.name or "")
        before = self.frame(f"role {title}" if block.role else title)
        nodes = (*(dependencies(block.role) if block.role else ()), *block.tasks)
        if block.rescue or block.always:
            members = self._guarded(block, nodes, context, needs)
        else:
            members = self.sequence(nodes, context, needs)
        self.unframe(before)
        if block.keywords.name:
            self.named.setdefault(str(block.keywords.name), []).extend(members)
        return members

    def _guarded(self, block: Block, nodes: Sequence[Node], context: Context, needs: list[Need]) -> list[int]:
        within = replace(context, rescuable=True) if block.rescue else context
        inside = self._section("block", nodes, within, needs)
        if not inside:
            return []
        body = self.join(inside)
        rescue = self._section("rescue", block.rescue, context, self.after(body, When.BAD))
        caught = self.join(rescue) if rescue else -1
        last = caught if rescue else body
        entry = [Need(body, Reach.SAME, When.RAN), *self.after(last, When.DONE)]
        always = self._section("always", block.always, context, entry)
        finished = self.join(always) if always else -1
        sections = (body, caught, finished)
        end = self.row(Kind.EXIT, (Need(s, Reach.SAME, When.DONE) for s in sections if s >= 0))
        end.sections = sections
        return [end.index]

    def _section(self, title: str, nodes: Sequence[Node], context: Context, entry: list[Need]) -> list[int]:
        before = self.frame(title)
        members = self.sequence(nodes, context, entry)
        self.unframe(before)
        return members

    def _task(self, task: Task, context: Context, needs: list[Need], entry: list[Need]) -> int:
        kind = Kind.INCLUDE if task.action in INCLUDES else Kind.TASK
        if task.action == "meta" and task.free_form == "flush_handlers":
            return self.flush(needs, context, task)
        row = self.row(kind, entry if task.needs else needs, label_of(task), task=task, context=context)
        self.shape(row)
        end = row.index
        if kind is Kind.INCLUDE:
            row.end = end = self.join([row.index])
        if task.needs:
            self.waiting.append(row)
        if task.keywords.name:
            self.named.setdefault(str(task.keywords.name), []).append(end)
        return end

    def shape(self, row: Row) -> None:
        """Set what a task's keywords make of its row."""
        task = row.task
        if task is None:
            return
        keywords = inherit(row.context.keywords, task.keywords)
        shared = (
            keywords.run_once
            or task.action in ONCE
            or (task.action == "meta" and str(task.free_form) in FOR_ALL)
        )
        row.once = self.settings.linear and bool(self.settings.render(shared))
        fatal = keywords.any_errors_fatal
        row.fatal = bool(self.settings.any_errors_fatal if fatal is None else self.settings.render(fatal))
        row.hold = row.fatal or (row.kind is Kind.INCLUDE and self.settings.linear)

    def flush(self, needs: list[Need], context: Context, task: Task | None = None) -> int:
        """Add the place where notified handlers run."""
        row = self.row(Kind.FLUSH, needs, "handlers", task=task, context=context)
        row.hold = self.settings.linear
        row.end = self.join([row.index])
        return row.end
