"""Filters for numbers."""

from __future__ import annotations

import math
from typing import Any


def log(x: Any, base: float = math.e) -> float:
    """Return a logarithm."""
    return math.log10(x) if base == 10 else math.log(x, base)


def root(x: Any, base: float = 2) -> float:
    """Return a root."""
    if base == 2:
        return math.sqrt(x)
    return float(math.pow(x, 1.0 / float(base)))


NAMES: dict[str, Any] = {"log": log, "pow": math.pow, "root": root}
