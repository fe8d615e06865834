"""Where inside a file a line and column of a template stand."""

from __future__ import annotations

from orchestr8.core.span import Span, span_of


def place_in(text: str, line: int, column: int = 1, width: int = 1) -> Span | None:
    """Return the place in its file of line and column (from 1) of a template's text.

    A text's own place is where its first character stands, after a quote or below a block's indicator.
    Without a place of the text itself the result is None.
    """
    start = span_of(text)
    return start.at(line - 1, column - 1, width) if start else None
