"""What happens during a run, as values; every reporter reads the same stream."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from orchestr8.core.errors import Diagnostic
from orchestr8.core.outcome import Outcome
from orchestr8.core.span import Span


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened."""


@dataclass(frozen=True, slots=True)
class RunStarted(Event):
    """A run begins: its id, the playbook's path, whether it only checks, and how many plays there are."""

    run: str
    playbook: str
    check: bool = False
    plays: int = 0


@dataclass(frozen=True, slots=True)
class PlayStarted(Event):
    """A play begins on these hosts (one batch of it under `serial`)."""

    name: str
    hosts: tuple[str, ...]
    steps: int = 0


@dataclass(frozen=True, slots=True)
class TaskStarted(Event):
    """A task or handler begins on its first host.

    subject: the role that it includes. written: the action as the playbook names it.
    """

    key: str
    name: str
    action: str = ""
    span: Span | None = None
    handler: bool = False
    role: str = ""
    subject: str = ""
    written: str = ""


@dataclass(frozen=True, slots=True)
class ItemFinished(Event):
    """One item of a task's loop ended on a host; `label` is what is shown of the item.

    `delegate` names the host that did the work when it was another. diff: whether differences are shown.
    """

    key: str
    host: str
    label: str
    outcome: Outcome
    item: Any = None
    delegate: str = ""
    diff: bool = True


@dataclass(frozen=True, slots=True)
class HostFinished(Event):
    """A task ended on a host; `delegate` names the host that did the work when it was another.

    `rescued` marks a failure that a rescue section takes care of. diff: whether differences are shown.
    """

    key: str
    host: str
    outcome: Outcome
    delegate: str = ""
    loop: bool = False
    no_log: bool = False
    rescued: bool = False
    diff: bool = True


@dataclass(frozen=True, slots=True)
class Included(Event):
    """A file or role was included for these hosts; `label` is of the loop's item, if it was one."""

    key: str
    name: str
    hosts: tuple[str, ...]
    label: str = ""


@dataclass(frozen=True, slots=True)
class Retrying(Event):
    """A task will be tried again on a host."""

    key: str
    host: str
    attempts_left: int
    outcome: Outcome | None = None


@dataclass(frozen=True, slots=True)
class HandlerNotified(Event):
    """A changed task asked for a handler."""

    handler: str
    host: str


@dataclass(frozen=True, slots=True)
class Output(Event):
    """A line of live output of a long step."""

    key: str
    host: str
    line: str


DEBUG = 10
"""The level of what only ANSIBLE_DEBUG shows."""


@dataclass(frozen=True, slots=True)
class Remarked(Event):
    """Something worth a line for people who ask for details: `level` is how many -v it takes, or DEBUG."""

    message: str
    level: int = 2


@dataclass(frozen=True, slots=True)
class Warned(Event):
    """Something the user should know, that stops nothing."""

    diagnostic: Diagnostic


@dataclass(frozen=True, slots=True)
class Asking(Event):
    """The user is about to be asked something at the terminal, or was: what is drawn there makes way."""

    opened: bool


@dataclass(frozen=True, slots=True)
class NobodyLeft(Event):
    """A play ends because more of its hosts failed than it allows."""


@dataclass(frozen=True, slots=True)
class RolloutEvent(Event):
    """Something happened to a service's rollout: `kind` is a verb of deploy's vocabulary.

    Kinds: planned, pull, create, start, ready, stop, remove, healthy, unhealthy, completed, rolling_back,
    promoted, rolled_back, paused, failed, unchanged, gate. `detail` holds numbers and texts for reporters.
    """

    service: str
    kind: str
    host: str = ""
    slot: int | None = None
    revision: int | None = None
    message: str = ""
    detail: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class HostTally:
    """A host's counts of a run, as Ansible's recap counts them."""

    ok: int = 0
    changed: int = 0
    unreachable: int = 0
    failed: int = 0
    skipped: int = 0
    rescued: int = 0
    ignored: int = 0


@dataclass(frozen=True, slots=True)
class RunFinished(Event):
    """A run ended: tallies by host, exit code, seconds, and how to go on when it did not converge.

    custom: statistics that the playbook left with `set_stats`, by host, for the run under "".
    """

    run: str
    tallies: Mapping[str, HostTally]
    exit_code: int
    seconds: float
    interrupted: bool = False
    advice: tuple[str, ...] = ()
    custom: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
