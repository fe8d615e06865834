"""What a connection to a host can do before a runner is there: start a process, run a command line."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from orchestr8.transport.pipe import Pipe


@dataclass(frozen=True, slots=True)
class Ended:
    """How a command line ended; `rc` is 128 + n for signal n, as shells count."""

    rc: int
    stdout: bytes
    stderr: bytes


class Shell(Protocol):
    """Starts things on one host."""

    @property
    def alive(self) -> bool:
        """Whether the way to the host was not lost so far."""
        ...

    def start(self, argv: Sequence[str]) -> Pipe:
        """Start a program; its stdout and stderr come together."""
        ...

    def run(self, command: str, *, timeout: float | None = None, stdin: bytes = b"") -> Ended:
        """Run a command line by the login shell; raise TimeoutError when it takes longer."""
        ...

    def close(self) -> None:
        """End everything that was started, at once."""
        ...
