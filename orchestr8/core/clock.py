"""Time as a port: durations come from a monotonic clock, dates from the wall clock."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import Protocol


class Clock(Protocol):
    """What the rest of the program may know of time."""

    def monotonic(self) -> float:
        """Return seconds that only grow."""
        ...

    def now(self) -> datetime:
        """Return the date and time in UTC."""
        ...

    def sleep(self, seconds: float) -> None:
        """Wait."""
        ...


class SystemClock:
    """The machine's own clock."""

    def monotonic(self) -> float:
        """Return seconds that only grow."""
        return time.monotonic()

    def now(self) -> datetime:
        """Return the date and time in UTC."""
        return datetime.now(UTC)

    def sleep(self, seconds: float) -> None:
        """Wait."""
        time.sleep(seconds)


class ManualClock:
    """A clock for tests and simulations: it moves only when told, and sleeping moves it."""

    def __init__(self, start: datetime | None = None) -> None:
        self._start = start or datetime(2026, 1, 1, tzinfo=UTC)
        self._seconds = 0.0

    def monotonic(self) -> float:
        """Return the seconds moved so far."""
        return self._seconds

    def now(self) -> datetime:
        """Return the start moved by the seconds so far."""
        return datetime.fromtimestamp(self._start.timestamp() + self._seconds, UTC)

    def sleep(self, seconds: float) -> None:
        """Move on by `seconds`."""
        self._seconds += seconds
