"""What containers wrote and write, line by line, with the moment the engine noted for each."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from orchestr8.engine.ports import ByteStream
from orchestr8.runtime.client import EngineClient
from orchestr8.runtime.errors import engine_errors
from orchestr8.runtime.output import chunks

_READ = 65536


@dataclass(frozen=True, slots=True)
class LogLine:
    """One line; `moment` as the engine wrote it (RFC 3339), empty when it noted none."""

    moment: str
    text: str


class LogStream:
    """Reads logs of one host's containers; every log that is followed has a stream of its own."""

    def __init__(self, host: str, open_stream: Callable[[], ByteStream]) -> None:
        self._host = host
        self._open_stream = open_stream

    def lines(
        self, container: str, *, tail: int | None = None, since: int | None = None, follow: bool = False
    ) -> Iterator[LogLine]:
        """Yield lines: the last `tail` (None: all), not older than `since` (Unix time), then new ones."""
        with engine_errors(self._host, f"read the log of {container}"):
            client: Any = EngineClient(self._open_stream)
            client.agree()
            terminal = bool(client.inspect_container(container)["Config"].get("Tty"))
            options: dict[str, Any] = {"stdout": 1, "stderr": 1, "timestamps": 1, "follow": int(follow)}
            options |= {"tail": "all" if tail is None else tail} | ({} if since is None else {"since": since})
            url = client._url("/containers/{0}/logs", container)  # noqa: SLF001 -- the SDK wants a real socket
            waits = {"timeout": None} if follow else {}
            raw = client._get(url, params=options, stream=True, **waits).raw  # noqa: SLF001
            yield from split(_plain(raw) if terminal else chunks(raw))


def _plain(raw: Any) -> Iterator[bytes]:
    while chunk := raw.read1(_READ) if hasattr(raw, "read1") else raw.read(1):
        yield chunk


def split(parts: Iterator[bytes]) -> Iterator[LogLine]:
    """Yield the lines of what comes in pieces."""
    rest = b""
    for part in parts:
        *whole, rest = (rest + part).split(b"\n")
        yield from map(_line, whole)
    if rest:
        yield _line(rest)


def _line(raw: bytes) -> LogLine:
    moment, space, text = raw.decode("utf-8", "replace").rstrip("\r").partition(" ")
    return LogLine(moment, text) if space or moment[:2].isdigit() else LogLine("", moment)
