"""The engine's multiplexed output: frames of 8 header bytes and a payload (Engine API, ContainerAttach)."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import Protocol

_HEADER = struct.Struct(">BxxxL")
_MOST = 1 << 20


class Readable(Protocol):
    """Something bytes can be read from."""

    def read(self, amt: int) -> bytes:
        """Return up to `amt` bytes, b"" at the end."""
        ...


def demultiplex(raw: Readable) -> bytes:
    """Return both streams of the output in the order they came, the first MiB of it."""
    kept = bytearray()
    for payload in chunks(raw):
        kept += payload[: max(0, _MOST - len(kept))]
    return bytes(kept)


def chunks(raw: Readable) -> Iterator[bytes]:
    """Yield what was written to either stream, as it comes."""
    while len(header := _exactly(raw, _HEADER.size)) == _HEADER.size:
        _, size = _HEADER.unpack(header)
        yield _exactly(raw, size)


def _exactly(raw: Readable, size: int) -> bytes:
    data = bytearray()
    while len(data) < size:
        chunk = raw.read(min(size - len(data), 65536))
        if not chunk:
            break
        data += chunk
    return bytes(data)
