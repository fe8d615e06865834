"""Frames between controller and host: a mark, two lengths, a JSON header, and bytes.

Both sides take whatever comes from the other as hostile: nothing but ProtocolError leaves this file.
"""

from typing import Any, Dict, Iterator, Tuple

from orchestr8.remote.jsontext import dumps, loads

MARK = b"o8f1"
PREFIX = 12
CAP = 16 << 20
PART = 1 << 20


class ProtocolError(Exception):
    """The other side sent something that is no frame."""


def encode(header: Dict[str, Any], blob: bytes = b"") -> bytes:
    """Return one frame; raise ProtocolError when it cannot be one."""
    try:
        head = dumps(header).encode("ascii")
    except (TypeError, ValueError, RecursionError) as error:
        raise ProtocolError("this cannot be sent: %s" % error) from None
    if len(head) + len(blob) > CAP:
        raise ProtocolError(
            "a frame of %d bytes is over the limit of %d" % (len(head) + len(blob), CAP)
        ) from None
    return b"".join((MARK, len(head).to_bytes(4, "big"), len(blob).to_bytes(4, "big"), head, blob))


def decode(head: bytes) -> Dict[str, Any]:
    """Return the header of a frame."""
    try:
        header = loads(head.decode("ascii"))
    except (ValueError, RecursionError, MemoryError, OverflowError) as error:
        raise ProtocolError(
            "a frame's header is no JSON: %s" % (str(error)[:200] or type(error).__name__)
        ) from None
    if not isinstance(header, dict) or not isinstance(header.get("op"), str):
        raise ProtocolError("a frame's header names no operation") from None
    return header


class Decoder:
    """Cuts a stream of bytes into frames; holds one frame at most beside what was fed."""

    def __init__(self) -> None:
        self._data = bytearray()

    def feed(self, data: bytes) -> Iterator[Tuple[Dict[str, Any], bytes]]:
        """Take bytes as they come and give each frame that is whole."""
        self._data += data
        start = 0
        while len(self._data) - start >= PREFIX:
            head, blob = self._lengths(start)
            end = start + PREFIX + head + blob
            if len(self._data) < end:
                break
            middle = start + PREFIX + head
            header = decode(bytes(self._data[start + PREFIX : middle]))
            body = bytes(self._data[middle:end])
            start = end
            yield header, body
        if start:
            del self._data[:start]

    def _lengths(self, start: int) -> Tuple[int, int]:
        if self._data[start : start + 4] != MARK:
            raise ProtocolError("no frame but %r" % bytes(self._data[start : start + 40])) from None
        head = int.from_bytes(self._data[start + 4 : start + 8], "big")
        blob = int.from_bytes(self._data[start + 8 : start + 12], "big")
        if head + blob > CAP:
            raise ProtocolError("a frame of %d bytes is over the limit of %d" % (head + blob, CAP)) from None
        return head, blob
