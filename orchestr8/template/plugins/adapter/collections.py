"""`ansible.module_utils.common.collections`: what kind of container something is."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping, MutableMapping, MutableSequence, Sequence
from collections.abc import Set as AbstractSet
from typing import Any

Set = AbstractSet


class ImmutableDict(Mapping[Any, Any], Hashable):
    """A mapping that cannot change."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self._store: dict[Any, Any] = dict(*args, **kwargs)

    def __getitem__(self, key: Any) -> Any:
        return self._store[key]

    def __iter__(self) -> Any:
        return iter(self._store)

    def __len__(self) -> int:
        return len(self._store)

    def __hash__(self) -> int:
        return hash(frozenset(self._store.items()))


def is_string(value: Any) -> bool:
    """Return whether a value is text or bytes."""
    return isinstance(value, (str, bytes))


def is_iterable(value: Any, include_strings: bool = False) -> bool:
    """Return whether a value can be gone through; texts only when they are included."""
    return isinstance(value, Iterable) and (include_strings or not is_string(value))


def is_sequence(value: Any, include_strings: bool = False) -> bool:
    """Return whether a value is a sequence; texts only when they are included."""
    return isinstance(value, Sequence) and (include_strings or not is_string(value))


__all__ = [
    "Hashable",
    "ImmutableDict",
    "Iterable",
    "Mapping",
    "MutableMapping",
    "MutableSequence",
    "Sequence",
    "Set",
    "is_iterable",
    "is_sequence",
    "is_string",
]
