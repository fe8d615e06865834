"""Filters for numbers."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any


def log(x: Any, base: float = math.e) -> float:
    """Return a logarithm."""
    return math.log10(x) if base == 10 else math.log(x, base)


def root(x: Any, base: float = 2) -> float:
    """Return a root."""
    if base == 2:
        return math.sqrt(x)
    return float(math.pow(x, 1.0 / float(base)))


def _numeric(function: Callable[..., float], name: str) -> Callable[..., float]:
    def call(*args: Any, **kwargs: Any) -> float:
        try:
            return function(*args, **kwargs)
        except TypeError as failure:
            raise TypeError(f"{name}() can only be used on numbers: {failure}") from None

    return call


NAMES: dict[str, Any] = {
    "log": _numeric(log, "log"),
    "pow": _numeric(math.pow, "pow"),
    "root": _numeric(root, "root"),
}
