"""Bytes and text, and output that is kept within bounds."""

from typing import List

LIMIT = 1 << 20


def text(data: bytes) -> str:
    """Return `data` as text; bytes that are no UTF-8 survive as lone surrogates."""
    return data.decode("utf-8", "surrogateescape")


def raw(string: str) -> bytes:
    """Return the bytes of a string that `text` may have made."""
    return string.encode("utf-8", "surrogateescape")


class Kept:
    """Output kept within bounds: the first half of `limit` bytes, the last half, and a mark between."""

    def __init__(self, limit: int = LIMIT) -> None:
        self._half = limit // 2
        self._head = bytearray()
        self._tail: List[bytes] = []
        self._size = 0
        self.dropped = 0

    def add(self, chunk: bytes) -> None:
        """Take the next bytes."""
        room = self._half - len(self._head)
        if room > 0:
            self._head += chunk[:room]
            chunk = chunk[room:]
        if chunk:
            self._tail.append(chunk)
            self._size += len(chunk)
            if self._size > 2 * self._half:
                self._trim()

    def _trim(self) -> None:
        tail = b"".join(self._tail)
        self.dropped += max(0, len(tail) - self._half)
        tail = tail[-self._half :]
        self._tail, self._size = [tail], len(tail)

    def value(self) -> bytes:
        """Return what was kept."""
        if self._size > self._half:
            self._trim()
        mark = b"\n... truncated %d bytes ...\n" % self.dropped if self.dropped else b""
        return bytes(self._head) + mark + b"".join(self._tail)
