"""Patience of tests: something becomes true soon on a quiet machine, and later on a busy one."""

from __future__ import annotations

import time
from collections.abc import Callable

PATIENCE = 60.0


def wait_for(found: Callable[[], object]) -> None:
    """Wait until something is true; after a minute that is an error."""
    deadline = time.monotonic() + PATIENCE
    while not found():
        assert time.monotonic() < deadline, "it did not become true"
        time.sleep(0.05)
