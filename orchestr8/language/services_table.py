"""Reads a mapping by a table of keys: unknown ones, ones for later, and values each by its reader."""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Mapping as Map
from typing import Any

from orchestr8.language.services_node import Node, Unreadable

Readers = Map[str, Callable[[Node], Any]]


def read_table(node: Node, what: str, readers: Readers, later: Map[str, str] | None = None) -> dict[str, Any]:
    """Return the values of the keys that could be read; everything else is noted."""
    later = later or {}
    found: dict[str, Any] = {}
    try:
        node.mapping()
    except Unreadable:
        return found
    for key, child in node.fields():
        if key.startswith("x-"):
            continue
        if key in later:
            node.later(key, later[key])
        elif key not in readers:
            node.unknown_key(key, (*readers, *later), what)
        elif child.value is not None:
            value = _value(child, readers[key])
            found.update({} if value is _NOTHING else {key: value})
    return found


_NOTHING = object()


def _value(child: Node, reader: Callable[[Node], Any]) -> Any:
    try:
        return reader(child)
    except Unreadable:
        return _NOTHING
