"""What `inventory` shows: the whole as JSON, YAML or TOML, groups as a tree, one host's variables."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from orchestr8.inventory.inventory import Inventory
from orchestr8.inventory.model import Group, Host
from orchestr8.inventory.precedence import group_layers, host_layers
from orchestr8.inventory.written import marked

PROFILE = "inventory_legacy"
_INTERNAL = frozenset(
    (
        "ansible_async_path", "ansible_collection_name", "ansible_config_file", "ansible_diff_mode",
        "ansible_dependent_role_names", "ansible_facts", "ansible_forks", "ansible_inventory_sources",
        "ansible_limit", "ansible_play_batch", "ansible_play_hosts", "ansible_play_hosts_all",
        "ansible_play_role_names", "ansible_playbook_python", "ansible_role_name", "ansible_role_names",
        "ansible_run_tags", "ansible_skip_tags", "ansible_verbosity", "ansible_version", "group_names",
        "groups", "hostvars", "inventory_dir", "inventory_file", "inventory_hostname",
        "inventory_hostname_short", "play_hosts", "playbook_dir", "role_name", "role_names", "role_path",
        "role_uuid",
    )
)  # fmt: skip
"""Names whose values are made during a run; what an inventory says of them is never looked at."""


def merged(inventory: Inventory, host: Host) -> dict[str, Any]:
    """Return a host's raw variables, the strongest of each name."""
    values: dict[str, Any] = {}
    for _, layer in inventory.layers_for(host):
        values.update(layer)
    return {name: values[name] for name in sorted(values)}


@dataclass(frozen=True, slots=True)
class Shown:
    """A view of an inventory.

    hosts: names of those a limit leaves, None for all. export: variables stand where they are defined, at
    groups and hosts, instead of with every host that has them. extra_vars: over all others.
    """

    inventory: Inventory
    hosts: frozenset[str] | None = None
    export: bool = False
    extra_vars: Mapping[str, Any] = field(default_factory=dict)

    def has(self, name: str) -> bool:
        """Return whether a host is shown."""
        return self.hosts is None or name in self.hosts

    def of_host(self, host: Host) -> dict[str, Any]:
        """Return the variables shown with a host."""
        if not self.export:
            return _public({**merged(self.inventory, host), **self.extra_vars})
        return _public(_flat(layer for _, layer in host_layers(host, self.inventory.variables)))

    def of_group(self, group: Group) -> dict[str, Any]:
        """Return the variables shown with a group."""
        values = _flat(layer for _, layer in group_layers([group], self.inventory.variables))
        if group.priority != 1:
            values["ansible_group_priority"] = group.priority
        return _public(values)

    def members(self, group: Group) -> list[Host]:
        """Return a group's own hosts that are shown; those of `all` stand in its groups."""
        return [host for host in group.hosts.values() if self.has(host.name)] if group.name != "all" else []


def _flat(layers: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for layer in layers:
        values.update(layer)
    return values


def _public(values: Mapping[str, Any]) -> dict[str, Any]:
    return {str(name): value for name, value in values.items() if name not in _INTERNAL}


def _filled(content: dict[str, Any]) -> dict[str, Any]:
    return {name: part for name, part in content.items() if part}


def as_list(shown: Shown) -> dict[str, Any]:
    """Return the whole inventory in the form of an inventory program's `--list`."""
    inventory = shown.inventory
    hosts = (host for host in inventory.hosts.values() if shown.has(host.name))
    variables = {host.name: marked(shown.of_host(host)) for host in hosts}
    result: dict[str, Any] = {"_meta": {"hostvars": _filled(variables), "profile": PROFILE}}
    for group in inventory.groups["all"].below():
        content: dict[str, Any] = {
            "hosts": [host.name for host in shown.members(group)],
            "children": list(group.children),
            "vars": marked(shown.of_group(group)) if shown.export else {},
        }
        if filled := _filled(content):
            result[group.name] = filled
    return result


def as_tree(shown: Shown) -> dict[str, Any]:
    """Return the whole inventory as nested groups, the form of a YAML inventory."""
    return _Nested(shown).group(shown.inventory.groups["all"])


class _Nested:
    """Writes every group and every host's variables where they come first, and their names elsewhere."""

    def __init__(self, shown: Shown) -> None:
        self._shown = shown
        self._groups: set[str] = set()
        self._hosts: set[str] = set()

    def group(self, group: Group) -> dict[str, Any]:
        """Return a group with all below it."""
        children: dict[str, Any] = {}
        for child in group.children.values():
            if child.name in self._groups:
                children[child.name] = {}
            else:
                children |= self.group(child)
                self._groups.add(child.name)
        content = {
            "children": children,
            "hosts": {host.name: self._host(host) for host in self._shown.members(group)},
            "vars": self._shown.of_group(group) if self._shown.export else {},
        }
        filled = _filled(content)
        return {group.name: filled} if filled else {}

    def _host(self, host: Host) -> dict[str, Any]:
        if host.name in self._hosts:
            return {}
        self._hosts.add(host.name)
        return self._shown.of_host(host)


def as_tables(shown: Shown) -> dict[str, Any]:
    """Return the whole inventory as a table for each group, the form of a TOML inventory."""
    known: set[str] = set()
    result: dict[str, Any] = {}
    for group in shown.inventory.groups["all"].below():
        hosts = {h.name: {} if h.name in known else shown.of_host(h) for h in shown.members(group)}
        known |= hosts.keys()
        children = list(group.children) if group.name != "all" else []
        variables = shown.of_group(group) if shown.export else {}
        if filled := _filled({"children": children, "hosts": hosts, "vars": variables}):
            result[group.name] = filled
    return result


def as_graph(shown: Shown, top: str = "all", *, variables: bool = False) -> str:
    """Return the groups below `top` as a tree of text."""
    return "\n".join(_tree(shown, shown.inventory.groups[top], 0, variables=variables))


def _tree(shown: Shown, group: Group, depth: int, *, variables: bool) -> Iterator[str]:
    indent = "  |" * depth
    yield f"{indent}--@{group.name}:" if depth else f"@{group.name}:"
    for child in group.children.values():
        yield from _tree(shown, child, depth + 1, variables=variables)
    for host in shown.members(group):
        yield f"{indent}  |--{host.name}"
        if variables:
            yield from _values(shown.of_host(host), depth + 2)
    if variables:
        yield from _values(shown.of_group(group), depth + 1)


def _values(values: Mapping[str, Any], depth: int) -> Iterator[str]:
    for name in sorted(values):
        yield f"{'  |' * depth}--{{{name} = {values[name]}}}"
