"""Filters of community.general for lists: sets that keep their order, sums, counts, merges."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import reduce
from itertools import accumulate as sums
from typing import Any

from orchestr8.template.filters.mappings import combine
from orchestr8.template.filters.sets import difference, intersect, symmetric_difference, union
from orchestr8.template.tests.versions import Loose

_LEAST_TERMS = 2


def _is_list(value: Any) -> bool:
    return isinstance(value, (list, tuple))


def _opened(lists: Iterable[Any]) -> list[Any]:
    """Return lists, those that are in a list of lists one by one; empty ones are left out."""
    found: list[Any] = []
    for each in lists:
        if not _is_list(each):
            raise TypeError(f"All arguments must be lists. {each} is {type(each)}")
        if each:
            found += each if all(map(_is_list, each)) else [each]
    return found


def _folded(step: Callable[[list[Any], list[Any]], list[Any]]) -> Callable[..., list[Any]]:
    """Return a filter that takes any number of lists; `flatten` opens lists of lists."""

    def fold(*lists: Any, flatten: bool = False) -> list[Any]:
        opened = _opened(lists)
        given: list[list[Any]] = [list(each) for each in (opened if flatten else lists)]
        return reduce(step, given) if given else []

    return fold


def lists_mergeby(*terms: Any, recursive: bool = False, list_merge: str = "replace") -> list[Any]:
    """Return lists of dicts merged by the attribute that the last term names, sorted by it."""
    if len(terms) < _LEAST_TERMS:
        raise TypeError("At least one list and index are needed.")
    lists, index = _opened(terms[:-1]), terms[-1]
    if len(lists) < _LEAST_TERMS:
        return list(lists[0]) if lists else []
    if not isinstance(index, str):
        raise TypeError(f"First argument after the lists must be string. {index} is {type(index)}")
    merged: dict[Any, dict[Any, Any]] = {}
    for each in (item for items in lists for item in items):
        if not isinstance(each, Mapping):
            raise TypeError(f"Elements of list arguments must be dictionaries. {each} is {type(each)}")
        if index in each:
            below = merged.get(each[index], {})
            merged[each[index]] = combine(below, each, recursive=recursive, list_merge=list_merge)
    return sorted(merged.values(), key=lambda each: each[index])


def accumulate(sequence: Any) -> list[Any]:
    """Return the sums of a list's first items: of one, of two, and so on."""
    if not isinstance(sequence, Sequence):
        raise TypeError(f"Invalid value type ({type(sequence)}) for accumulate ({sequence!r})")
    return list(sums(sequence))


def counter(sequence: Any) -> dict[Any, int]:
    """Return how often each item occurs."""
    if not isinstance(sequence, Sequence):
        raise TypeError(f"Argument must be a sequence (string or list). {sequence} is {type(sequence)}")
    try:
        return dict(Counter(sequence))
    except TypeError as failure:
        raise TypeError(f"needs a sequence with hashable elements (int, float or str) - {failure}") from None


def groupby_as_dict(sequence: Any, attribute: Any) -> dict[Any, Any]:
    """Return dicts by their value of an attribute, which no two may share."""
    if not isinstance(sequence, Sequence):
        raise TypeError("Input is not a sequence")
    result: dict[Any, Any] = {}
    for number, each in enumerate(sequence):
        if not isinstance(each, Mapping):
            raise TypeError(f"Sequence element #{number} is not a mapping")
        if attribute not in each:
            raise ValueError(f"Attribute not contained in element #{number} of sequence")
        if each[attribute] in result:
            raise ValueError(f"Multiple sequence entries have attribute value {each[attribute]!r}")
        result[each[attribute]] = each
    return result


def version_sort(value: Any, reverse: bool = False) -> list[Any]:  # noqa: FBT001, FBT002
    """Return texts sorted as versions, so that 2.9 comes before 2.10."""
    return sorted(value, key=lambda each: Loose(str(each)), reverse=reverse)


NAMES: dict[str, Callable[..., Any]] = {
    "accumulate": accumulate,
    "counter": counter,
    "groupby_as_dict": groupby_as_dict,
    "lists_difference": _folded(difference),
    "lists_intersect": _folded(intersect),
    "lists_mergeby": lists_mergeby,
    "lists_symmetric_difference": _folded(symmetric_difference),
    "lists_union": _folded(union),
    "version_sort": version_sort,
}
