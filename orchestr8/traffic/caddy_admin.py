"""Caddy's admin API: HTTP over its socket on the host, through the host's own connection."""

from __future__ import annotations

import http.client
import io
import json
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from typing import Any, cast

from orchestr8.core.errors import Diagnostic, HostFailed
from orchestr8.engine.ports import ByteStream
from orchestr8.engine.services.traffic import TrafficError

_TIMEOUT = 30.0
_MOST = 32 << 20
_TRIES = 10
_PAUSE = 0.05
_CHANGED_MEANWHILE = 412


@dataclass(frozen=True, slots=True)
class Answer:
    """What Caddy said: its status, the tag of what it told, and the value."""

    status: int
    etag: str
    value: Any

    @property
    def outdated(self) -> bool:
        """Whether somebody else changed the configuration since the tag was given."""
        return self.status == _CHANGED_MEANWHILE


class CaddyAdmin:
    """Asks and changes Caddy; `open_stream` opens its admin socket."""

    def __init__(self, host: str, open_stream: Callable[[], ByteStream]) -> None:
        self.host = host
        self._open = open_stream

    def config(self) -> Answer:
        """Return the whole configuration, None where there is none, with its tag."""
        return self._required(self._read("/config/"), "does not tell its configuration")

    def replace(self, config: Any, etag: str) -> bool:
        """Have this configuration, live when this returns; False when the tag may no longer hold."""
        try:
            answer = self._ask("POST", "/config/", json.dumps(config).encode(), {"If-Match": etag})
        except Interrupted:
            return False
        return not answer.outdated and bool(self._required(answer, "refuses a configuration"))

    def upstreams(self) -> dict[str, tuple[int, int]]:
        """Return requests in flight and recent failures by address."""
        rows = self._required(self._read("/reverse_proxy/upstreams"), "does not tell its upstreams")
        return {row["address"]: (int(row["num_requests"]), int(row["fails"])) for row in rows.value or []}

    def _required(self, answer: Answer, what: str) -> Answer:
        if answer.status == http.client.OK:
            return answer
        said = answer.value.get("error") if isinstance(answer.value, dict) else answer.value
        raise refused(f"{self.host}: Caddy {what}: {said or answer.status}")

    def _read(self, path: str) -> Answer:
        """Ask again when somebody's change of the configuration closes our connection."""
        for _ in range(_TRIES):
            try:
                return self._ask("GET", path)
            except Interrupted:
                time.sleep(_PAUSE)
        return self._ask("GET", path)

    def _ask(
        self, method: str, path: str, body: bytes = b"", headers: dict[str, str] | None = None
    ) -> Answer:
        given = {"Host": "127.0.0.1", "Content-Type": "application/json", "Connection": "close"}
        try:
            stream = self._open()
        except (OSError, EOFError, HostFailed) as error:
            raise self._silent(error, TrafficError) from None
        try:
            with closing(stream):
                stream.settimeout(_TIMEOUT)
                line = http.client.HTTPConnection("127.0.0.1")
                line.sock = cast("Any", _Socket(stream))
                line.request(method, path, body or None, {**given, **(headers or {})})
                return self._answer(line.getresponse())
        except (TrafficError, TimeoutError) as error:
            raise self._silent(error, TrafficError) from None
        except (OSError, EOFError, HostFailed, http.client.HTTPException) as error:
            raise self._silent(error, Interrupted) from None

    def _silent(self, error: Exception, kind: type[TrafficError]) -> TrafficError:
        """Return the error for no answer, and any other of ours as it is."""
        if isinstance(error, TrafficError):
            return error
        said = error.message if isinstance(error, HostFailed) else str(error)
        why = f"{self.host}: Caddy does not answer: {said or type(error).__name__}"
        hint = "is it running, and is its admin socket where the configuration says?"
        return kind(Diagnostic("O8-3501", why, hint=hint))

    def _answer(self, response: http.client.HTTPResponse) -> Answer:
        text = response.read(_MOST)
        if response.read(1):
            raise refused(f"{self.host}: Caddy's answer is too long")
        try:
            value = json.loads(text) if text.strip() else None
        except ValueError:
            value = text[:200].decode("utf-8", "replace")
        return Answer(response.status, response.headers.get("Etag", ""), value)


class Interrupted(TrafficError):
    """The connection ended before there was an answer: Caddy may have done what it was asked, or not."""


class _Socket:
    """The part of a socket that an HTTP client uses."""

    def __init__(self, stream: ByteStream) -> None:
        self._stream = stream
        self.sendall = stream.sendall

    def makefile(self, mode: str = "rb", buffering: int | None = None) -> io.BufferedReader:
        """Return a reader of the stream."""
        del mode, buffering
        return io.BufferedReader(_Reader(self._stream))

    def close(self) -> None:
        """Leave the stream to whoever opened it: an answer outlives its connection."""


class _Reader(io.RawIOBase):
    def __init__(self, stream: ByteStream) -> None:
        super().__init__()
        self._stream = stream

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        data = self._stream.recv(len(buffer))
        buffer[: len(data)] = data
        return len(data)


def refused(why: str, hint: str | None = None) -> TrafficError:
    """Return an error of a balancer."""
    return TrafficError(Diagnostic("O8-3501", why, hint=hint))
