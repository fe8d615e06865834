"""The same work on many things at once, in threads that end with it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")


def together(work: Callable[[Item], Result], items: Iterable[Item], most: int) -> list[Result]:
    """Return what `work` gives for each item, in their order; the first error is raised when all ended."""
    todo = list(items)
    if len(todo) <= 1:
        return [work(item) for item in todo]
    with ThreadPoolExecutor(min(most, len(todo)), thread_name_prefix="services") as pool:
        return list(pool.map(work, todo))
