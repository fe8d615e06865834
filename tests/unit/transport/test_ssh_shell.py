"""A command line on a connection that ends at the worst moment, which a reboot makes likely."""

from __future__ import annotations

import threading
from typing import Any

import pytest

from orchestr8.core.errors import Unreachable
from orchestr8.transport.ssh_shell import SshShell


class Ending:
    """A link and channel of paramiko's whose connection ends at the call that is named."""

    def __init__(self, at: str) -> None:
        self._at = at
        self.transport = self
        self.closed = self.eof_received = at == "close"
        self.exit_status = 0
        self.status_event = threading.Event()

    def open_session(self, timeout: float) -> Ending:
        del timeout
        return self

    def __getattr__(self, name: str) -> Any:
        def call(*_: Any) -> bool:
            if name == self._at:
                raise EOFError
            return False

        return call


@pytest.mark.parametrize("at", ["exec_command", "shutdown_write", "recv_ready"])
def test_a_connection_that_ends_under_a_command_is_lost(at: str) -> None:
    with pytest.raises(Unreachable) as lost:
        SshShell("h1", Ending(at)).run("reboot")  # type: ignore[arg-type]
    assert "EOFError" in str(lost.value)


def test_a_command_that_ended_before_its_connection_has_its_end() -> None:
    assert SshShell("h1", Ending("close")).run("reboot").rc == 0  # type: ignore[arg-type]
