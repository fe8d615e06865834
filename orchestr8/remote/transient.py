"""A program that exists only while it runs: in memory where the kernel can, else in a private file."""

import os
from contextlib import contextmanager
from typing import Iterator, Optional

from orchestr8.remote.module import Failure


@contextmanager
def transient(body: bytes, name: str) -> Iterator[str]:
    """Yield the path of an executable file with this body; it is gone afterwards."""
    handle = _in_memory(body, os.path.basename(name))
    if handle is not None:
        try:
            yield "/proc/%d/fd/%d" % (os.getpid(), handle)
        finally:
            os.close(handle)
        return
    import shutil
    import tempfile

    folder = tempfile.mkdtemp(prefix=".o8-")
    try:
        yield _on_disk(folder, body, name)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _in_memory(body: bytes, name: str) -> Optional[int]:
    """Return a read-only descriptor: what is open for writing cannot be executed."""
    create = getattr(os, "memfd_create", None)  # Python 3.8 and later
    if create is None:
        return None
    try:
        writer = int(create(name or "script"))
    except OSError:
        return None
    try:
        with os.fdopen(writer, "wb") as stream:
            stream.write(body)
            stream.flush()
            path = "/proc/self/fd/%d" % writer
            return os.open(path, os.O_RDONLY | os.O_CLOEXEC) if os.access(path, os.X_OK) else None
    except OSError:
        return None


def _on_disk(folder: str, body: bytes, name: str) -> str:
    path = os.path.join(folder, os.path.basename(name) or "script")
    try:
        with os.fdopen(
            os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o700), "wb"
        ) as stream:
            stream.write(body)
    except OSError as error:
        raise Failure("Could not write the script: %s" % error.strerror, path=path) from None
    return path
