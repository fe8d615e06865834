"""A two-way stream to something a host can reach, carried as frames beside the calls."""

from __future__ import annotations

import socket
import time
from collections import deque
from typing import Any

from orchestr8.core.errors import Diagnostic
from orchestr8.engine.ports import Fence
from orchestr8.remote.wire import encode
from orchestr8.transport.failures import STREAM, StreamRefused, fenced
from orchestr8.transport.rpc import Header, Receiver, Rpc

CHUNK = 32768
WINDOW = 1 << 20
OPEN_TIMEOUT = 15.0


class RemoteStream(Receiver):
    """Like a connected socket; each side sends what the other has room for."""

    def __init__(self, rpc: Rpc, target: str, fence: Fence | None = None) -> None:
        self._rpc = rpc
        self._target = target
        self._fence = fence
        self._shut_out = False
        self._state = ""
        self._error = ""
        self._data: deque[bytes] = deque()
        self._ended = False
        self._credit = 0
        self._eaten = 0
        self._timeout: float | None = None
        self._closed = False
        self._number = rpc.attach(self)
        self._open()

    def _open(self) -> None:
        header: dict[str, Any] = {"op": "open", "id": self._number, "target": self._target, "credit": WINDOW}
        if self._fence is not None:
            header["fence"] = {"folder": self._fence.folder, "token": self._fence.token}
        try:
            self._rpc.send([encode(header)])
            self._rpc.wait(lambda: bool(self._state), time.monotonic() + OPEN_TIMEOUT)
        except TimeoutError:
            self.close()
            raise StreamRefused(Diagnostic(STREAM, f"{self._rpc.name}: {self._target}: no answer")) from None
        if self._state == "refused":
            self._rpc.detach(self._number)
            raise StreamRefused(Diagnostic(STREAM, f"{self._rpc.name}: {self._error}"))

    def take(self, op: str, header: Header, blob: bytes) -> None:
        """Take one frame; called with the connection's lock held."""
        if op == "data":
            self._data.append(blob)
        elif op == "credit":
            self._credit += int(header.get("n") or 0)
        elif op == "eof":
            self._ended = True
            self._error = str(header.get("error") or "")
            self._shut_out = bool(header.get("fenced"))
        else:
            self._state = op
            self._credit = int(header.get("credit") or 0)
            self._error = str(header.get("error") or "")

    def lost(self) -> None:
        """Learn that no frame will come any more."""
        self._ended = True

    def settimeout(self, seconds: float | None) -> None:
        """Bound later calls of `recv` and `sendall`."""
        self._timeout = seconds

    def sendall(self, data: bytes) -> None:
        """Send all of `data`; waits while the other side has no room."""
        view = memoryview(data)
        deadline = self._deadline()
        while view:
            self._rpc.wait(lambda: self._credit > 0 or self._closed or self._ended, deadline)
            self._admitted()
            if self._closed or (self._ended and self._credit <= 0):
                raise BrokenPipeError(f"{self._target}: {self._error or 'closed'}")
            size = min(CHUNK, self._credit, len(view))
            self._credit -= size
            self._rpc.send([encode({"op": "data", "id": self._number}, bytes(view[:size]))])
            view = view[size:]

    def recv(self, size: int) -> bytes:
        """Return up to `size` bytes, b"" at the end."""
        if not self._data:
            if self._closed:
                return b""
            self._rpc.wait(lambda: bool(self._data) or self._ended or self._closed, self._deadline())
        if not self._data:
            self._admitted()
            if self._error:
                raise ConnectionResetError(self._error)
            return b""
        chunk = self._data.popleft()
        if len(chunk) > size:
            self._data.appendleft(chunk[size:])
            chunk = chunk[:size]
        self._eat(len(chunk))
        return chunk

    def shutdown(self, how: int) -> None:
        """End one direction or both, as sockets do; the other side sees the end of its input."""
        if how == socket.SHUT_WR and not self._closed:
            self._rpc.send([encode({"op": "eof", "id": self._number})])
        elif how == socket.SHUT_RDWR:
            self.close()

    def close(self) -> None:
        """Close both ways."""
        if self._closed:
            return
        self._closed = True
        self._rpc.detach(self._number)
        if self._rpc.alive:
            self._rpc.send([encode({"op": "shut", "id": self._number})])

    def abandon(self) -> None:
        """Close both ways with the next that is sent, or within a second; takes no lock."""
        if not self._closed:
            self._closed = True
            self._rpc.abandon(self._number)

    def _admitted(self) -> None:
        if self._shut_out:
            raise fenced(self._rpc.name, self._error)

    def _deadline(self) -> float | None:
        return None if self._timeout is None else time.monotonic() + self._timeout

    def _eat(self, size: int) -> None:
        self._eaten += size
        if self._eaten >= WINDOW // 4:
            amount, self._eaten = self._eaten, 0
            self._rpc.send([encode({"op": "credit", "id": self._number, "n": amount})])
