"""One task on one host while it is carried out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from orchestr8.core.outcome import Outcome
from orchestr8.engine.host_state import HostState
from orchestr8.engine.keyword_values import Values
from orchestr8.engine.step import Step
from orchestr8.engine.work import Notes
from orchestr8.template.scope import Scope
from orchestr8.template.templar import Templar


@dataclass(frozen=True, slots=True)
class Inclusion:
    """What one host (one item of it) wants included: the arguments as rendered and the item's variables."""

    args: Mapping[str, Any]
    variables: Mapping[str, Any]


@dataclass(slots=True)
class Cell:
    """A step on a host, for `hosts` when it does the work of others too; or one item of it.

    variables: what the item adds to the scope. notes, inclusions: collected over all items.
    rounds: the items. own: the notes of this item, or of the step without a loop.
    """

    step: Step
    host: HostState
    hosts: tuple[HostState, ...]
    scope: Scope
    templar: Templar
    variables: Mapping[str, Any] = field(default_factory=dict)
    notes: list[Notes] = field(default_factory=list)
    inclusions: list[Inclusion] = field(default_factory=list)
    rounds: list[Cell] = field(default_factory=list)
    own: list[Notes] = field(default_factory=list)

    def item(self, variables: Mapping[str, Any]) -> Cell:
        """Return the cell for one item of the loop."""
        return Cell(
            self.step, self.host, self.hosts, self.scope.over(variables), self.templar, variables,
            self.notes, self.inclusions,
        )  # fmt: skip

    @property
    def values(self) -> Values:
        """The keywords' values in this cell's scope."""
        return Values(self.templar, self.scope)


@dataclass(slots=True)
class Done:
    """How a cell ended and what follows: handlers to notify, files to include, hosts and groups to add."""

    outcome: Outcome
    notified: tuple[str, ...] = ()
    inclusions: tuple[Inclusion, ...] = ()
    notes: tuple[Notes, ...] = ()
    delegate: str = ""
    loop: bool = False
    no_log: bool = False
    diff: bool = True
