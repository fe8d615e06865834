"""The controller itself as a host: the same runner, as a child process."""

from __future__ import annotations

import contextlib
import os
import select
import signal
import socket
import subprocess
import sys
from collections.abc import Sequence

from orchestr8.engine.ports import Endpoint
from orchestr8.remote import process
from orchestr8.remote.module import Failure
from orchestr8.transport.heartbeat import Heartbeat
from orchestr8.transport.payload import Payload
from orchestr8.transport.pipe import TICK
from orchestr8.transport.session import Session
from orchestr8.transport.shell import Ended


class SocketPipe:
    """A pipe to a child process, by a pair of sockets."""

    def __init__(self, sock: socket.socket, child: subprocess.Popen[bytes]) -> None:
        self._sock = sock
        self._child = child
        sock.settimeout(TICK)

    def send(self, data: memoryview) -> int:
        """Send some of `data`."""
        return self._sock.send(data)

    def recv(self, size: int, timeout: float = TICK) -> bytes:
        """Return what came."""
        self._sock.settimeout(timeout)
        return self._sock.recv(size)

    def pending(self) -> bool:
        """Whether `recv` would return at once."""
        try:
            return bool(select.select([self._sock], [], [], 0)[0])
        except (OSError, ValueError):
            return False

    def backlog(self) -> int:
        """Return nothing: a process of this machine acknowledges at once."""
        return 0

    def finish(self) -> None:
        """Tell the process that its input ends."""
        self._sock.shutdown(socket.SHUT_WR)

    def close(self) -> None:
        """Close; the runner ends itself and what it runs."""
        with contextlib.suppress(OSError):
            self._sock.shutdown(socket.SHUT_RDWR)
        self._child.poll()

    def abandon(self) -> None:
        """Give up at once."""
        self.close()

    def end(self) -> None:
        """Wait for the runner to end, then release everything."""
        self.close()
        try:
            self._child.wait(2.0)
        except subprocess.TimeoutExpired:
            os.killpg(self._child.pid, signal.SIGKILL)
            self._child.wait()
        self._sock.close()


class LocalShell:
    """Starts processes of the controller."""

    def __init__(self) -> None:
        self._pipes: list[SocketPipe] = []

    @property
    def alive(self) -> bool:
        """Always: the controller is not lost."""
        return True

    def start(self, argv: Sequence[str]) -> SocketPipe:
        """Start a program in a session of its own."""
        ours, theirs = socket.socketpair()
        with theirs:
            try:
                child = _spawn(list(argv), theirs.fileno())
            except OSError as error:
                told = f"{argv[0]}: not found: {error.strerror}"
                child = _spawn(["/bin/sh", "-c", 'echo "$1" >&2; exit 127', "sh", told], theirs.fileno())
        pipe = SocketPipe(ours, child)
        self._pipes.append(pipe)
        return pipe

    def run(self, command: str, *, timeout: float | None = None, stdin: bytes = b"") -> Ended:
        """Run a command line by /bin/sh."""
        try:
            done = process.run(command, shell=True, stdin=stdin, timeout=timeout)  # noqa: S604 -- the user's own line
        except Failure as failure:
            return Ended(127, b"", failure.msg.encode())
        if done.timed_out:
            raise TimeoutError
        return Ended(done.rc if done.rc >= 0 else 128 - done.rc, done.stdout, done.stderr)

    def close(self) -> None:
        """End what was started."""
        for pipe in self._pipes:
            pipe.end()


def _spawn(argv: list[str], end: int) -> subprocess.Popen[bytes]:
    return subprocess.Popen(argv, stdin=end, stdout=end, stderr=subprocess.STDOUT, start_new_session=True)


class LocalTransport:
    """Opens connections to the controller itself."""

    def __init__(self, payload: Payload, heartbeat: Heartbeat) -> None:
        self._payload = payload
        self._heartbeat = heartbeat

    def connect(self, endpoint: Endpoint) -> Session:
        """Make a connection; its runner starts with the first call."""
        python = endpoint.python or sys.executable
        return Session(endpoint.name, LocalShell(), self._payload, self._heartbeat, python)
