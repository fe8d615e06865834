"""Where inside a file a line and column of a template stand."""

from __future__ import annotations

import linecache

from orchestr8.core.span import Span, span_of


def place_in(text: str, line: int, column: int = 1, width: int = 1) -> Span | None:
    """Return the place in its file of line and column (from 1) of a template's text.

    A template of several lines may be a block scalar, whose lines start below its indicator, or a quoted
    or plain scalar; the source line tells which. Without a place of the text itself the result is None.
    """
    start = span_of(text)
    if start is None:
        return None
    head = linecache.getline(start.file, start.line)[start.column - 1 :]
    if head[:1] in ("|", ">"):
        first = start.line + 1
        return Span(start.file, first + line - 1, _indent(start.file, first) + column, width)
    if line > 1:
        return Span(start.file, start.line + line - 1, column, width)
    quote = 1 if head[:1] in ("'", '"') else 0
    return Span(start.file, start.line, start.column + quote + column - 1, width)


def _indent(file: str, line: int) -> int:
    for number in range(line, line + 100):
        content = linecache.getline(file, number)
        if content.strip():
            return len(content) - len(content.lstrip(" "))
    return 0
