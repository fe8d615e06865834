"""HTTP over byte streams: what lets the docker SDK speak to a host's engine through our connection."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

import urllib3
from requests.adapters import HTTPAdapter

from orchestr8.engine.ports import ByteStream

_IDLE_STREAMS = 4


class StreamSocket:
    """The part of a socket that an HTTP client uses, over a byte stream."""

    def __init__(self, stream: ByteStream) -> None:
        self._stream = stream
        self.sendall = stream.sendall
        self.recv = stream.recv
        self.settimeout = stream.settimeout
        self.shutdown = stream.shutdown
        self._readers = 0
        self._closed = False

    def recv_into(self, buffer: Any) -> int:
        """Read into `buffer`; return how much came, 0 at the end."""
        data = self._stream.recv(len(buffer))
        buffer[: len(data)] = data
        return len(data)

    def makefile(self, mode: str = "rb", buffering: int | None = None) -> io.BufferedReader:
        """Return a reader of the stream."""
        del mode
        size = io.DEFAULT_BUFFER_SIZE if buffering is None or buffering < 1 else buffering
        self._readers += 1
        return io.BufferedReader(_Raw(self), size)

    def close(self) -> None:
        """Close the stream once no reader needs it: a response outlives its connection's end."""
        self._closed = True
        self._let_go()

    def forget_reader(self) -> None:
        """Note that a reader was closed."""
        self._readers -= 1
        self._let_go()

    def _let_go(self) -> None:
        # A response that nobody reads to its end is closed when it is collected, in the middle of anything.
        if self._closed and self._readers <= 0:
            self._stream.abandon()


class _Raw(io.RawIOBase):
    def __init__(self, sock: StreamSocket) -> None:
        super().__init__()
        self._sock = sock

    def readable(self) -> bool:
        return True

    def close(self) -> None:
        if not self.closed:
            super().close()
            self._sock.forget_reader()

    def readinto(self, buffer: Any) -> int:
        return self._sock.recv_into(buffer)


class _Connection(urllib3.connection.HTTPConnection):
    """An HTTP connection whose socket is a stream."""

    def __init__(self, open_stream: Callable[[], ByteStream], timeout: Any) -> None:
        super().__init__("localhost", timeout=timeout)
        self._open_stream = open_stream

    def connect(self) -> None:
        """Open the stream."""
        self.sock: Any = StreamSocket(self._open_stream())
        if isinstance(self.timeout, int | float):
            self.sock.settimeout(self.timeout)

    @property
    def is_connected(self) -> bool:
        """Whether the stream was opened; a lost one shows at its next use."""
        return self.sock is not None


class _Pool(urllib3.HTTPConnectionPool):
    """Connections of one host's engine."""

    def __init__(self, open_stream: Callable[[], ByteStream]) -> None:
        super().__init__("localhost", maxsize=_IDLE_STREAMS)
        self._open_stream = open_stream

    def _new_conn(self) -> Any:
        return _Connection(self._open_stream, self.timeout.connect_timeout)


class StreamAdapter(HTTPAdapter):
    """Sends requests over streams that `open_stream` opens; keeps a few of them for the next request."""

    def __init__(self, open_stream: Callable[[], ByteStream]) -> None:
        self._streams = _Pool(open_stream)
        super().__init__()

    def get_connection_with_tls_context(self, *_: Any, **__: Any) -> Any:
        """Return the pool, whatever the address."""
        return self._streams

    def request_url(self, request: Any, proxies: Any) -> str:
        """Return the path alone: there is no proxy on the way."""
        del proxies
        return str(request.path_url)

    def close(self) -> None:
        """Close all streams."""
        self._streams.close()
        super().close()
