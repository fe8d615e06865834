"""Keeps packages from starting services while they are installed."""

import contextlib
import os
from typing import Iterator, Optional

PATH = "/usr/sbin/policy-rc.d"


@contextlib.contextmanager
def service_policy(code: Optional[int], path: str = PATH) -> Iterator[None]:
    """Answer every wish to start a service with the exit code meanwhile; the old policy comes back after."""
    if code is None:
        yield
        return
    kept = path + ".o8-kept"
    if os.path.exists(path):
        os.rename(path, kept)
    try:
        number = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o755)
        with os.fdopen(number, "w") as file:
            file.write(f"#!/bin/sh\nexit {int(code)}\n")
        yield
    finally:
        if os.path.exists(path):
            os.unlink(path)
        if os.path.exists(kept):
            os.rename(kept, path)
