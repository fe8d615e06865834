"""A command line as another user on a host that may have no Python; its two outputs come as one."""

from __future__ import annotations

import re
import secrets
import time

from orchestr8.engine.ports import Become
from orchestr8.remote.streams import Kept
from orchestr8.transport.become import Ascent
from orchestr8.transport.failures import LOST, unreachable
from orchestr8.transport.pipe import Pipe
from orchestr8.transport.shell import Ended, Shell

CLIMB_TIMEOUT = 10.0
MARKED = 'printf "%s begin " "$1"; "$2" -c "$3"; printf "%s end %d." "$1" "$?"'


class Climb:
    """One command line run as another user."""

    def __init__(self, name: str, shell: Shell, become: Become) -> None:
        self._name = name
        self._shell = shell
        self._ascent = Ascent(name, become)
        self._mark = f"o8-{secrets.token_hex(6)}"

    def run(self, command: str, executable: str, stdin: bytes, timeout: float | None) -> Ended:
        """Run it; raise BecomeFailed, TimeoutError or Unreachable."""
        words = ["/bin/sh", "-c", MARKED, "sh", self._mark, executable, command]
        pipe = self._shell.start(self._ascent.argv(words))
        try:
            early = self._up(pipe)
            send(pipe, stdin)
            pipe.finish()
            return self._drained(pipe, early, None if timeout is None else time.monotonic() + timeout)
        finally:
            pipe.close()

    def _up(self, pipe: Pipe) -> bytes:
        begin = f"{self._mark} begin ".encode()
        output = b""
        deadline = time.monotonic() + CLIMB_TIMEOUT
        while begin not in output:
            chunk, quiet = self._read(pipe)
            output += chunk
            if (not chunk and not quiet) or time.monotonic() > deadline:
                raise self._ascent.ended(output)
            send(pipe, b"" if begin in output else self._ascent.answer(output, quiet=quiet))
        return output.partition(begin)[2]

    def _drained(self, pipe: Pipe, early: bytes, deadline: float | None) -> Ended:
        """Keep output until the end mark, which is looked for in the last bytes alone."""
        end = re.compile(rb"%s end (\d+)\.\Z" % self._mark.encode())
        kept, last = Kept(), early
        while True:
            found = end.search(last)
            if found:
                kept.add(last[: found.start()])
                return Ended(int(found.group(1)), kept.value(), b"")
            kept.add(last[:-128])
            chunk, quiet = self._read(pipe)
            if not chunk and not quiet:
                raise unreachable(self._name, "the connection was lost while a command ran", code=LOST)
            last = last[-128:] + chunk
            if deadline is not None and time.monotonic() > deadline:
                raise TimeoutError

    def _read(self, pipe: Pipe) -> tuple[bytes, bool]:
        try:
            return pipe.recv(65536), False
        except TimeoutError:
            return b"", True
        except (OSError, EOFError) as error:
            raise unreachable(self._name, f"the connection was lost: {error}", code=LOST) from None


def send(pipe: Pipe, data: bytes) -> None:
    """Send all of `data`."""
    view = memoryview(data)
    while view:
        view = view[pipe.send(view) :]
