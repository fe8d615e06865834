"""How a step ended on a host."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Any


class Status(Enum):
    """The ways a step can end."""

    OK = "ok"
    CHANGED = "changed"
    FAILED = "failed"
    SKIPPED = "skipped"
    UNREACHABLE = "unreachable"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a step ended: status, the module's result with Ansible's keys, a reason when it did not run.

    `ignored` marks a failure the playbook asked to overlook; `rescued` one that a rescue section caught.
    """

    status: Status
    result: Mapping[str, Any] = field(default_factory=dict)
    reason: str = ""
    ignored: bool = False
    seconds: float = 0.0

    @property
    def good(self) -> bool:
        """Whether what depends on the step may go on."""
        return self.ignored or self.status in (Status.OK, Status.CHANGED, Status.SKIPPED)

    @property
    def bad(self) -> bool:
        """Whether the step failed or its host was lost, and nobody asked to overlook it."""
        return not self.ignored and self.status in (Status.FAILED, Status.UNREACHABLE)
