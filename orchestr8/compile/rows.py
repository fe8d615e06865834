"""The task graph: rows over hosts.

A row is one step; a cell is a row on one host. What a row needs is said once for all its hosts, so the
graph grows with the playbook and never with the number of hosts.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum

from orchestr8.compile.context import Context
from orchestr8.compile.nodes import Roles
from orchestr8.language.syntax import Play, Task


class Kind(Enum):
    """What a row does."""

    TASK = "task"
    HANDLER = "handler"
    INCLUDE = "include"
    FLUSH = "flush"
    SERVICES = "services"
    JOIN = "join"
    EXIT = "exit"


class Reach(Enum):
    """Whose cells of the needed row count: the same host's, or all hosts' (a barrier)."""

    SAME = "same"
    ALL = "all"


class When(Enum):
    """How the needed cell has to have ended; RAN means good or bad but not cancelled, DONE means ended."""

    GOOD = "good"
    BAD = "bad"
    RAN = "ran"
    DONE = "done"


@dataclass(frozen=True, slots=True)
class Need:
    """One prerequisite of a row."""

    row: int
    reach: Reach = Reach.SAME
    when: When = When.GOOD


@dataclass(slots=True)
class Row:
    """One step over hosts (None: all of the graph's).

    A JOIN ends good when all it needs ended good, bad when one ended bad. An EXIT needs a block's sections
    in the order body, rescue, always (-1 where there is none).
    once: one cell does the work for all hosts. hold: the cells end together, once all hosts arrived.
    fatal: one bad cell makes every cell bad. end: the join that closes what this row expands to.
    after_flush: a FLUSH row that goes on behind this number of handlers.
    """

    index: int
    kind: Kind
    needs: list[Need]
    label: str = ""
    task: Task | None = None
    context: Context = field(default_factory=Context)
    hosts: tuple[int, ...] | None = None
    once: bool = False
    hold: bool = False
    fatal: bool = False
    end: int = -1
    sections: tuple[int, int, int] = (-1, -1, -1)
    frames: tuple[str, ...] = ()
    after_flush: int = 0

    @property
    def virtual(self) -> bool:
        """Whether the row only joins others and nothing is done for it."""
        return self.kind in (Kind.JOIN, Kind.EXIT)


@dataclass(slots=True)
class TaskGraph:
    """The rows of one play on one batch of hosts; `exit` is the join of the whole play."""

    play: Play
    rows: list[Row]
    exit: int
    linear: bool = True
    names: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
    roles: Roles = field(default_factory=Roles)
