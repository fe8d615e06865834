"""The states of all hosts of a run, made when first asked for."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from typing import Any

from orchestr8.engine.host_state import HostState
from orchestr8.engine.work import Notes
from orchestr8.inventory.inventory import Inventory
from orchestr8.inventory.magic import magic_for
from orchestr8.template.scope import Flattened


class Names:
    """The names that `hostvars` knows."""

    __slots__ = ("_inventory",)

    def __init__(self, inventory: Inventory) -> None:
        self._inventory = inventory

    def __contains__(self, name: object) -> bool:
        return self._inventory.host(str(name)) is not None

    def __iter__(self) -> Iterator[str]:
        return iter(list(self._inventory.hosts))


class Hosts:
    """Hosts by name; safe to use from several threads."""

    def __init__(self, inventory: Inventory) -> None:
        self.inventory = inventory
        self._lock = threading.RLock()
        self._states: dict[str, HostState] = {}
        self._groups: Any = None

    def __call__(self, name: str) -> HostState:
        """Return a host's state; a host nobody has named yet is reached by its name."""
        found = self._states.get(name)
        if found is None:
            with self._lock:
                found = self._states.get(name) or self._new(name)
        return found

    def _new(self, name: str) -> HostState:
        host = self.inventory.host(name)
        variables: dict[str, Any] = {}
        magic: Mapping[str, Any] = {
            "inventory_hostname": name,
            "inventory_hostname_short": name.split(".")[0],
        }
        if host is not None:
            variables = Flattened([layer for _origin, layer in self.inventory.layers_for(host)])
            magic = magic_for(self.inventory, host)
        state = HostState(name, variables, magic)
        self._states[name] = state
        return state

    def names(self) -> Names:
        """Return the names of the inventory's hosts; localhost is among them even when it is implicit."""
        return Names(self.inventory)

    def take(self, host: str, notes: Notes) -> None:
        """Add the hosts and groups an action defined."""
        with self._lock:
            for name, groups, variables in notes.new_hosts:
                self.inventory.add_host(name, groups, variables)
                self._renew(name)
            for group, parents in notes.new_groups:
                known = self.inventory.host(host)
                if known is not None:
                    self.inventory.group_by(known, group, parents or ("all",))
                    self._renew(host)

    def refresh(self) -> None:
        """Read the inventory again; a host that is gone keeps its variables for the play under way."""
        with self._lock:
            self.inventory.refresh()
            for name in list(self._states):
                if self.inventory.host(name) is not None:
                    self._renew(name)

    def _renew(self, name: str) -> None:
        """Read a host's inventory variables again; what the run found out about it stays."""
        old = self._states.pop(name, None)
        new = self._new(name)
        if old is not None:
            old.inventory, old.magic = new.inventory, new.magic
            old.moved()
            self._states[name] = old
