"""The gate on a host through which a controller's changes go: it lets nobody through who lost the lease.

A project's folder holds `lock`, which is only ever locked, and `lease`, which is replaced as a whole and
whose `token` grows with every new holder. Whoever changes something holds the lock shared until the change
has happened; whoever takes the lease holds it alone. So nothing of an old holder
happens after a new one began.
"""

import os
import time
from _thread import allocate_lock
from typing import Any, Dict, Optional

from orchestr8.remote.jsontext import loads

LOCK = "lock"
LEASE = "lease"
PATIENCE = 10.0
_PAUSE = 0.01
_LARGEST = 1 << 16


class Shut(Exception):
    """The lease is somebody else's, or the lock cannot be had in time."""


def acquire(folder: str, *, alone: bool, patience: float) -> int:
    """Lock a project's folder and return what `release` takes; raise Shut or OSError."""
    import fcntl

    flags = os.O_RDWR | os.O_CLOEXEC | os.O_NOFOLLOW | (os.O_CREAT if alone else 0)
    handle = os.open(os.path.join(folder, LOCK), flags, 0o600)
    deadline = time.monotonic() + patience
    while True:
        try:
            fcntl.flock(handle, (fcntl.LOCK_EX if alone else fcntl.LOCK_SH) | fcntl.LOCK_NB)
        except OSError:
            if time.monotonic() >= deadline:
                os.close(handle)
                raise Shut("%s: a change is still under way after %g s" % (folder, patience)) from None
        else:
            return handle
        time.sleep(_PAUSE)


def release(handle: int) -> None:
    """Unlock."""
    os.close(handle)


def lease(folder: str) -> Dict[str, Any]:
    """Return what a project's folder says about its lease, {} when there never was one; raise ValueError."""
    try:
        handle = os.open(os.path.join(folder, LEASE), os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
    except FileNotFoundError:
        return {}
    try:
        found = loads(os.read(handle, _LARGEST).decode("utf-8"))
    finally:
        os.close(handle)
    if isinstance(found, dict) and isinstance(found.get("token"), int):
        return found
    raise ValueError("%s: the lease is damaged" % folder)


class Gate:
    """One way for changes of the holder of `token`; `enter` before a change, `leave` when it has happened."""

    def __init__(self, folder: str, token: int) -> None:
        self._folder = folder
        self._token = token
        self._guard = allocate_lock()
        self._handle: Optional[int] = None

    def enter(self) -> None:
        """Go in, or stay in; raise Shut when the lease is no longer the token's."""
        with self._guard:
            if self._handle is not None:
                return
            try:
                handle = acquire(self._folder, alone=False, patience=PATIENCE)
            except OSError as error:
                raise Shut("%s: %s" % (self._folder, os.strerror(error.errno or 0))) from None
            try:
                self._check()
            except Shut:
                release(handle)
                raise
            self._handle = handle

    def leave(self) -> None:
        """Go out; nothing when not in."""
        with self._guard:
            if self._handle is not None:
                release(self._handle)
                self._handle = None

    def _check(self) -> None:
        try:
            found = lease(self._folder)
        except (OSError, ValueError) as error:
            raise Shut(str(error)) from None
        if found.get("token") == self._token and not found.get("free"):
            return
        who = "%s holds it now" % found.get("by") if not found.get("free") else "it was taken away"
        raise Shut("the lease of %s is lost: %s" % (os.path.basename(self._folder), who))

    def __enter__(self) -> None:
        self.enter()

    def __exit__(self, *_: object) -> None:
        self.leave()
