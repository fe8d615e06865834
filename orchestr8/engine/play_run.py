"""What the batches of one play share: its variables, scopes, steps, handlers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from orchestr8.compile.context import Context
from orchestr8.compile.rows import Row, TaskGraph
from orchestr8.compile.settings import Settings
from orchestr8.core.errors import O8Error
from orchestr8.engine.handlers import Handlers
from orchestr8.engine.host_state import HostState
from orchestr8.engine.scopes import PlayLayers, Scopes, StepLayers
from orchestr8.engine.step import Step, prepare
from orchestr8.language.catalog import Catalog
from orchestr8.language.syntax import RoleUse, Task
from orchestr8.template.scope import Scope
from orchestr8.template.templar import Templar


class PlayRun:
    """One play under way. number: of the play in the run, part of the keys of its steps."""

    def __init__(
        self,
        graph: TaskGraph,
        settings: Settings,
        layers: PlayLayers,
        scopes: Scopes,
        catalog: Catalog,
        number: int,
    ) -> None:
        self.graph = graph
        self.play = graph.play
        self.settings = settings
        self.layers = layers
        self.scopes = scopes
        self.number = number
        self.roles = graph.roles
        self.prefix = ""
        self._catalog = catalog
        self._inner = 0
        self._included: list[RoleUse] = []

    def within(self, graph: TaskGraph, settings: Settings) -> PlayRun:
        """Return a run of other tasks of this play, with the same variables and keys of its own."""
        self._inner += 1
        inner = PlayRun(graph, settings, self.layers, self.scopes, self._catalog, self.number)
        inner.prefix = f"{self._inner}+"
        return inner

    def handlers(self) -> Handlers:
        """Return the play's handlers, nobody waiting for them yet."""
        return Handlers(
            self.play, Context(keywords=Context().inside(self.play.keywords).keywords), self.settings.render
        )

    def key(self, batch: int, row: int) -> str:
        """Return the id of a row in events."""
        return f"{self.number}.{self.prefix}{batch}.{row}"

    def step(self, row: Row, key: str) -> Step:
        """Return the step of a row."""
        return prepare(row, key, self.layers, self._catalog)

    def scope(self, host: HostState, layers: StepLayers) -> Scope:
        """Return what a step sees on a host."""
        return self.scopes.of(host, self.layers, layers)

    def title(self, task: Task, host: HostState, layers: StepLayers, templar: Templar) -> str:
        """Return a task's name as a host sees it, or as it is written when that cannot be told."""
        written = task.keywords.name
        if not written:
            return ""
        try:
            return str(templar.render(written, self.scope(host, layers)))
        except O8Error:
            return str(written)

    def magic(self, batch: Sequence[str], everybody: Sequence[str], hostvars: Any) -> Mapping[str, Any]:
        """Return the magic variables of a batch of hosts."""
        return {
            **self._role_names(),
            "ansible_play_name": str(
                self.play.keywords.name or _pattern(self.settings.render(self.play.hosts))
            ),
            "ansible_play_batch": list(batch),
            "ansible_play_hosts": list(everybody),
            "ansible_play_hosts_all": list(everybody),
            "play_hosts": list(batch),
            "hostvars": hostvars,
        }

    def joined(self, use: RoleUse) -> None:
        """Name a role that was included among the play's from now on."""
        self._included.append(use)
        self.layers.magic.update(self._role_names())

    def _role_names(self) -> dict[str, list[str]]:
        uses = (*self.play.role_uses, *self._included)
        needed = {id(each) for use in uses for each in use.role.uses}
        roles = [use.role.name for use in uses if id(use) not in needed]
        dependent = list(dict.fromkeys(each.role.name for use in uses for each in use.role.uses))
        return {
            "ansible_play_role_names": roles,
            "ansible_role_names": list(dict.fromkeys((*roles, *dependent))),
            "role_names": roles,
            "ansible_dependent_role_names": dependent,
        }


def _pattern(hosts: Any) -> str:
    """Return which hosts a play is for as one text; it is the name of a play without one."""
    return ",".join(map(str, hosts)) if isinstance(hosts, list | tuple) else str(hosts or "")
