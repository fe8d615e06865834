"""All hosts and groups of a run, the variables they carry, and changes during the run."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable, Iterable
from collections.abc import Mapping as Map
from functools import partial
from typing import Any

from orchestr8.core.errors import Diagnostic, InvalidInput
from orchestr8.core.span import Mapping, Origin
from orchestr8.inventory.builder import NAME, Builder, set_depths
from orchestr8.inventory.model import Group, Host
from orchestr8.inventory.names import BadName, check_name, split_port
from orchestr8.inventory.patterns import Selection, Selector
from orchestr8.inventory.precedence import Layer, group_layers, host_layers, ordered
from orchestr8.inventory.varfiles import VarFiles

LOCAL = frozenset(("localhost", "127.0.0.1", "::1"))


class Inventory:
    """Hosts and groups; reading is free for all threads, changes happen one at a time.

    warnings: what was odd in the sources. sources: as the user named them. again: reads them anew.
    """

    def __init__(
        self,
        builder: Builder,
        variables: VarFiles,
        sources: tuple[str, ...] = (),
        warnings: tuple[Diagnostic, ...] = (),
        again: Callable[[], Inventory] | None = None,
    ) -> None:
        self.hosts: dict[str, Host] = builder.hosts
        self.groups: dict[str, Group] = builder.groups
        self.sources = sources
        self.warnings = warnings
        self.variables = variables
        self._implicit: dict[str, Host] = {}
        self._shared: dict[tuple[str, ...], tuple[Layer, ...]] = {}
        self._members: dict[str, tuple[str, ...]] = {}
        self._again = again
        self._changes: list[Callable[[], object]] = []
        self._lock = threading.RLock()

    def refresh(self) -> None:
        """Read the sources again, and add what the run added since; raise InvalidInput, nothing changed."""
        if self._again is None:
            return
        fresh = self._again()
        with self._lock:
            self.hosts, self.groups, self.variables = fresh.hosts, fresh.groups, fresh.variables
            self.warnings = fresh.warnings
            self._implicit, self._shared, self._members = {}, {}, {}
            for change in self._changes:
                change()

    def host(self, name: str) -> Host | None:
        """Return a host by name; localhost exists even when no source names it."""
        known = self.hosts.get(name)
        if known is not None or name not in LOCAL:
            return known
        explicit = next((self.hosts[each] for each in sorted(LOCAL) if each in self.hosts), None)
        return explicit or self._implicit_host(name)

    def _implicit_host(self, name: str) -> Host:
        with self._lock:
            if name not in self._implicit:
                host = Host(name, implicit=True)
                host.vars["ansible_connection"] = "local"
                host.vars["ansible_python_interpreter"] = sys.executable
                host.groups["all"] = self.groups["all"]
                self._implicit[name] = host
            return self._implicit[name]

    def groups_of(self, host: Host) -> list[Group]:
        """Return every group a host is in, the weakest first: by depth, priority, name; `all` leads."""
        found: dict[str, Group] = {"all": self.groups["all"]}
        for group in list(host.groups.values()):
            found.update(group.above())
        return ordered(found.values())

    def group_names(self, host: Host) -> list[str]:
        """Return the names of a host's groups without `all`, sorted; what `group_names` holds."""
        return sorted(group.name for group in self.groups_of(host) if group.name != "all")

    def member_names(self, group: str) -> tuple[str, ...]:
        """Return the names of a group's hosts; KeyError without the group.

        Every host of a play may ask, so they are listed once. What is listed while hosts join a group goes
        into a memo that nobody asks any more.
        """
        memo = self._members
        if group not in memo:
            memo[group] = tuple(host.name for host in self.groups[group].members())
        return memo[group]

    def layers_for(self, host: Host) -> list[tuple[Origin, Mapping]]:
        """Return a host's layers of raw variables with where each comes from, the weakest first."""
        groups = self.groups_of(host)
        key = tuple(group.name for group in groups)
        shared = self._shared.get(key)
        if shared is None:
            shared = self._shared[key] = tuple(group_layers(groups, self.variables))
        return [*shared, *host_layers(host, self.variables)]

    def select(self, pattern: str | Iterable[str], limit: str | Iterable[str] | None = None) -> list[Host]:
        """Return the hosts a pattern selects, in order, that `limit` selects too."""
        return list(self.selection(pattern, limit).hosts)

    def selection(self, pattern: str | Iterable[str], limit: str | Iterable[str] | None = None) -> Selection:
        """Return what `select` returns, together with warnings about patterns that match nothing."""
        return Selector(self).select(pattern, limit)

    def add_host(
        self, name: str, groups: Iterable[str] = (), variables: Map[str, Any] | None = None
    ) -> tuple[Host, bool]:
        """Add a host (or add to one) during a run; return it and whether anything changed."""
        change = partial(self._add, name, tuple(groups), variables or {})
        with self._lock:
            result = change()
            self._changes.append(change)
        return result

    def _add(self, name: str, groups: Iterable[str], variables: Map[str, Any]) -> tuple[Host, bool]:
        host, changed = self._known_or_new(name)
        for group in groups:
            changed |= self._join(host, self._group(group)[0])
        if not host.groups:
            self._join(host, self.groups["ungrouped"])
        for key, value in variables.items():
            if key not in host.vars or host.vars[key] != value:
                host.vars[key] = value
                changed = True
        return host, changed

    def _known_or_new(self, name: str) -> tuple[Host, bool]:
        bare, port = split_port(name)
        known = self.hosts.get(bare)
        if known is not None:
            return known, False
        host = self.hosts[_checked(bare)] = Host(bare)
        if port is not None:
            host.vars["ansible_port"] = port
        return host, True

    def group_by(self, host: Host, group: str, parents: Iterable[str] = ("all",)) -> bool:
        """Put a host into a group that is made if need be, below its parents; return whether it changed."""
        change = partial(self._regroup, host.name, group, tuple(parents))
        with self._lock:
            changed = change()
            self._changes.append(change)
        return changed

    def _regroup(self, name: str, group: str, parents: Iterable[str]) -> bool:
        child, changed = self._group(group)
        for each in parents:
            parent, new = self._group(each)
            changed |= new | self._nest(parent, child)
        host = self.host(name)
        return (host is not None and self._join(host, child)) or changed

    def _group(self, name: str) -> tuple[Group, bool]:
        known = self.groups.get(name)
        if known is not None:
            return known, False
        made = self.groups[_checked(name)] = Group(name)
        self._nest(self.groups["all"], made)
        return made, True

    def _nest(self, parent: Group, child: Group) -> bool:
        if child.name in parent.children or child.name in parent.above():
            return False
        parent.children = {**parent.children, child.name: child}
        child.parents = {**child.parents, parent.name: parent}
        set_depths(list(self.groups.values()))
        self._shared, self._members = {}, {}
        return True

    def _join(self, host: Host, group: Group) -> bool:
        if host.name in group.hosts or group.name == "all":
            return False
        group.hosts = {**group.hosts, host.name: host}
        host.groups = {**host.groups, group.name: group}
        if group.name != "ungrouped" and "ungrouped" in host.groups:
            ungrouped = self.groups["ungrouped"]
            ungrouped.hosts = {name: each for name, each in ungrouped.hosts.items() if name != host.name}
            host.groups = {name: each for name, each in host.groups.items() if name != "ungrouped"}
        self._members = {}
        return True


def _checked(name: str) -> str:
    try:
        return check_name(name)
    except BadName as failure:
        raise InvalidInput(Diagnostic(NAME, str(failure))) from None
