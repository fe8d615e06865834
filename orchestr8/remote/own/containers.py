"""`ansible.module_utils.common.collections`: what kind of container something is."""

from collections.abc import (
    Container,
    Hashable,
    ItemsView,
    Iterable,
    Iterator,
    KeysView,
    Mapping,
    MappingView,
    MutableMapping,
    MutableSequence,
    MutableSet,
    Sequence,
    Sized,
    ValuesView,
)
from collections.abc import Set as AbstractSet
from typing import Any, Dict

Set = AbstractSet


class ImmutableDict(Mapping, Hashable):  # type: ignore[type-arg]
    """A mapping that cannot change."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self._store: Dict[Any, Any] = dict(*args, **kwargs)

    def __getitem__(self, key: Any) -> Any:
        return self._store[key]

    def __iter__(self) -> Any:
        return iter(self._store)

    def __len__(self) -> int:
        return len(self._store)

    def __hash__(self) -> int:
        return hash(frozenset(self._store.items()))

    def union(self, other: Any) -> "ImmutableDict":
        """Return a mapping of both; the other's values count."""
        return ImmutableDict(dict(self._store, **dict(other)))

    def difference(self, keys: Any) -> "ImmutableDict":
        """Return a mapping without some keys."""
        gone = set(keys)
        return ImmutableDict({key: value for key, value in self._store.items() if key not in gone})


def is_string(value: Any) -> bool:
    """Return whether a value is text or bytes."""
    return isinstance(value, (str, bytes))


def is_iterable(value: Any, include_strings: bool = False) -> bool:
    """Return whether a value can be gone through; texts only when they are included."""
    return isinstance(value, Iterable) and (include_strings or not is_string(value))


def is_sequence(value: Any, include_strings: bool = False) -> bool:
    """Return whether a value is a sequence; texts only when they are included."""
    return isinstance(value, Sequence) and (include_strings or not is_string(value))


def count(seq: Any) -> Dict[Any, int]:
    """Return how often each value occurs."""
    if not is_iterable(seq):
        raise Exception("Argument provided  is not an iterable")
    found: Dict[Any, int] = {}
    for each in seq:
        found[each] = found.get(each, 0) + 1
    return found


__all__ = [
    "Container",
    "Hashable",
    "ImmutableDict",
    "ItemsView",
    "Iterable",
    "Iterator",
    "KeysView",
    "Mapping",
    "MappingView",
    "MutableMapping",
    "MutableSequence",
    "MutableSet",
    "Sequence",
    "Set",
    "Sized",
    "ValuesView",
    "count",
    "is_iterable",
    "is_sequence",
    "is_string",
]
