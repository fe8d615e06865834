"""What a run knows of one host beside its inventory."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from typing import Any

from orchestr8.engine.assumed import Assumed

_UNSAFE = ("ansible_connection", "ansible_host", "ansible_port", "ansible_user", "ansible_password")
_UNSAFE_PREFIXES = ("ansible_ssh_", "ansible_become", "ansible_sudo_", "ansible_su_")
_PREFIX = "ansible_"


class HostState:
    """A host's variables; each dict is replaced, never changed, so that other hosts may read it meanwhile.

    inventory: its layers merged, as written. facts: what modules found, under the names plays use. cache:
    set_fact and registered results. included: include_vars. version grows when anything changes.
    ran_roles: which use of a role did something, under what uses that do the same have in common.
    """

    __slots__ = (
        "assumed", "cache", "ended_roles", "facts", "gathered", "included", "inventory", "magic", "memo",
        "name", "ran_roles", "version",
    )  # fmt: skip

    def __init__(self, name: str, inventory: Mapping[str, Any], magic: Mapping[str, Any]) -> None:
        self.name = name
        self.assumed = Assumed(ansible_host=name)
        self.inventory = inventory
        self.magic = magic
        self.facts: dict[str, Any] = {"ansible_facts": {}}
        self.cache: dict[str, Any] = {}
        self.included: dict[str, Any] = {}
        self.gathered = False
        self.ended_roles: frozenset[str] = frozenset()
        self.ran_roles: dict[Hashable, int] = {}
        self.version = 0
        self.memo: dict[Any, Any] = {}

    def set(self, name: str, value: Any) -> None:
        """Register a variable."""
        self.define({name: value})

    def define(self, values: Mapping[str, Any]) -> None:
        """Take over variables of set_fact and registered results."""
        self.cache = {**self.cache, **values}
        if any(name.startswith(_PREFIX) for name in values):
            self.moved()

    def include(self, values: Mapping[str, Any]) -> None:
        """Take over variables of include_vars."""
        self.included = {**self.included, **values}
        self.moved()

    def learn(self, facts: Mapping[str, Any]) -> None:
        """Take over facts; a host may not tell us how to connect to it."""
        clean = {name: value for name, value in facts.items() if not _is_unsafe(name)}
        bare = {name.removeprefix(_PREFIX): value for name, value in clean.items()}
        self.facts = {**self.facts, **clean, "ansible_facts": {**self.facts["ansible_facts"], **bare}}
        self.moved()

    def forget(self) -> None:
        """Forget every fact."""
        self.facts = {"ansible_facts": {}}
        self.gathered = False
        self.moved()

    def moved(self) -> None:
        """Forget what was worked out from variables that have changed."""
        self.version += 1
        self.memo.clear()


def _is_unsafe(name: str) -> bool:
    return name in _UNSAFE or name.startswith(_UNSAFE_PREFIXES)
