"""Turns what templates give into plain values that are never rendered again."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from collections.abc import Set as AbstractSet
from types import GeneratorType
from typing import Any

from orchestr8.core.secret import Secret
from orchestr8.core.span import Text
from orchestr8.core.vaulted import Unvaulted
from orchestr8.template.analysis import is_template
from orchestr8.template.omit import OMIT

_ATOMS = frozenset((str, int, float, bool, type(None), bytes, Secret, Unvaulted))
_VIEWS: tuple[Any, ...] = (list, tuple, AbstractSet, Iterator, GeneratorType, range, type({}.values()))


def plain(value: Any) -> Any:
    """Return `value` without lazy containers, omitted entries removed; something missing in it raises."""
    kind = type(value)
    if kind in _ATOMS:
        return value
    if kind is Text:
        # What cannot be rendered again stays the user's own text, which conditions may be.
        return str(value) if is_template(value) else value
    if isinstance(value, Mapping):
        return {_key(key): plain(each) for key, each in value.items() if each is not OMIT}
    if isinstance(value, _VIEWS):
        return [plain(each) for each in value if each is not OMIT]
    return _other(value)


def _other(value: Any) -> Any:
    trip = getattr(value, "o8_trip", None)
    if trip is not None:
        trip()
    if isinstance(value, str):
        return str(value)
    return value


def _key(key: Any) -> Any:
    return str(key) if isinstance(key, str) and type(key) is not str else key


def as_text(value: Any) -> str:
    """Return how a value looks in the middle of a text."""
    if isinstance(value, str):
        return value
    if isinstance(value, bytes):
        return value.decode("utf-8", "surrogateescape")
    return str(plain(value)) if isinstance(value, (Mapping, list, tuple)) else str(value)
