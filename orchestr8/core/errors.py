"""The tree of errors and the exit codes.

O8Error                     everything a person may meet, with diagnostics
├── InvalidInput            files or arguments are wrong; nothing was touched      exit 1
├── HostFailed              a host failed                                           exit 2
├── Unreachable             a host could not be reached or was lost                 exit 4
│   ├── AuthFailed          the host refused our credentials; never retried
│   └── HostKeyRefused      the host's key is unknown, changed or revoked
├── RolloutFailed           a rollout failed and was rolled back                    exit 20
├── RollbackFailed          a rollback failed                                       exit 21
├── RolloutPaused           a rollout waits for a decision                          exit 22
├── Partial                 all converged but hosts that were skipped               exit 23
├── Interrupted             the user stopped the run at a safe point                exit 130
├── Infeasible              a placement or rollout cannot be carried out            exit 32
├── LockHeld                somebody else changes the same service                  exit 30
│   └── LockLost            somebody else took over while we were silent
├── PlanStale               the world moved since the plan was made                 exit 31
└── Internal                a defect of ours                                        exit 70
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import IntEnum

from orchestr8.core.span import Span


class Exit(IntEnum):
    """Exit codes of the command line."""

    OK = 0
    INVALID = 1
    FAILED = 2
    UNREACHABLE = 4
    FAILED_AND_UNREACHABLE = 6
    ROLLED_BACK = 20
    ROLLBACK_FAILED = 21
    PAUSED = 22
    PARTIAL = 23
    LOCKED = 30
    STALE = 31
    INFEASIBLE = 32
    INTERNAL = 70
    INTERRUPTED = 130
    TERMINATED = 143


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """One thing the user has to know: stable code such as "O8-1204", message, place, hint, severity."""

    code: str
    message: str
    span: Span | None = None
    hint: str | None = None
    severity: str = "error"
    notes: tuple[str, ...] = field(default=())

    def __str__(self) -> str:
        place = f"{self.span}: " if self.span else ""
        hint = f" (hint: {self.hint})" if self.hint else ""
        return f"{place}{self.severity}[{self.code}]: {self.message}{hint}"


class O8Error(Exception):
    """Something the user can understand and act on; carries one diagnostic or more."""

    exit_code = Exit.INTERNAL

    def __init__(self, *diagnostics: Diagnostic) -> None:
        super().__init__("\n".join(str(d) for d in diagnostics))
        self.diagnostics: Sequence[Diagnostic] = diagnostics

    @property
    def message(self) -> str:
        """The messages alone, one a line."""
        return "\n".join(d.message for d in self.diagnostics)


class InvalidInput(O8Error):
    """Files or arguments are wrong; nothing was touched."""

    exit_code = Exit.INVALID


class HostFailed(O8Error):
    """A step failed on a host."""

    exit_code = Exit.FAILED


class Unreachable(O8Error):
    """A host could not be reached, or its connection was lost; what it was doing is unknown."""

    exit_code = Exit.UNREACHABLE


class AuthFailed(Unreachable):
    """A host refused our credentials; trying again could lock the account, so nobody does."""


class HostKeyRefused(Unreachable):
    """A host's key is unknown, changed or revoked; no credential was sent."""


class RolloutFailed(O8Error):
    """A rollout failed; what it had changed was rolled back."""

    exit_code = Exit.ROLLED_BACK


class RollbackFailed(O8Error):
    """A rollback failed; the message says what state is left."""

    exit_code = Exit.ROLLBACK_FAILED


class RolloutPaused(O8Error):
    """A rollout stopped where it was and waits for a decision."""

    exit_code = Exit.PAUSED


class Partial(O8Error):
    """Everything converged but the hosts that could not be reached and were skipped."""

    exit_code = Exit.PARTIAL


class Interrupted(O8Error):
    """The user stopped the run; it ended at a safe point and can go on."""

    exit_code = Exit.INTERRUPTED


class Infeasible(O8Error):
    """A placement or rollout cannot be carried out; nothing was touched."""

    exit_code = Exit.INFEASIBLE


class LockHeld(O8Error):
    """Somebody else is changing the same service."""

    exit_code = Exit.LOCKED


class LockLost(LockHeld):
    """Somebody else took the lease over; a host refused what was sent to it since."""


class PlanStale(O8Error):
    """The world moved since the plan was made."""

    exit_code = Exit.STALE


class Internal(O8Error):
    """A defect of orchestr8 itself."""

    exit_code = Exit.INTERNAL
