"""The states of all hosts of a run, made when first asked for."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from typing import Any

from orchestr8.core.errors import O8Error
from orchestr8.engine.host_state import HostState
from orchestr8.engine.ports import FactCache
from orchestr8.engine.work import Notes
from orchestr8.inventory.inventory import Inventory
from orchestr8.inventory.magic import magic_for
from orchestr8.template.scope import Flattened

_GATHERED = "module_setup"


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

    def __init__(self, inventory: Inventory, facts: FactCache | None = None) -> None:
        self.inventory = inventory
        self._facts = facts
        self._kept: dict[str, Any] = {}
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
        if self._facts is not None and name not in self._kept:
            self._recall(state, self._facts)
        return state

    def _recall(self, state: HostState, facts: FactCache) -> None:
        known = dict(facts.load(state.name))
        gathered = bool(known.pop(_GATHERED, False))
        if known:
            state.learn(known)
            state.gathered = gathered
        self._kept[state.name] = state.facts

    def keep_facts(self) -> Iterator[O8Error]:
        """Hand what changed to the cache of facts; yield what went wrong."""
        for state in list(self._states.values()) if self._facts else ():
            if self._facts is None or state.facts is self._kept.get(state.name):
                continue
            known = {name: value for name, value in state.facts.items() if name != "ansible_facts"}
            if known and state.gathered:
                known[_GATHERED] = True
            try:
                self._facts.save(state.name, known)
            except O8Error as error:
                yield error

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
