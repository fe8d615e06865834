"""Rows of text in columns, and times as people say them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

_UNITS = ((86400, "d"), (3600, "h"), (60, "m"))


def columns(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    """Return a heading and the rows, aligned; columns without any text are left out."""
    body = [list(row) for row in rows]
    used = [n for n in range(len(heads)) if any(row[n] for row in body)]
    table = [[line[n] for n in used] for line in (list(heads), *body)] if body else []
    widths = [max(len(line[n]) for line in table) for n in range(len(used))] if table else []
    return [
        "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip()
        for line in table
    ]


def age(moment: str, now: datetime) -> str:
    """Return how long ago an ISO date was, in its greatest unit: `9 d`; nothing when it is no date."""
    try:
        then = datetime.fromisoformat(moment)
    except ValueError:
        return ""
    seconds = max(0, int((now - (then if then.tzinfo else then.replace(tzinfo=now.tzinfo))).total_seconds()))
    return next((f"{seconds // size} {unit}" for size, unit in _UNITS if seconds >= size), f"{seconds} s")
