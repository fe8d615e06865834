"""The variables that tell a host about the inventory."""

from __future__ import annotations

import os
from collections.abc import Iterator
from collections.abc import Mapping as Map
from typing import Any

from orchestr8.inventory.inventory import Inventory
from orchestr8.inventory.model import Host


class GroupNames(Map[str, Any]):
    """`groups`: every group's hosts by name, listed when looked at."""

    __slots__ = ("_inventory",)

    def __init__(self, inventory: Inventory) -> None:
        self._inventory = inventory

    def __getitem__(self, name: str) -> list[str]:
        return list(self._inventory.member_names(name))

    def __contains__(self, name: object) -> bool:
        return name in self._inventory.groups

    def __iter__(self) -> Iterator[str]:
        return iter(list(self._inventory.groups))

    def __len__(self) -> int:
        return len(self._inventory.groups)


def magic_for(inventory: Inventory, host: Host) -> dict[str, Any]:
    """Return a host's variables about itself and the inventory (`hostvars` is the engine's)."""
    file = _file_of(inventory, host)
    return {
        "inventory_hostname": host.name,
        "inventory_hostname_short": host.name.split(".")[0],
        "group_names": inventory.group_names(host),
        "groups": GroupNames(inventory),
        "inventory_file": file,
        "inventory_dir": os.path.abspath(os.path.dirname(file) or ".") if file else None,
    }


def _file_of(inventory: Inventory, host: Host) -> str | None:
    if host.span is not None:
        return os.path.abspath(host.span.file)
    paths = [source for source in inventory.sources if os.path.exists(source)]
    return os.path.abspath(paths[0]) if paths and not host.implicit else None
