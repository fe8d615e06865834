"""Rows that come into being while a graph is walked: what an include brings, and handlers to run."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from orchestr8.compile.context import Context
from orchestr8.compile.lower import Lowering
from orchestr8.compile.needs import tie
from orchestr8.compile.nodes import Roles
from orchestr8.compile.rows import Kind, Need, Row
from orchestr8.compile.settings import Settings
from orchestr8.language.syntax import Node, Task


@dataclass(frozen=True, slots=True)
class Fragment:
    """Rows to splice in, and those of them that the closing join has to wait for."""

    rows: list[Row]
    members: list[int]


@dataclass(frozen=True, slots=True)
class Included:
    """Nodes that an include brings for some hosts, and where they stand; `label` is of the loop's item."""

    nodes: tuple[Node, ...]
    context: Context
    hosts: tuple[int, ...]
    name: str = ""
    label: str = ""


def included(row: Row, parts: Sequence[Included], first: int, settings: Settings, roles: Roles) -> Fragment:
    """Return the rows of an include's files, one file after the other."""
    rows: list[Row] = []
    members: list[int] = []
    entry = [Need(row.index)]
    for part in parts:
        lowering = Lowering(settings, first=first + len(rows), hosts=part.hosts, roles=roles)
        lowering.frame(row.label)
        ends = lowering.sequence(part.nodes, part.context, entry)
        if not ends:
            continue
        tie_local(lowering)
        rows += lowering.rows
        members += ends
        # The next file waits for this one on every host, but each host's own failure stays its own.
        entry = [Need(row.index), *[n for n in lowering.after(ends[-1]) if n.reach.value == "all"]]
    return Fragment(rows, members)


def tie_local(lowering: Lowering) -> None:
    """Tie `needs` inside an include to the names the include brings."""
    if lowering.waiting:
        first = lowering.rows[0].index
        padding = [Row(index, Kind.JOIN, []) for index in range(first)]
        tie([*padding, *lowering.rows], lowering.waiting, lowering.named)


def handler(
    flush: Row, task: Task, context: Context, hosts: tuple[int, ...], at: int, first: int, settings: Settings
) -> Fragment:
    """Return the row of one handler for the hosts that want it, and a flush for those that come after it.

    `at` is the handler's place among all handlers. The later flush serves every host of this one.
    """
    lowering = Lowering(settings, first=first, hosts=hosts)
    ends = lowering.sequence((task,), context, [Need(flush.index)])
    for row in lowering.rows:
        if row.kind is Kind.TASK:
            row.kind = Kind.HANDLER
    again = Row(
        first + len(lowering.rows),
        Kind.FLUSH,
        [Need(flush.index), *(need for end in ends for need in lowering.after(end))],
        flush.label,
        flush.task,
        flush.context,
        flush.hosts,
        hold=flush.hold,
        end=flush.end,
        after_flush=at + 1,
    )
    return Fragment([*lowering.rows, again], [*ends, again.index])
