"""Inventories in TOML form: a table for each group, with `hosts`, `children` and `vars`."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping as Map
from typing import Any

from orchestr8.core.span import Span
from orchestr8.core.suggest import did_you_mean
from orchestr8.inventory.builder import SYNTAX, Builder
from orchestr8.inventory.model import Group
from orchestr8.inventory.script import trusted

_SECTIONS = ("vars", "children", "hosts")


class TomlReader:
    """Reads one TOML inventory into a builder."""

    def __init__(self, builder: Builder, file: str) -> None:
        self._builder = builder
        self._span = Span(file, 1)

    def read(self, text: str) -> None:
        """Read the whole text."""
        try:
            values = tomllib.loads(text)
        except (tomllib.TOMLDecodeError, RecursionError) as failure:
            self._wrong(f"the file is no TOML: {failure}")
            return
        if not values:
            self._wrong("the inventory is empty")
        for name, content in values.items():
            self._group(name, content)

    def _wrong(self, message: str) -> None:
        self._builder.error(SYNTAX, message, self._span)

    def _group(self, name: str, content: Any) -> None:
        if not isinstance(content, Map):
            self._builder.warn(SYNTAX, f"`{name}` is no table of a group", self._span)
            return
        group = self._builder.group(name, self._span)
        for key, section in content.items() if group else ():
            if key not in _SECTIONS:
                message = f"`{key}` is no part of a group; it has {', '.join(_SECTIONS)}"
                self._builder.warn(SYNTAX, message, self._span, did_you_mean(key, _SECTIONS))
            elif group is not None:
                self._section(group, key, section)

    def _section(self, group: Group, kind: str, section: Any) -> None:
        wanted: Any = list if kind == "children" else Map
        if not isinstance(section, wanted):
            self._wrong(f"`{kind}` of `{group.name}` has to be a {'list' if kind == 'children' else 'table'}")
        elif kind == "children":
            self._children(group, section)
        elif kind == "vars":
            self._builder.set_vars(group, trusted(dict(section), self._span))
        else:
            self._hosts(group, section)

    def _children(self, group: Group, names: list[Any]) -> None:
        for name in names:
            child = self._builder.group(str(name), self._span)
            if child is not None:
                self._builder.nest(group, child, self._span)

    def _hosts(self, group: Group, section: Map[str, Any]) -> None:
        for pattern, variables in section.items():
            if not isinstance(variables, Map):
                self._wrong(f"the variables of the host `{pattern}` have to be a table")
                continue
            for host in self._builder.hosts_of(pattern, self._span):
                self._builder.join(group, host)
                self._builder.set_vars(host, trusted(dict(variables), self._span))
