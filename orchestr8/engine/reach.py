"""Finds the host that does a cell's work and makes requests to it as the task's keywords say."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from orchestr8.compile.context import Fallback
from orchestr8.core.errors import Diagnostic, HostFailed
from orchestr8.engine.cell import Cell
from orchestr8.engine.connections import Connections
from orchestr8.engine.host_state import HostState
from orchestr8.engine.keyword_values import Values
from orchestr8.engine.options import RunOptions
from orchestr8.engine.ports import Become, Connection, Request
from orchestr8.engine.step import Step
from orchestr8.engine.surroundings import (
    become,
    connection_variables,
    defines_connection,
    environment,
    unless_same,
    without_its_own,
)
from orchestr8.language.syntax import Keywords
from orchestr8.template.scope import Scope
from orchestr8.template.templar import Templar

LONGEST = 100_000_000
"""The largest `timeout` of a task, in seconds."""


@dataclass(frozen=True, slots=True)
class Target:
    """The host that does the work, how to talk to it, and what every request to it carries.

    background: the seconds of a job that nobody waits for. awaited: the work is a job that is waited for.
    shell: what runs command lines that name no shell of their own.
    """

    name: str
    connection: Callable[[], Connection]
    become: Become | None
    environ: Mapping[str, str]
    timeout: float | None
    check: bool
    diff: bool
    background: float | None = None
    awaited: bool = False
    shell: str | None = None

    def request(self, module: str, args: Mapping[str, Any], blob: bytes = b"") -> Request:
        """Return a call of a module as the task asks for it."""
        if self.shell and module == "shell" and not args.get("executable"):
            args = {**args, "executable": self.shell}
        return Request(module, args, self.check, self.diff, self.become, self.environ, blob, self.timeout)


class Reach:
    """Makes targets. host: a host's state by name. scope_of: a host's own variables."""

    def __init__(
        self,
        connections: Connections,
        options: RunOptions,
        templar: Templar,
        host: Callable[[str], HostState],
        scope_of: Callable[[HostState], Scope],
    ) -> None:
        self._connections = connections
        self._options = options
        self._templar = templar
        self.host = host
        self._scope_of = scope_of

    def target(self, cell: Cell) -> Target:
        """Return who does the work of a cell."""
        keywords, values, options = cell.step.keywords, cell.values, self._options
        host, variables, acting = self._way(cell, values)
        check = values.flag(keywords.check_mode, default=options.check)
        diff = values.flag(keywords.diff, default=options.diff)
        limit, poll = values.number(cell.step.task.async_seconds), values.number(cell.step.task.poll)
        behind = limit if limit and poll == 0 and not check else None
        return Target(
            name=host.name,
            connection=lambda: self._connections.open(host.name, variables),
            become=acting,
            environ=_environment(cell, values) if keywords.environment else {},
            timeout=_timeout(_bound(values, keywords, options)) or (None if behind else limit) or None,
            check=check,
            diff=diff,
            background=behind,
            awaited=bool(limit) and poll != 0 and not check,
            shell=variables.get("ansible_shell_executable"),
        )

    def connection(self, host: HostState, scope: Scope | None = None) -> Connection:
        """Return a host's connection as its variables say."""
        return self._connections.open(host.name, self._variables(scope or self._scope_of(host), _NONE))

    def reset(self, host: str) -> None:
        """Close a host's connections; the next task opens them again."""
        self._connections.drop(host)

    def _way(self, cell: Cell, values: Values) -> tuple[HostState, dict[str, Any], Become | None]:
        """Return the host, its connection variables, and as whom to act on it."""
        keywords = cell.step.keywords
        if keywords.delegate_to is not None and (name := values.text(keywords.delegate_to)):
            host = self.host(name)
            scope = self._scope_of(host)
            own = Values(self._templar, scope)
            variables = self._variables(scope, _NONE)
            acting = become(scope, own, keywords, self._options)
            return host, variables, unless_same(acting, variables, self._options)
        key = _memo_key(cell.step)
        found = cell.host.memo.get(key) if key is not None else None
        if found is None:
            variables = self._variables(cell.scope, keywords)
            acting = become(cell.scope, values, keywords, self._options)
            found = (cell.host, variables, unless_same(acting, variables, self._options))
            if key is not None:
                cell.host.memo[key] = found
        return found

    def _variables(self, scope: Scope, keywords: Keywords) -> dict[str, Any]:
        return connection_variables(scope, Values(self._templar, scope), keywords, self._options)


_NONE = Keywords()


def _environment(cell: Cell, values: Values) -> dict[str, str]:
    layers = cell.step.keywords.environment
    if cell.step.task.action in ("setup", "gather_facts"):
        layers = without_its_own(layers, values)
    return environment(layers, values)


def _bound(values: Values, keywords: Keywords, options: RunOptions) -> float | None:
    own = values.number(keywords.timeout)
    return options.task_timeout if own is None else own


def _timeout(seconds: float | None) -> float | None:
    if seconds is not None and not 0 <= seconds <= LONGEST:
        message = f"Timeout {seconds:.0f} is invalid, it must be between 0 and {LONGEST}."
        raise HostFailed(Diagnostic("O8-1104", message))
    return seconds


def _memo_key(step: Step) -> tuple[Any, ...] | None:
    """Return what a host's way to be reached depends on beside the host; None when on the task itself."""
    words = step.keywords
    key = (
        words.connection, words.remote_user, words.port, words.become, words.become_user, words.become_method,
        words.become_flags, words.become_exe,
    )  # fmt: skip
    varies = any(
        isinstance(word, Fallback) or (isinstance(word, str) and "{" in word) for word in key
    ) or defines_connection(step)
    return None if varies else key
