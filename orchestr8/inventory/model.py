"""Hosts and groups."""

from __future__ import annotations

from typing import Any

from orchestr8.core.span import Mapping, Span


class Group:
    """A named set of hosts and groups with variables; `hosts` are its own, in order of their mention."""

    __slots__ = ("children", "depth", "hosts", "name", "parents", "priority", "span", "vars")

    def __init__(self, name: str, span: Span | None = None) -> None:
        self.name = name
        self.span = span
        self.hosts: dict[str, Host] = {}
        self.children: dict[str, Group] = {}
        self.parents: dict[str, Group] = {}
        self.vars = Mapping()
        self.depth = 0 if name == "all" else 1
        self.priority = 1

    def __repr__(self) -> str:
        return self.name

    def below(self) -> list[Group]:
        """Return the group and every group in it, level by level."""
        seen: dict[str, Group] = {self.name: self}
        level: list[Group] = [self]
        while level:
            level = [child for group in level for child in group.children.values() if child.name not in seen]
            seen.update({group.name: group for group in level})
            level = list({group.name: group for group in level}.values())
        return list(seen.values())

    def members(self) -> list[Host]:
        """Return every host in the group or below, in order, each once."""
        found: dict[str, Host] = {}
        for group in self.below():
            for name, host in group.hosts.items():
                found.setdefault(name, host)
        return list(found.values())

    def above(self) -> dict[str, Group]:
        """Return the group and every group it is in."""
        found: dict[str, Group] = {self.name: self}
        waiting = list(self.parents.values())
        while waiting:
            group = waiting.pop()
            if group.name not in found:
                found[group.name] = group
                waiting.extend(group.parents.values())
        return found


class Host:
    """A host: its name, variables of its own and the groups it is directly in."""

    __slots__ = ("groups", "implicit", "name", "source", "span", "vars")

    def __init__(self, name: str, span: Span | None = None, *, implicit: bool = False) -> None:
        self.name = name
        self.span = span
        self.source = ""
        self.implicit = implicit
        self.groups: dict[str, Group] = {}
        self.vars = Mapping()

    def __repr__(self) -> str:
        return self.name

    def __lt__(self, other: Host) -> bool:
        return self.name < other.name


def put(variables: Mapping, name: str, value: Any, span: Span | None) -> None:
    """Set a variable together with its place."""
    variables[name] = value
    if span is not None:
        variables.key_spans[name] = span
        variables.value_spans[name] = span
