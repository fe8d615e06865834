"""Tests of values: there or not, true or not, parts of each other."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any

from orchestr8.template.filters.values import to_bool
from orchestr8.template.guard import takes_missing
from orchestr8.template.undefined import Failed, Missing


@takes_missing
def defined(value: Any) -> bool:
    """Whether the value exists."""
    if isinstance(value, Failed):
        value.o8_trip()
    return not isinstance(value, Missing)


@takes_missing
def undefined(value: Any) -> bool:
    """Whether the value does not exist."""
    return not defined(value)


def truthy(value: Any, convert_bool: bool = False) -> bool:  # noqa: FBT001, FBT002
    """Whether the value counts as true; texts such as "no" by their meaning when asked."""
    if (
        convert_bool
        and isinstance(value, (str, int))
        and str(value).lower() in ("yes", "no", "on", "off", "true", "false", "1", "0")
    ):
        return bool(to_bool(value))
    return bool(value)


def falsy(value: Any, convert_bool: bool = False) -> bool:  # noqa: FBT001, FBT002
    """Whether the value counts as false."""
    return not truthy(value, convert_bool)


def contains(container: Any, value: Any) -> bool:
    """Whether the container holds the value."""
    return value in container


def every(values: Iterable[Any]) -> bool:
    """Whether all values are true."""
    return all(values)


def some(values: Iterable[Any]) -> bool:
    """Whether a value is true."""
    return any(values)


def subset(part: Any, whole: Any) -> bool:
    """Whether everything in one list is in the other."""
    held = list(whole)
    return all(each in held for each in part)


def superset(whole: Any, part: Any) -> bool:
    """Whether one list has everything that is in the other."""
    return subset(part, whole)


def nan(value: Any) -> bool:
    """Whether the value is not a number."""
    try:
        return math.isnan(float(value))
    except (OverflowError, TypeError, ValueError):
        return False


NAMES = {
    "defined": defined,
    "undefined": undefined,
    "truthy": truthy,
    "falsy": falsy,
    "contains": contains,
    "all": every,
    "any": some,
    "subset": subset,
    "issubset": subset,
    "superset": superset,
    "issuperset": superset,
    "nan": nan,
    "isnan": nan,
}
