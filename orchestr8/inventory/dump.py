"""What `inventory list`, `graph` and `host` show."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from orchestr8.core.span import Mapping
from orchestr8.inventory.inventory import Inventory
from orchestr8.inventory.model import Group, Host
from orchestr8.inventory.precedence import group_layers


def merged(inventory: Inventory, host: Host) -> dict[str, Any]:
    """Return a host's raw variables, the strongest of each name."""
    values: dict[str, Any] = {}
    for _, layer in inventory.layers_for(host):
        values.update(layer)
    return {name: values[name] for name in sorted(values)}


def as_list(inventory: Inventory) -> dict[str, Any]:
    """Return the whole inventory in the form of an inventory program's `--list`."""
    variables = {host.name: merged(inventory, host) for host in inventory.hosts.values()}
    result: dict[str, Any] = {"_meta": {"hostvars": {name: each for name, each in variables.items() if each}}}
    for group in inventory.groups["all"].below():
        content: dict[str, Any] = {}
        if group.hosts and group.name != "all":
            content["hosts"] = list(group.hosts)
        if group.children:
            content["children"] = list(group.children)
        if content:
            result[group.name] = content
    return result


def as_graph(inventory: Inventory, top: str = "all", *, variables: bool = False) -> str:
    """Return the groups below `top` as a tree of text."""
    return "\n".join(_tree(inventory, inventory.groups[top], 0, variables=variables))


def _tree(inventory: Inventory, group: Group, depth: int, *, variables: bool) -> Iterator[str]:
    indent = "  |" * depth
    yield f"{indent}--@{group.name}:" if depth else f"@{group.name}:"
    for child in group.children.values():
        yield from _tree(inventory, child, depth + 1, variables=variables)
    for host in group.hosts.values() if group.name != "all" else ():
        yield f"{indent}  |--{host.name}"
        if variables:
            yield from _values(merged(inventory, host), depth + 2)
    if variables:
        yield from _values(_group_values(inventory, group), depth + 1)


def _group_values(inventory: Inventory, group: Group) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for _, layer in group_layers([group], inventory.variables):
        values.update(layer)
    return values


def _values(values: dict[str, Any] | Mapping, depth: int) -> Iterator[str]:
    for name in sorted(values):
        yield f"{'  |' * depth}--{{{name} = {values[name]}}}"
