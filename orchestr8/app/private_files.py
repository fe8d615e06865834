"""Files that nobody else may read: written whole or not at all, wiped when they go."""

from __future__ import annotations

import contextlib
import os
import secrets
import signal
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from types import FrameType

from orchestr8.core.errors import Diagnostic, InvalidInput

_PRIVATE = 0o600
_STDIO = "-"
_MEMORY = "/dev/shm"  # noqa: S108 -- a folder of our own is made in it


def read(name: str) -> bytes:
    """Return the content of a file, or of standard input for `-`."""
    if name == _STDIO:
        return sys.stdin.buffer.read()
    try:
        return Path(name).read_bytes()
    except OSError as error:
        raise _failed(f"Unable to read source file ({name}): {error.strerror}") from None


def write(name: str, data: bytes, *, like: os.stat_result | None = None) -> None:
    """Put `data` in the place of a file (or on standard output for `-`), what was there wiped.

    like: whose mode and owner the file gets; without it only its owner may read it.
    """
    if name == _STDIO:
        sys.stdout.buffer.write(data)
        sys.stdout.buffer.flush()
        return
    path = os.path.realpath(name)
    folder = os.path.dirname(path)
    if os.path.isdir(folder) and not os.access(folder, os.W_OK):
        raise _failed(f"Destination '{folder}' not writable")
    try:
        _replace(path, data, like)
    except OSError as error:
        raise _failed(f"cannot write {name}: {error.strerror}") from None


def _failed(message: str) -> InvalidInput:
    return InvalidInput(Diagnostic("O8-1807", message))


def _replace(path: str, data: bytes, like: os.stat_result | None) -> None:
    temporary = f"{path}.{secrets.token_hex(6)}.tmp"
    with _old(path) as old:
        descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, _PRIVATE)
        try:
            with os.fdopen(descriptor, "wb") as file:
                file.write(data)
                file.flush()
                if like is not None:
                    _resemble(descriptor, like)
                os.fsync(descriptor)
            os.replace(temporary, path)
        except BaseException:
            with contextlib.suppress(FileNotFoundError):
                os.unlink(temporary)
            raise
        if old is not None:
            _wipe(old)


def _resemble(descriptor: int, like: os.stat_result) -> None:
    with contextlib.suppress(PermissionError):
        os.fchown(descriptor, like.st_uid, like.st_gid)
    os.fchmod(descriptor, like.st_mode & 0o7777)


@contextlib.contextmanager
def _old(path: str) -> Iterator[int | None]:
    """Give the file that is to be replaced, when nothing else would lose it."""
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_NOFOLLOW)
    except OSError:
        yield None
        return
    try:
        yield descriptor if os.fstat(descriptor).st_nlink == 1 else None
    finally:
        os.close(descriptor)


def _wipe(descriptor: int) -> None:
    size = os.fstat(descriptor).st_size
    os.lseek(descriptor, 0, os.SEEK_SET)
    for start in range(0, size, 1 << 20):
        os.write(descriptor, b"\0" * min(1 << 20, size - start))
    os.fsync(descriptor)


@contextlib.contextmanager
def workplace(name: str, data: bytes) -> Iterator[str]:
    """Give a private file with `data`, named like `name`, in memory where that can be; gone at the end."""
    base = _MEMORY if os.path.isdir(_MEMORY) and os.access(_MEMORY, os.W_OK) else None
    with _ending_in_order():
        folder = tempfile.mkdtemp(prefix="o8-vault-", dir=base)
        path = os.path.join(folder, os.path.basename(name) or "text")
        try:
            descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _PRIVATE)
            with os.fdopen(descriptor, "wb") as file:
                file.write(data)
            yield path
        finally:
            _clear(folder)


def _clear(folder: str) -> None:
    for entry in os.scandir(folder):
        if entry.is_dir(follow_symlinks=False):
            _clear(entry.path)
            continue
        if entry.is_file(follow_symlinks=False):
            with _old(entry.path) as descriptor:
                if descriptor is not None:
                    _wipe(descriptor)
        os.unlink(entry.path)
    os.rmdir(folder)


@contextlib.contextmanager
def _ending_in_order() -> Iterator[None]:
    """Let a signal that asks us to end unwind the stack, so that nothing is left behind."""

    def end(number: int, _frame: FrameType | None) -> None:
        raise SystemExit(128 + number)

    before = {number: signal.signal(number, end) for number in (signal.SIGTERM, signal.SIGHUP)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
