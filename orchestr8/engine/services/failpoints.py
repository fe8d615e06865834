"""Names of the moments at which a controller may die; tests kill it at each of them."""

from __future__ import annotations

from collections.abc import Callable

At = Callable[[str], None]
"""Told a moment's name: a step and `before` or `after`, such as `create.before`."""


def nowhere(moment: str) -> None:
    """Let every moment pass."""
    del moment
