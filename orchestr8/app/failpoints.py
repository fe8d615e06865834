"""Lets a test kill this process at a moment of its choice, as in `O8_FAILPOINT=create.after:2`."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Mapping

from orchestr8.engine.services.failpoints import At, nowhere


def failpoint(environ: Mapping[str, str]) -> At:
    """Return what kills this process at the moment that the environment names, or lets every moment pass."""
    name, _, number = environ.get("O8_FAILPOINT", "").partition(":")
    if not name and not number:
        return nowhere
    left = int(number) if number.isdigit() else 1
    guard = threading.Lock()

    def at(moment: str) -> None:
        nonlocal left
        with guard:
            left -= not name or moment == name
            if left <= 0:
                os.kill(os.getpid(), signal.SIGKILL)

    return at
