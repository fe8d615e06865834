"""A log file of runs: every line that people see, with time, process and user before it."""

from __future__ import annotations

import getpass
import os
from collections.abc import Sequence
from typing import TextIO

from orchestr8.core.clock import Clock
from orchestr8.core.event import Event
from orchestr8.engine.ports import Sink


class LogLines:
    """What a reporter writes to: each line goes to the file in the form of Ansible's log."""

    def __init__(self, file: TextIO, clock: Clock) -> None:
        self._file = file
        self._clock = clock
        self._who = f"p={os.getpid()} u={_user()} n=o8 INFO|"
        self._rest = ""

    def write(self, text: str) -> int:
        """Write the lines that are whole; the rest waits for its end."""
        *lines, self._rest = (self._rest + text).split("\n")
        moment = self._clock.now().astimezone()
        stamp = moment.strftime("%Y-%m-%d %H:%M:%S,") + f"{moment.microsecond // 1000:03d}"
        for line in lines:
            if line.strip():
                self._file.write(f"{stamp} {self._who} {line}\n")
        return len(text)

    def flush(self) -> None:
        """Make what was written last."""
        self._file.flush()


class Both:
    """Passes events on to several reporters."""

    def __init__(self, sinks: Sequence[Sink]) -> None:
        self._sinks = sinks

    def emit(self, event: Event) -> None:
        """Pass an event on."""
        for sink in self._sinks:
            sink.emit(event)


def _user() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return str(os.getuid())
