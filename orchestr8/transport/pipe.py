"""What a runner is reached through: bytes both ways."""

from __future__ import annotations

from typing import Protocol

TICK = 1.0
"""Seconds after which a quiet `recv` or a stuck `send` comes back with TimeoutError, at most."""


class Pipe(Protocol):
    """Bytes to and from a process on a host."""

    def send(self, data: memoryview) -> int:
        """Send some of `data` and return how much; raise OSError when lost, TimeoutError when stuck."""
        ...

    def recv(self, size: int, timeout: float = TICK) -> bytes:
        """Return what came, b"" at the end; raise TimeoutError when nothing came in `timeout` seconds."""
        ...

    def pending(self) -> bool:
        """Whether `recv` would return at once."""
        ...

    def backlog(self) -> int:
        """Return how many bytes the other side has not yet acknowledged."""
        ...

    def finish(self) -> None:
        """Tell the process that its input ends."""
        ...

    def close(self) -> None:
        """End the process by the end of its input; for a peer that answers."""
        ...

    def abandon(self) -> None:
        """Give up at once, from any thread, whatever hangs: all that goes the same way is given up too."""
        ...
