"""Hosts that live in the controller's memory: for tests, and for whoever embeds orchestr8."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from orchestr8.core.errors import O8Error
from orchestr8.engine.ports import Become, ByteStream, Endpoint, Fence, Request
from orchestr8.remote import calls
from orchestr8.transport.failures import LOST, unreachable
from orchestr8.transport.payload import Payload

Answer = Callable[[Request], dict[str, Any]]
Serve = Callable[[socket.socket], None]


@dataclass(slots=True)
class MemoryHost:
    """What a host answers. Modules without an answer of their own run for real, in this process.

    refuses: raised by `connect`. lost: from now on nothing answers. calls: every request, in order.
    flights: how many requests went out together, each time some did.
    streams: by target, who serves the other end of a socket pair, in a thread of its own.
    """

    answers: Mapping[str, Answer] = field(default_factory=dict)
    shell: Callable[[str], dict[str, Any]] | None = None
    streams: Mapping[str, Serve] = field(default_factory=dict)
    refuses: O8Error | None = None
    lost: bool = False
    calls: list[Request] = field(default_factory=list)
    flights: list[int] = field(default_factory=list)


class MemoryStream(socket.socket):
    """Our end of a stream to a host in memory."""

    def abandon(self) -> None:
        """Close both ways."""
        self.close()


class MemoryConnection:
    """A connection to a host in memory."""

    def __init__(self, name: str, host: MemoryHost) -> None:
        self.name = name
        self.closed = False
        self.alive = True
        self._host = host
        self._payload = Payload()

    def call(self, request: Request) -> dict[str, Any]:
        """Answer one call."""
        self._check()
        self._host.calls.append(request)
        answer = self._host.answers.get(request.module)
        return answer(request) if answer is not None else self._real(request)

    def call_many(self, requests: Sequence[Request]) -> list[dict[str, Any]]:
        """Answer calls in order."""
        self._host.flights.append(len(requests))
        return [self.call(request) for request in requests]

    def raw(
        self,
        command: str,
        *,
        executable: str | None = None,
        become: Become | None = None,
        timeout: float | None = None,
        stdin: bytes = b"",
    ) -> dict[str, Any]:
        """Answer a command line by the host's `shell`."""
        del executable, become, timeout, stdin
        self._check()
        if self._host.shell is None:
            return {
                "failed": True,
                "changed": True,
                "rc": 127,
                "stdout": "",
                "stderr": "",
                "msg": "no shell here",
            }
        return self._host.shell(command)

    def stream(self, target: str, *, become: Become | None = None, fence: Fence | None = None) -> ByteStream:
        """Open one of the host's streams."""
        del become, fence
        self._check()
        ours, theirs = socket.socketpair()
        threading.Thread(target=self._host.streams[target], args=(theirs,), daemon=True).start()
        return MemoryStream(fileno=ours.detach())

    def close(self) -> None:
        """Remember that it was closed."""
        self.closed = True
        self.alive = False

    def _check(self) -> None:
        self.alive = self.alive and not (self._host.lost or self.closed)
        if not self.alive:
            raise unreachable(self.name, "the connection was lost", code=LOST)

    def _real(self, request: Request) -> dict[str, Any]:
        header = {
            "args": dict(request.args),
            "check": request.check,
            "diff": request.diff,
            "environ": dict(request.environ),
            "timeout": request.timeout,
            "cwd": request.cwd,
        }
        module = calls.find(self._payload.unit(request.module), request.module)
        return calls.perform(module, header, request.blob)


class MemoryTransport:
    """Connects to hosts in memory by their endpoint's name."""

    def __init__(self, hosts: Mapping[str, MemoryHost]) -> None:
        self.hosts = hosts
        self.opened: list[MemoryConnection] = []

    def connect(self, endpoint: Endpoint) -> MemoryConnection:
        """Connect to a host; raise what it `refuses` with, or Unreachable when it is not there."""
        host = self.hosts.get(endpoint.name)
        if host is None:
            raise unreachable(endpoint.name, "there is no such host")
        if host.refuses is not None:
            raise host.refuses
        connection = MemoryConnection(endpoint.name, host)
        self.opened.append(connection)
        return connection
