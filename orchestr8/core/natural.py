"""The order in which people count: web2 before web10."""

from __future__ import annotations

import re

_DIGITS = re.compile(r"([0-9]+)")


def natural(text: str) -> tuple[tuple[bool, int, str], ...]:
    """Return a sort key in which runs of digits count as numbers."""
    parts = (part for part in _DIGITS.split(text) if part)
    return tuple((True, int(part), "") if part[0] in "0123456789" else (False, 0, part) for part in parts)
