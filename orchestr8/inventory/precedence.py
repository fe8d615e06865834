"""Which variables of groups and hosts win: Ansible's order, the weakest first."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from orchestr8.core.span import Mapping, Origin
from orchestr8.inventory.model import Group, Host
from orchestr8.inventory.varfiles import VarFiles

Layer = tuple[Origin, Mapping]


def ordered(groups: Iterable[Group]) -> list[Group]:
    """Return groups with the weakest first: by depth, then `ansible_group_priority`, then name."""
    return sorted(groups, key=lambda group: (group.depth, group.priority, group.name))


def group_layers(groups: list[Group], files: VarFiles) -> Iterator[Layer]:
    """Yield the layers of a host's groups: inventory files first, then group_vars, `all` before others."""
    everything = [group for group in groups if group.name == "all"]
    others = [group for group in groups if group.name != "all"]
    for group in (*everything, *others):
        if group.vars:
            yield Origin(f"inventory group {group.name}", group.span), group.vars
    for some in (everything, others):
        for where in ("inventory", "playbook"):
            for group in some:
                yield from files.layers(where, "group_vars", group.name)


def host_layers(host: Host, files: VarFiles) -> Iterator[Layer]:
    """Yield a host's own layers: inventory file, then host_vars of the inventory, then of the playbook."""
    if host.vars:
        yield Origin(f"inventory host {host.name}", host.span), host.vars
    for where in ("inventory", "playbook"):
        yield from files.layers(where, "host_vars", host.name)
