"""`keyed_groups` of the inventory plugin `constructed`: group names from a variable's value."""

from __future__ import annotations

from collections.abc import Iterator
from collections.abc import Mapping as Map
from dataclasses import dataclass
from typing import Any, Self


class Keyed(Exception):
    """A key gives no group name; `always` tells whether that is wrong without `strict` too."""

    def __init__(self, message: str, *, always: bool) -> None:
        super().__init__(message)
        self.always = always


@dataclass(frozen=True, slots=True)
class KeyedGroups:
    """One entry: names are prefix, separator and what the key's value says."""

    key: Any
    prefix: str = ""
    separator: str = "_"
    parent: Any = None
    default: str | None = None
    trailing: bool | None = None
    leading: bool = True

    @classmethod
    def of(cls, entry: Map[str, Any], *, leading: bool) -> Self:
        """Return an entry as it is written."""
        return cls(
            entry.get("key"),
            str(entry.get("prefix", "")),
            str(entry.get("separator", "_")),
            entry.get("parent_group"),
            entry.get("default_value"),
            entry.get("trailing_separator"),
            leading,
        )

    def names(self, value: Any) -> list[str]:
        """Return the group names for a value; raise Keyed for one that gives none."""
        if self.trailing is not None and self.default is not None:
            message = "parameters are mutually exclusive for keyed groups: default_value|trailing_separator"
            raise Keyed(message, always=True)
        if not value and not (self.default is not None and value in ("", None)):
            if value in ([], {}):
                return []
            raise Keyed("No key or key resulted empty", always=False)
        separator = self.separator if self.prefix or self.leading else ""
        return [f"{self.prefix}{separator}{bare}" for bare in self._bare(value)]

    def _bare(self, value: Any) -> Iterator[Any]:
        if not value:
            yield self.default
        elif isinstance(value, str):
            yield value
        elif isinstance(value, list):
            yield from (self._or_default(each) for each in value)
        elif isinstance(value, Map):
            yield from (self._pair(name, each) for name, each in value.items())
        else:
            wanted = "expected a string or a list of them or dictionary"
            raise Keyed(f"Invalid group name format, {wanted}, got: {type(value)}", always=True)

    def _or_default(self, value: Any) -> Any:
        return self.default if self.default is not None and value in ("", None) else value

    def _pair(self, name: Any, value: Any) -> str:
        if value in ("", None) and self.default is None and self.trailing is False:
            return str(name)
        return f"{name}{self.separator}{self._or_default(value)}"
