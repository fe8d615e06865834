"""Puts hosts and groups of several sources together, and collects what is wrong with them."""

from __future__ import annotations

from collections.abc import Mapping as Map
from typing import Any

from orchestr8.core.errors import Diagnostic
from orchestr8.core.span import Mapping, Span
from orchestr8.inventory.model import Group, Host, put
from orchestr8.inventory.names import BadName, check_name, expand, split_port

SYNTAX = "O8-1501"
NAME = "O8-1502"
CYCLE = "O8-1503"
UNKNOWN_GROUP = "O8-1504"
SCRIPT = "O8-1505"
SOURCE = "O8-1506"
PATTERN = "O8-1507"
_SHOWN = 10


class Builder:
    """A graph of groups and hosts in the making."""

    def __init__(self) -> None:
        self.hosts: dict[str, Host] = {}
        self.groups: dict[str, Group] = {"all": Group("all"), "ungrouped": Group("ungrouped")}
        self.problems: list[Diagnostic] = []
        self._nested: dict[tuple[str, str], Span | None] = {}

    def error(self, code: str, message: str, span: Span | None, hint: str | None = None) -> None:
        """Note a mistake."""
        self.problems.append(Diagnostic(code, message, span, hint))

    def warn(self, code: str, message: str, span: Span | None, hint: str | None = None) -> None:
        """Note something odd."""
        self.problems.append(Diagnostic(code, message, span, hint, severity="warning"))

    def group(self, name: str, span: Span | None = None) -> Group | None:
        """Return a group, made if need be; None when the name is wrong."""
        if name in self.groups:
            return self.groups[name]
        try:
            made = Group(check_name(name), span)
        except BadName as failure:
            self.error(NAME, str(failure), span)
            return None
        self.groups[name] = made
        return made

    def hosts_of(self, pattern: str, span: Span | None) -> list[Host]:
        """Return the hosts a pattern with ranges and port stands for, made if need be."""
        try:
            bare, port = split_port(pattern)
            names = expand(bare)
        except BadName as failure:
            self.error(NAME, str(failure), span)
            return []
        found = [self._host(name, span) for name in names]
        if port is not None:
            for host in found:
                put(host.vars, "ansible_port", port, span)
        return found

    def _host(self, name: str, span: Span | None) -> Host:
        host = self.hosts.get(name)
        if host is None:
            host = self.hosts[name] = Host(name, span)
        return host

    def join(self, group: Group, host: Host) -> None:
        """Put a host into a group."""
        group.hosts[host.name] = host
        host.groups[group.name] = group

    def nest(self, parent: Group, child: Group, span: Span | None) -> None:
        """Put a group into another; circles are found in the end."""
        parent.children[child.name] = child
        child.parents[parent.name] = parent
        self._nested.setdefault((parent.name, child.name), span)

    def set_vars(self, owner: Group | Host, values: Map[str, Any]) -> None:
        """Set variables with their places."""
        spans = values.key_spans if isinstance(values, Mapping) else {}
        for name, value in values.items():
            put(owner.vars, str(name), value, spans.get(name))

    def finish(self) -> None:
        """Settle what belongs to `all` and `ungrouped`, depths and priorities."""
        everything, ungrouped = self.groups["all"], self.groups["ungrouped"]
        self._top_level(everything)
        for host in self.hosts.values():
            others = host.groups.keys() - {"all", "ungrouped"}
            if others:
                ungrouped.hosts.pop(host.name, None)
                host.groups.pop("ungrouped", None)
            else:
                self.join(ungrouped, host)
        self._refuse_circles(set_depths(list(self.groups.values())))
        for group in self.groups.values():
            group.priority = _priority(group)

    def _refuse_circles(self, left: dict[str, Group]) -> None:
        while left:
            chain, group = [next(iter(left.values()))], next(iter(left.values()))
            while (group := next(each for each in group.parents.values() if each.name in left)) not in chain:
                chain.append(group)
            circle = [group, *reversed(chain[chain.index(group) + 1 :]), group]
            shown = [each.name for each in circle]
            names = " → ".join(shown if len(shown) <= _SHOWN else [*shown[: _SHOWN - 1], "…", shown[-1]])
            span = self._nested.get((circle[-2].name, group.name))
            self.error(CYCLE, f"the group `{group.name}` would contain itself: {names}", span)
            left = {name: each for name, each in left.items() if each not in circle}
            left = {} if not any(_within(each, left) for each in left.values()) else left

    def _top_level(self, everything: Group) -> None:
        everything.children = {"ungrouped": self.groups["ungrouped"]} | everything.children
        self.groups["ungrouped"].parents["all"] = everything
        for group in self.groups.values():
            if group is not everything and not group.parents:
                everything.children[group.name] = group
                group.parents["all"] = everything


def _within(group: Group, left: dict[str, Group]) -> bool:
    return any(name in left for name in group.parents)


def set_depths(groups: list[Group]) -> dict[str, Group]:
    """Set each group's depth, the longest way down to it; return the groups that are in or below a circle."""
    waiting = {group.name: len(group.parents) for group in groups}
    left = {group.name: group for group in groups}
    ready = [group for group in groups if not group.parents]
    for group in ready:
        group.depth = 0
    while ready:
        group = ready.pop()
        del left[group.name]
        for child in group.children.values():
            child.depth = max(child.depth, group.depth + 1)
            waiting[child.name] -= 1
            if waiting[child.name] == 0:
                ready.append(child)
    return left


def _priority(group: Group) -> int:
    try:
        return int(group.vars.get("ansible_group_priority", 1))
    except (TypeError, ValueError):
        return 1
