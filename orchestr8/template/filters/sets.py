"""Filters for lists as sets and sequences."""

from __future__ import annotations

import itertools
from collections.abc import Iterable
from typing import Any

from jinja2 import pass_environment
from jinja2.filters import do_max, do_min, do_unique


def _distinct(items: Iterable[Any]) -> list[Any]:
    found: list[Any] = []
    seen: set[Any] = set()
    for item in items:
        try:
            new = item not in seen
            seen.add(item)
        except TypeError:
            new = item not in found
        if new:
            found.append(item)
    return found


@pass_environment
def unique(environment: Any, a: Any, case_sensitive: Any = None, attribute: Any = None) -> list[Any]:
    """Return the items without repetition, in order; by default "A" is "a", unless there are lists."""
    items = list(a)
    try:
        return list(do_unique(environment, items, bool(case_sensitive), attribute))
    except TypeError:
        if case_sensitive is False or attribute:
            raise
        return _distinct(items)


def union(a: Any, b: Any) -> list[Any]:
    """Return what is in one list or the other."""
    return _distinct([*a, *b])


def intersect(a: Any, b: Any) -> list[Any]:
    """Return what is in both lists."""
    other = list(b)
    return _distinct(each for each in a if each in other)


def difference(a: Any, b: Any) -> list[Any]:
    """Return what is in the first list only."""
    other = list(b)
    return _distinct(each for each in a if each not in other)


def symmetric_difference(a: Any, b: Any) -> list[Any]:
    """Return what is in exactly one of the lists."""
    return union(difference(a, b), difference(b, a))


def flatten(mylist: Any, levels: int | None = None, skip_nulls: bool = True) -> list[Any]:  # noqa: FBT001, FBT002
    """Return nested lists as one, down to a number of levels."""
    flat: list[Any] = []
    for each in mylist:
        if skip_nulls and each in (None, "None", "null"):
            continue
        if isinstance(each, (list, tuple)) and (levels is None or levels >= 1):
            flat.extend(flatten(each, None if levels is None else levels - 1, skip_nulls))
        else:
            flat.append(each)
    return flat


@pass_environment
def smallest(environment: Any, a: Any, **options: Any) -> Any:
    """Return the smallest item."""
    return do_min(environment, a, **options)


@pass_environment
def largest(environment: Any, a: Any, **options: Any) -> Any:
    """Return the largest item."""
    return do_max(environment, a, **options)


NAMES: dict[str, Any] = {
    "unique": unique,
    "union": union,
    "intersect": intersect,
    "difference": difference,
    "symmetric_difference": symmetric_difference,
    "flatten": flatten,
    "zip": lambda *lists: list(zip(*lists, strict=False)),
    "zip_longest": lambda *lists, fillvalue=None: list(itertools.zip_longest(*lists, fillvalue=fillvalue)),
    "product": lambda *lists, repeat=1: list(itertools.product(*lists, repeat=repeat)),
    "permutations": lambda items, r=None: list(itertools.permutations(items, r)),
    "combinations": lambda items, r: list(itertools.combinations(items, r)),
    "min": smallest,
    "max": largest,
}
