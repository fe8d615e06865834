"""What Ctrl-C and a termination signal do to a run: first stop safely, then at once."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

from orchestr8.core.errors import Exit

_CODES = {signal.SIGINT: Exit.INTERRUPTED, signal.SIGTERM: Exit.TERMINATED, signal.SIGHUP: Exit.TERMINATED}


class Stop:
    """Remembers the first signal; the second ends the process without waiting for anything."""

    def __init__(self, interrupt: Callable[[], None]) -> None:
        self._interrupt = interrupt
        self.code: int | None = None

    def __call__(self, number: int, frame: FrameType | None) -> None:
        """Handle a signal."""
        del frame
        if self.code is not None:
            os._exit(_CODES[signal.Signals(number)])
        self.code = int(_CODES[signal.Signals(number)])
        sys.stderr.write("\nstopping: what runs is finished, nothing new starts; once more to end at once\n")
        self._interrupt()


@contextmanager
def stopping(interrupt: Callable[[], None]) -> Iterator[Stop]:
    """Have signals call `interrupt` while the block runs."""
    stop = Stop(interrupt)
    before = {number: signal.signal(number, stop) for number in _CODES}
    try:
        yield stop
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
