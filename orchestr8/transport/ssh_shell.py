"""Processes on a host over one SSH connection, a channel each."""

from __future__ import annotations

import contextlib
import shlex
import time
from collections.abc import Sequence
from typing import Any

import paramiko

from orchestr8.remote.streams import Kept
from orchestr8.transport.failures import LOST, unreachable
from orchestr8.transport.pipe import TICK
from orchestr8.transport.shell import Ended
from orchestr8.transport.ssh_link import Link, unacknowledged

CHUNK = 65536
DRAIN = 1.0
OPEN_TRIES = 3


class ChannelPipe:
    """A pipe to a process on a host."""

    def __init__(self, channel: paramiko.Channel, link: Link) -> None:
        self._channel = channel
        self._link = link
        channel.settimeout(TICK)

    def send(self, data: memoryview) -> int:
        """Send some of `data`."""
        size = self._channel.send(bytes(data[:CHUNK]))
        if size == 0:
            raise BrokenPipeError("the channel is closed")
        return size

    def recv(self, size: int, timeout: float = TICK) -> bytes:
        """Return what came."""
        self._channel.settimeout(timeout)
        data = self._channel.recv(size)
        transport = self._channel.get_transport()
        if not data and not transport.is_active():
            raise ConnectionError(
                str(transport.saved_exception or "") or "it was closed, or the host answers no more"
            )
        return data

    def pending(self) -> bool:
        """Whether `recv` would return at once."""
        return self._channel.recv_ready() or self._channel.closed

    def backlog(self) -> int:
        """Return how many bytes the host has not acknowledged."""
        return unacknowledged(self._channel.get_transport().sock)

    def finish(self) -> None:
        """Tell the process that its input ends."""
        self._channel.shutdown_write()

    def close(self) -> None:
        """End the process by the end of its input."""
        with contextlib.suppress(OSError, EOFError, paramiko.SSHException):
            self._channel.close()

    def abandon(self) -> None:
        """Hang up: a thread that is stuck in sending comes back too."""
        self._channel.in_buffer.close()
        self._link.hang_up()


class SshShell:
    """Starts things on one host."""

    def __init__(self, name: str, link: Link) -> None:
        self._name = name
        self._link = link

    @property
    def alive(self) -> bool:
        """Whether the connection still stands, as far as is known."""
        return bool(self._link.is_connected)

    def start(self, argv: Sequence[str]) -> ChannelPipe:
        """Start a program; its stdout and stderr come together."""
        channel = self._channel()
        channel.set_combine_stderr(True)
        self._exec(channel, "exec " + shlex.join(argv))
        return ChannelPipe(channel, self._link)

    def run(self, command: str, *, timeout: float | None = None, stdin: bytes = b"") -> Ended:
        """Run a command line by the login shell."""
        channel = self._channel()
        channel.settimeout(TICK)
        try:
            self._exec(channel, command)
            return _Drain(self._name, channel, stdin, timeout).ended()
        except TimeoutError:
            raise
        except (paramiko.SSHException, OSError, EOFError) as error:
            why = f"the connection was lost while a command ran: {str(error) or type(error).__name__}"
            raise unreachable(self._name, why, code=LOST) from None
        finally:
            with contextlib.suppress(paramiko.SSHException, OSError, EOFError):
                channel.close()

    def close(self) -> None:
        """Hang up."""
        self._link.hang_up()

    def _channel(self) -> Any:
        """Open a session; a host that allows few of them is asked again for a moment."""
        for attempt in range(OPEN_TRIES):
            try:
                return self._link.transport.open_session(timeout=15)
            except paramiko.ChannelException as error:
                if attempt == OPEN_TRIES - 1:
                    raise unreachable(self._name, f"the host opens no session: {error}") from None
                time.sleep(0.2 * (attempt + 1))
            except (paramiko.SSHException, OSError, EOFError, AttributeError) as error:
                why = f"the connection was lost: {str(error) or type(error).__name__}"
                raise unreachable(self._name, why, code=LOST) from None
        raise AssertionError

    def _exec(self, channel: Any, command: str) -> None:
        try:
            channel.exec_command(command)
        except (paramiko.SSHException, OSError, EOFError) as error:
            why = f"the host would not run a command: {str(error) or type(error).__name__}"
            raise unreachable(self._name, why, code=LOST) from None


class _Drain:
    """Feeds a command, drains both of its outputs, and stops a moment after it ended."""

    def __init__(self, name: str, channel: Any, stdin: bytes, timeout: float | None) -> None:
        self._name = name
        self._channel = channel
        self._feed = memoryview(stdin)
        self._deadline = None if timeout is None else time.monotonic() + timeout
        self._out = Kept()
        self._err = Kept()
        self._fed = False

    def ended(self) -> Ended:
        """Wait for the end; raise TimeoutError or Unreachable."""
        channel = self._channel
        gone: float | None = None
        while not (channel.eof_received and not channel.recv_ready() and not channel.recv_stderr_ready()):
            if not self._step():
                channel.status_event.wait(0.02)
            now = time.monotonic()
            if self._deadline is not None and now >= self._deadline:
                raise TimeoutError
            if channel.exit_status_ready():
                gone = gone or now
                if now - gone > DRAIN:
                    break
            if channel.closed and not channel.recv_ready() and not channel.recv_stderr_ready():
                break
        return self._result()

    def _result(self) -> Ended:
        self._channel.status_event.wait(DRAIN)
        rc = self._channel.exit_status
        if rc == -1:
            if not self._channel.get_transport().is_active():
                raise unreachable(self._name, "the connection was lost while a command ran", code=LOST)
            rc = 255
        return Ended(rc, self._out.value(), self._err.value())

    def _step(self) -> bool:
        moved = False
        channel = self._channel
        if channel.recv_ready():
            self._out.add(channel.recv(CHUNK))
            moved = True
        if channel.recv_stderr_ready():
            self._err.add(channel.recv_stderr(CHUNK))
            moved = True
        if self._feed and channel.send_ready():
            self._feed = self._feed[channel.send(bytes(self._feed[:32768])) :]
            moved = True
        if not self._feed and not self._fed:
            self._fed = True
            channel.shutdown_write()
        return moved
