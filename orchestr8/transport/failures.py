"""What can go wrong between controller and host, as errors a person can act on."""

from __future__ import annotations

from orchestr8.core.errors import (
    AuthFailed,
    Diagnostic,
    HostFailed,
    HostKeyRefused,
    InvalidInput,
    LockLost,
    Unreachable,
)

CONNECT = "O8-2001"
AUTH = "O8-2002"
HOST_KEY = "O8-2003"
LOST = "O8-2004"
PYTHON = "O8-2005"
PROTOCOL = "O8-2006"
BECOME = "O8-2007"
ENDPOINT = "O8-2008"
STREAM = "O8-2009"
FENCED = "O8-3402"


class BecomeFailed(HostFailed):
    """A host did not let us act as another user."""


class StreamRefused(HostFailed):
    """A host could not open a stream: the message says why in one line."""


def unreachable(name: str, why: str, *, code: str = CONNECT, hint: str | None = None) -> Unreachable:
    """Say that a host cannot be reached, or no longer."""
    return Unreachable(Diagnostic(code, f"{name}: {why}", hint=hint))


def auth_failed(name: str, why: str, hint: str | None = None) -> AuthFailed:
    """Say that a host refused our credentials."""
    return AuthFailed(Diagnostic(AUTH, f"{name}: {why}", hint=hint))


def key_refused(name: str, why: str, *, hint: str, notes: tuple[str, ...] = ()) -> HostKeyRefused:
    """Say that a host's key is not the one we may talk to."""
    return HostKeyRefused(Diagnostic(HOST_KEY, f"{name}: {why}", hint=hint, notes=notes))


def become_failed(name: str, why: str) -> BecomeFailed:
    """Say that a host did not let us act as another user."""
    return BecomeFailed(Diagnostic(BECOME, f"{name}: {why}"))


def bad_endpoint(why: str, hint: str | None = None) -> InvalidInput:
    """Say that what describes a host cannot be used."""
    return InvalidInput(Diagnostic(ENDPOINT, why, hint=hint))


def fenced(name: str, why: str) -> LockLost:
    """Say that a host refuses changes of ours because its lease is somebody else's."""
    hint = "what was done before stands; `o8 status` shows it, and a new run takes it from there"
    return LockLost(Diagnostic(FENCED, f"{name}: {why}", hint=hint))
