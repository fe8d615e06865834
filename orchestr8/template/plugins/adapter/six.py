"""`ansible.module_utils.six`: names of old plugins for what Python has itself."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

PY2, PY3 = False, True
string_types = (str,)
integer_types = (int,)
text_type = str
binary_type = bytes


def iteritems(mapping: Mapping[Any, Any]) -> Iterator[tuple[Any, Any]]:
    """Return the entries of a mapping."""
    return iter(mapping.items())


def itervalues(mapping: Mapping[Any, Any]) -> Iterator[Any]:
    """Return the values of a mapping."""
    return iter(mapping.values())


def iterkeys(mapping: Mapping[Any, Any]) -> Iterator[Any]:
    """Return the keys of a mapping."""
    return iter(mapping)
