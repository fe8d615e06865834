"""Durations on the command line."""

from __future__ import annotations

import re

from orchestr8.core.errors import Diagnostic, InvalidInput

_UNITS = {"": 1.0, "s": 1.0, "m": 60.0, "h": 3600.0}


def seconds(text: str) -> float:
    """Return a duration such as `45s`, `5m` or `1h` in seconds; raise InvalidInput."""
    found = re.fullmatch(r"(\d{1,6}(?:\.\d{1,3})?)(s|m|h|)", text.strip(), re.ASCII)
    if found is None:
        hint = "a number and a unit: 45s, 5m, 1h"
        raise InvalidInput(Diagnostic("O8-1708", f"`{text}` is no duration", hint=hint))
    return float(found[1]) * _UNITS[found[2]]
