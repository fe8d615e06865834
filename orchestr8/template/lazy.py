"""Containers that render an entry when somebody looks at it, and are otherwise a dict or a list."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, Protocol, Self, SupportsIndex

from orchestr8.core.span import Mapping, Sequence, Text
from orchestr8.core.vaulted import Vaulted

RAW = frozenset((Text, dict, list, tuple, Mapping, Sequence, Vaulted))


class Resolver(Protocol):
    """Renders one raw value in the scope it belongs to."""

    def resolve(self, raw: Any, name: str = "") -> Any:
        """Return the value of `raw`; `name` says what is being rendered."""
        ...


class LazyDict(dict[Any, Any]):
    """A dict of raw values; each is rendered once, when looked at."""

    __slots__ = ("_resolver", "_source")

    def __init__(self, raw: dict[Any, Any], resolver: Resolver) -> None:
        dict.__init__(self, raw)
        self._resolver = resolver
        self._source = raw

    def _entry(self, key: Any, value: Any) -> Any:
        if type(value) in RAW:
            value = self._resolver.resolve(value, str(key))
            dict.__setitem__(self, key, value)
        return value

    def __getitem__(self, key: Any) -> Any:
        return self._entry(key, dict.__getitem__(self, key))

    def get(self, key: Any, default: Any = None) -> Any:
        """Return the rendered value of a key, or `default`."""
        return self[key] if key in self else default  # noqa: SIM401

    def pop(self, key: Any, *default: Any) -> Any:
        """Take a rendered value out."""
        if key not in self:
            return dict.pop(self, key, *default)
        value = self[key]
        dict.__delitem__(self, key)
        return value

    def setdefault(self, key: Any, default: Any = None) -> Any:
        """Return the rendered value of a key, setting it first if need be."""
        if key not in self:
            self[key] = default
        return self[key]

    def __iter__(self) -> Iterator[Any]:
        return iter(list(dict.keys(self)))

    def items(self) -> Any:
        """Return the rendered entries."""
        return {key: self[key] for key in self}.items()

    def values(self) -> Any:
        """Return the rendered values."""
        return {key: self[key] for key in self}.values()

    def copy(self) -> dict[Any, Any]:
        """Return a dict of the rendered values."""
        return {key: self[key] for key in self}

    def __eq__(self, other: object) -> bool:
        return isinstance(other, dict) and self.copy() == _eager(other)

    def __ne__(self, other: object) -> bool:
        return not self == other

    __hash__ = None

    def __or__(self, other: Any) -> Any:
        return self.copy() | _eager(other)

    def __ror__(self, other: Any) -> Any:
        return _eager(other) | self.copy()

    def __repr__(self) -> str:
        return repr(self.copy())

    __str__ = __repr__


class LazyList(list[Any]):
    """A list of raw values; each is rendered once, when looked at."""

    __slots__ = ("_resolver",)

    def __init__(self, raw: Iterable[Any], resolver: Resolver) -> None:
        list.__init__(self, raw)
        self._resolver = resolver

    def _entry(self, index: SupportsIndex, value: Any) -> Any:
        if type(value) in RAW:
            value = self._resolver.resolve(value, f"[{index}]")
            list.__setitem__(self, index, value)
        return value

    def __getitem__(self, index: Any) -> Any:
        value = list.__getitem__(self, index)
        if isinstance(index, slice):
            return LazyList(value, self._resolver)
        return self._entry(index, value)

    def __iter__(self) -> Iterator[Any]:
        index = 0
        while index < len(self):
            yield self[index]
            index += 1

    def __reversed__(self) -> Iterator[Any]:
        return iter(list(self)[::-1])

    def pop(self, index: SupportsIndex = -1) -> Any:
        """Take a rendered item out."""
        value = self[index]
        list.__delitem__(self, index)
        return value

    def copy(self) -> list[Any]:
        """Return a list of the rendered items."""
        return list(self)

    def index(self, value: Any, *bounds: Any) -> int:
        """Return where a value stands."""
        return list(self).index(value, *bounds)

    def count(self, value: Any) -> int:
        """Return how often a value occurs."""
        return list(self).count(value)

    def __contains__(self, value: object) -> bool:
        return any(item is value or item == value for item in self)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, list) and list(self) == _eager(other)

    def __ne__(self, other: object) -> bool:
        return not self == other

    __hash__ = None

    def __lt__(self, other: Any) -> bool:
        return list(self) < list(other)

    def __add__(self, other: Any) -> Any:
        return list(self) + list(other)

    def __radd__(self, other: Any) -> Any:
        return list(other) + list(self)

    def __iadd__(self, other: Iterable[Any]) -> Self:  # type: ignore[misc]
        self.extend(other)
        return self

    def __mul__(self, times: SupportsIndex) -> list[Any]:
        return list(self) * times

    def __repr__(self) -> str:
        return repr(list(self))

    __str__ = __repr__


def _eager(value: Any) -> Any:
    return value.copy() if isinstance(value, (LazyDict, LazyList)) else value


def source_of(value: object) -> object:
    """Return what a lazy dict was made from, else the value itself."""
    return value._source if isinstance(value, LazyDict) else value  # noqa: SLF001


def type_name(value: object) -> str:
    """Return what a value's type is called: as playbooks know it, not as it is kept."""
    known: dict[type, str] = {LazyDict: "dict", LazyList: "list", Mapping: "dict", Sequence: "list"}
    return "str" if isinstance(value, str) else known.get(type(value), type(value).__name__)
