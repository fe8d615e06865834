"""Puts hosts and groups of several sources together, and collects what is wrong with them."""

from __future__ import annotations

from collections.abc import Iterable
from collections.abc import Mapping as Map
from typing import Any

from orchestr8.core.errors import Diagnostic
from orchestr8.core.span import Mapping, Span
from orchestr8.inventory.model import Group, Host, put
from orchestr8.inventory.names import BadName, check_name, expand, split_port
from orchestr8.inventory.reading import Abandoned, Reading
from orchestr8.template.merging import over

SYNTAX = "O8-1501"
NAME = "O8-1502"
CYCLE = "O8-1503"
UNKNOWN_GROUP = "O8-1504"
SCRIPT = "O8-1505"
SOURCE = "O8-1506"
PATTERN = "O8-1507"
PLUGIN = "O8-1508"
_SHOWN = 10
_PRIORITY = "ansible_group_priority"


class Builder:
    """A graph of groups and hosts in the making."""

    def __init__(self, reading: Reading | None = None) -> None:
        self.reading = reading or Reading()
        self.source = ""
        self.hosts: dict[str, Host] = {}
        self.groups: dict[str, Group] = {"all": Group("all"), "ungrouped": Group("ungrouped")}
        self.problems: list[Diagnostic] = []
        self._nested: dict[tuple[str, str], Span | None] = {}

    def error(self, code: str, message: str, span: Span | None, hint: str | None = None) -> None:
        """Note a mistake; where wrong sources are passed over, give this one up."""
        problem = Diagnostic(code, message, span, hint)
        if not self.reading.refuse_any:
            raise Abandoned(problem)
        self.problems.append(problem)

    def odd(self, code: str, message: str, span: Span | None) -> None:
        """Note what Ansible passes over: a mistake, or a warning where wrong sources are passed over."""
        if self.reading.refuse_any:
            self.error(code, message, span)
        else:
            self.warn(code, message, span)

    def take(self, found: Iterable[Diagnostic]) -> None:
        """Take over what a reader of files found."""
        for each in found:
            if each.severity == "error" and not self.reading.refuse_any:
                raise Abandoned(each)
            self.problems.append(each)

    def warn(self, code: str, message: str, span: Span | None, hint: str | None = None) -> None:
        """Note something odd."""
        self.problems.append(Diagnostic(code, message, span, hint, severity="warning"))

    def group(self, name: str, span: Span | None = None) -> Group | None:
        """Return a group, made if need be; None when the name is wrong."""
        if name in self.groups:
            return self.groups[name]
        name, warning = self.reading.group_name(name)
        if warning and not any(known.message == warning for known in self.problems):
            self.warn(NAME, warning, span)
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
        return [self.host(name, span, port) for name in names]

    def host(self, name: str, span: Span | None, port: int | None = None) -> Host:
        """Return a host, made if need be; a port counts where the host is named first."""
        host = self.hosts.get(name)
        if host is None:
            host = self.hosts[name] = Host(name, span)
            host.source = self.source
            if port is not None:
                put(host.vars, "ansible_port", port, span)
        return host

    def join(self, group: Group, host: Host) -> None:
        """Put a host into a group."""
        group.hosts[host.name] = host
        host.groups[group.name] = group

    def nest(self, parent: Group, child: Group, span: Span | None) -> None:
        """Put a group into another; circles are found in the end, or at once where the source is given up."""
        if not self.reading.refuse_any and child.name in parent.above():
            what = f"Adding group '{child.name}' as child to '{parent.name}'"
            self.error(CYCLE, f"{what} creates a recursive dependency loop.", span)
        parent.children[child.name] = child
        child.parents[parent.name] = parent
        self._nested.setdefault((parent.name, child.name), span)

    def set_vars(self, owner: Group | Host, values: Map[str, Any]) -> None:
        """Set variables with their places."""
        spans = values.key_spans if isinstance(values, Mapping) else {}
        for name, value in values.items():
            self.set_var(owner, str(name), value, spans.get(name))

    def set_var(self, owner: Group | Host, name: str, value: Any, span: Span | None) -> None:
        """Set a variable; a group's priority is no variable but says which of two groups wins."""
        if name == _PRIORITY and isinstance(owner, Group):
            owner.priority = _whole(value, owner.priority)
        else:
            merged = over(owner.vars.get(name), value) if self.reading.merge else value
            put(owner.vars, name, merged, span)

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


def _whole(value: Any, otherwise: int) -> int:
    try:
        return int(value)
    except (TypeError, ValueError):
        return otherwise
