"""Waits for the locks of dpkg and apt, and names who holds them."""

import fcntl
import os
import struct
import time
from typing import Callable, NamedTuple, Optional, Sequence

from orchestr8.remote.module import Failure

PACKAGES = ("/var/lib/dpkg/lock-frontend", "/var/lib/dpkg/lock", "/var/cache/apt/archives/lock")
LISTS = ("/var/lib/apt/lists/lock",)
# struct flock: kind, whence, start, length, process.
_FLOCK = "hhqqi"

Holder = NamedTuple("Holder", [("path", str), ("process", int), ("name", str)])


def holder(path: str) -> Optional[Holder]:
    """Return who locks the file, or None when nobody does or it cannot be seen."""
    try:
        number = os.open(path, os.O_RDWR | os.O_CLOEXEC)
    except OSError:
        return None
    try:
        asked = struct.pack(_FLOCK, fcntl.F_WRLCK, os.SEEK_SET, 0, 0, 0)
        kind, _, _, _, process = struct.unpack(_FLOCK, fcntl.fcntl(number, fcntl.F_GETLK, asked))
    except OSError:
        return None
    finally:
        os.close(number)
    return None if kind == fcntl.F_UNLCK else Holder(path, process, _name(process))


def _name(process: int) -> str:
    try:
        with open(f"/proc/{process}/comm") as file:
            return file.read().strip()
    except OSError:
        return ""


def described(found: Holder) -> str:
    """Say who holds which lock."""
    if not found.process:
        return f"{found.path} is held by a process outside this container"
    return "{} is held by process {} ({})".format(found.path, found.process, found.name or "unknown")


def wait(paths: Sequence[str], patience: float, progress: Callable[[str], None], pause: float = 0.5) -> None:
    """Return when all locks are free; Failure naming the holder when they are not in time."""
    deadline = time.monotonic() + patience
    told = None
    while True:
        held = next((found for found in map(holder, paths) if found), None)
        if held is None:
            return
        if told != held:
            progress("waiting for the package lock: " + described(held))
            told = held
        if time.monotonic() >= deadline:
            message = "could not get the package lock within {:g} s: {}"
            raise Failure(message.format(patience, described(held)), lock_holder=held._asdict())
        time.sleep(min(pause, max(0.0, deadline - time.monotonic())))
