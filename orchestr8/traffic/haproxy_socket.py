"""HAProxy's runtime API: one command a connection to its socket, through the host's own connection."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator
from contextlib import closing

from orchestr8.engine.ports import ByteStream
from orchestr8.traffic.haproxy_names import refused

_TIMEOUT = 10.0
_READ = 65536
_MOST = 8 << 20


class HaproxySocket:
    """Sends commands; `open_stream` opens the admin socket."""

    def __init__(self, host: str, open_stream: Callable[[], ByteStream]) -> None:
        self._host = host
        self._open = open_stream

    def ask(self, command: str) -> str:
        """Return what a command prints."""
        if "\n" in command or ";" in command:
            raise refused("a command to a load balancer is one line")
        try:
            with closing(self._open()) as stream:
                stream.settimeout(_TIMEOUT)
                stream.sendall(command.encode() + b"\n")
                return _all(stream).decode("utf-8", "replace").strip()
        except (OSError, EOFError) as error:
            why = f"{self._host}: HAProxy does not answer: {error or type(error).__name__}"
            raise refused(
                why, "is it running, and is its admin socket where the configuration says?"
            ) from None

    def tell(self, command: str, *, unless: tuple[str, ...] = ()) -> str:
        """Carry out a command; raise TrafficError when it says anything but what is known to be good."""
        answer = self.ask(command)
        if answer and not answer.startswith(("New server registered", "Server deleted", *unless)):
            raise refused(f"{self._host}: HAProxy refuses `{command}`: {answer}")
        return answer

    def statistics(self) -> Iterator[dict[str, str]]:
        """Yield the rows of `show stat`: one for each frontend, server and backend."""
        text = self.ask("show stat")
        if not text.startswith("# "):
            raise refused(f"{self._host}: HAProxy does not tell its statistics: {text[:200]}")
        yield from csv.DictReader(text.removeprefix("# ").splitlines())


def _all(stream: ByteStream) -> bytes:
    parts: list[bytes] = []
    size = 0
    while data := stream.recv(_READ):
        parts.append(data)
        size += len(data)
        if size > _MOST:
            raise refused("HAProxy's answer is too long")
    return b"".join(parts)
