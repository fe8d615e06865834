"""Part of pytest while a file of tests is run as a check: commands go through the controller's connections.

Imported by pytest alone (`-p`), in a process of its own; see gates/testinfra.py for the other side.
"""

from __future__ import annotations

import json
import os
import socket
from typing import Any
from urllib.parse import unquote

import pytest
import testinfra.backend
from testinfra.backend.base import BaseBackend, CommandResult

SOCKET = "O8_GATE_SOCKET"
SCHEME = "o8"
_PART = 1 << 16


def tell(message: dict[str, Any]) -> Any:
    """Return what the controller answers to a message."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as line:
        line.connect(os.environ[SOCKET])
        line.sendall(json.dumps(message).encode())
        line.shutdown(socket.SHUT_WR)
        parts = []
        while part := line.recv(_PART):
            parts.append(part)
    return json.loads(b"".join(parts))


class Backend(BaseBackend):  # type: ignore[misc]  # it has no types
    """Runs the commands of tests on a host of the inventory."""

    NAME = SCHEME

    def run(self, command: str, *args: str, **_: Any) -> CommandResult:
        """Run a shell command and return its result."""
        line = self.get_command(command, *args)
        ended = tell({"host": unquote(self.hostname), "command": line})
        return self.result(ended["rc"], self.encode(line), ended["stdout"], ended["stderr"])


class Counted:
    """Counts how tests end and tells it at last."""

    def __init__(self) -> None:
        self.passed = 0
        self.failed: list[str] = []

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Count a test that passed, or one of whose parts failed."""
        if report.failed:
            why = str(getattr(report.longrepr, "reprcrash", report.longrepr)).strip().splitlines()
            self.failed.append(f"{report.nodeid.partition('::')[2]}: {why[-1] if why else ''}")
        elif report.passed and report.when == "call":
            self.passed += 1

    def pytest_sessionfinish(self) -> None:
        """Tell the controller."""
        tell({"passed": self.passed, "failed": self.failed})


def pytest_configure(config: pytest.Config) -> None:
    """Know hosts by our scheme, and count."""
    testinfra.backend.BACKENDS[SCHEME] = f"{__name__}.Backend"
    config.pluginmanager.register(Counted())


@pytest.fixture
def o8_containers(host: Any) -> list[str]:
    """The names of the service's new containers on the host, such as `host.docker(name)` takes."""
    known: dict[str, list[str]] = json.loads(os.environ["O8_CONTAINERS"])
    return known.get(unquote(host.backend.hostname), [])
