"""The order in which a play goes through its hosts."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

T = TypeVar("T")


def ordered(
    hosts: Sequence[T], how: str | None, name: Callable[[T], str], shuffle: Callable[[list[T]], None]
) -> list[T]:
    """Return the hosts in the order a play asks for."""
    result = list(hosts)
    if how == "reverse_inventory":
        result.reverse()
    elif how in ("sorted", "reverse_sorted"):
        result.sort(key=name, reverse=how == "reverse_sorted")
    elif how == "shuffle":
        shuffle(result)
    return result
