"""What an action on the controller gets to work with, and what it may give back beside its result."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from orchestr8.engine.ports import Connection, Request
from orchestr8.language.syntax import Task
from orchestr8.language.yaml import Document
from orchestr8.template.scope import Scope
from orchestr8.template.templar import Templar


class FileFinder(Protocol):
    """Finds files on the controller from where the task stands: role, file, playbook; and reads YAML."""

    def find(self, name: str, folder: str) -> str:
        """Return the path of `name`, looked for in `folder` ("files", "templates", "vars", "tasks") first.

        Raises InvalidInput naming every place looked at.
        """
        ...

    def parse(self, data: bytes, path: str) -> Document:
        """Return the document that a file's bytes hold; what is wrong with it is in its diagnostics."""
        ...


@dataclass
class Notes:
    """What an action defines for the rest of the run.

    variables: like set_fact (cacheable ones in `facts` too). new_hosts: (name, groups, variables).
    new_groups: (group, parents) the host joins. stats: (values, per host rather than for the run, added up
    rather than replaced) for the end of the run.
    """

    variables: dict[str, Any] = field(default_factory=dict)
    facts: dict[str, Any] = field(default_factory=dict)
    included_variables: dict[str, Any] = field(default_factory=dict)
    new_hosts: list[tuple[str, tuple[str, ...], Mapping[str, Any]]] = field(default_factory=list)
    new_groups: list[tuple[str, tuple[str, ...]]] = field(default_factory=list)
    stats: list[tuple[Mapping[str, Any], bool, bool]] = field(default_factory=list)


@dataclass(frozen=True)
class Work:
    """One action on one host (one item of a loop): rendered arguments and the means to carry it out.

    host: the host the task is for. target: the host that does the work (`delegate_to`).
    request: makes a Request of the task's check, diff, become, environment and timeout for a module call.
    connection: opens or returns the target's connection. notes: facts, variables, hosts and groups that
    the action defines, taken over by the engine after it returned. earlier: those of a loop's items before.
    """

    task: Task
    host: str
    target: str
    args: Mapping[str, Any]
    scope: Scope
    templar: Templar
    files: FileFinder
    connection: Callable[[], Connection]
    request: Callable[..., Request]
    check: bool = False
    diff: bool = False
    verbosity: int = 0
    notes: Notes = field(default_factory=Notes)
    earlier: Sequence[Notes] = ()

    def call(self, module: str, args: Mapping[str, Any], blob: bytes = b"") -> dict[str, Any]:
        """Run a module on the target host as the task asks for."""
        return self.connection().call(self.request(module, args, blob=blob))


class Action(Protocol):
    """Work that the controller does for a task; anything not an action is a module on the host."""

    def __call__(self, work: Work) -> dict[str, Any]:
        """Do it and return a result with Ansible's keys; raise O8Error for what cannot be done."""
        ...
