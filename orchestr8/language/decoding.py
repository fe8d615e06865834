"""Turns the bytes of a file into text."""

from __future__ import annotations

import codecs

from orchestr8.core.errors import Diagnostic
from orchestr8.core.span import Span

MAX_BYTES = 64 * 1024 * 1024
_MARKS = ((codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"), (codecs.BOM_UTF8, "utf-8-sig"))


def decode(data: bytes, file: str) -> tuple[str, Diagnostic | None]:
    """Return the text of a file in UTF-8 or, with a byte order mark, UTF-16; or what is wrong with it."""
    if len(data) > MAX_BYTES:
        message = f"the file has {len(data) >> 20} MiB; the limit is {MAX_BYTES >> 20} MiB"
        return "", Diagnostic("O8-1005", message, Span(file, 1, 1))
    encoding = next((name for mark, name in _MARKS if data.startswith(mark)), "utf-8")
    try:
        return data.decode(encoding), None
    except UnicodeDecodeError as error:
        return "", _undecodable(data, error, file)


def _undecodable(data: bytes, error: UnicodeDecodeError, file: str) -> Diagnostic:
    before = data[: error.start]
    line = before.count(b"\n") + 1
    column = len(before.rpartition(b"\n")[2].decode("utf-8", "replace")) + 1
    message = f"the byte 0x{data[error.start]:02x} is not valid {error.encoding.upper()}"
    return Diagnostic("O8-1002", message, Span(file, line, column), "save the file as UTF-8")
