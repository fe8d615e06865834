"""What carries out a play's services; the services package fulfils it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from orchestr8.core.outcome import Outcome
from orchestr8.engine.ports import Connection, Sink
from orchestr8.language.syntax import Play
from orchestr8.template.scope import Scope
from orchestr8.template.templar import Templar


def unread(variables: Mapping[str, Any]) -> None:
    """Tell nobody: no task follows."""


def no_hook(service: str, phase: str) -> None:
    """Run nothing: the caller knows no hooks."""


ReplicaHook = Callable[[str, str, str, Mapping[str, Any]], None]
"""Runs the tasks of a service's phase on one host with variables; raises O8Error when one fails."""


def no_replica_hook(service: str, phase: str, host: str, variables: Mapping[str, Any]) -> None:
    """Run nothing: the caller knows no hooks."""


@dataclass(frozen=True, slots=True)
class ServiceCall:
    """A play's services on one batch of hosts.

    services: the raw mapping of the play. key: of the step in events. scope_of and connection_of take a
    host's name; connections may be asked for from several threads. stopped: whether the user interrupted.
    publish: makes variables visible to every task that follows, as the weakest there are.
    hook: runs the tasks of a service's hook of a phase on the hosts; raises O8Error when one fails.
    replica_hook: the same for one replica, on its host and with variables about it.
    """

    key: str
    play: Play
    services: Mapping[str, Any]
    hosts: Sequence[str]
    scope_of: Callable[[str], Scope]
    connection_of: Callable[[str], Connection]
    templar: Templar
    sink: Sink
    stopped: Callable[[], bool]
    check: bool = False
    diff: bool = False
    hook: Callable[[str, str], None] = no_hook
    publish: Callable[[Mapping[str, Any]], None] = unread
    replica_hook: ReplicaHook = no_replica_hook


class ServiceStep(Protocol):
    """Brings services to what a play describes."""

    def __call__(self, call: ServiceCall) -> Mapping[str, Outcome]:
        """Return each host's outcome; raise O8Error (RolloutFailed, Infeasible …) when a rollout failed."""
        ...
