"""What `o8 inventory` shows."""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass
from pathlib import Path

from orchestr8.app import extra_vars
from orchestr8.app.fleet import open_inventory
from orchestr8.app.request import FleetRequest
from orchestr8.app.settings import Settings
from orchestr8.core.errors import Diagnostic, InvalidInput
from orchestr8.core.suggest import did_you_mean
from orchestr8.inventory.dump import Shown, as_graph, as_list, as_tables, as_tree
from orchestr8.inventory.inventory import Inventory
from orchestr8.inventory.written import marked, to_json, to_toml, to_yaml


@dataclass(frozen=True, slots=True)
class View:
    """How an inventory is shown.

    form: json, yaml or toml. export: variables where they are defined. group: the top of a tree.
    playbook_dir: a folder whose group_vars and host_vars count too; else the current one.
    """

    form: str = "json"
    export: bool = False
    variables: bool = False
    group: str = "all"
    playbook_dir: str | None = None


def _opened(request: FleetRequest, view: View) -> Inventory:
    inventory = open_inventory(request, [view.playbook_dir or Settings()["PLAYBOOK_DIR"] or os.getcwd()])
    for warning in inventory.warnings:
        sys.stderr.write(f"[WARNING]: {warning.message}\n")
    return inventory


def _shown(inventory: Inventory, request: FleetRequest, view: View) -> Shown:
    names = None
    if request.limit is not None:
        names = frozenset(host.name for host in inventory.select("all", request.limit))
    return Shown(inventory, names, view.export, extra_vars.read(request.extra_vars))


def show_list(request: FleetRequest, view: View) -> str:
    """Return the whole inventory."""
    shown = _shown(_opened(request, view), request, view)
    if view.form == "yaml":
        return to_yaml(as_tree(shown))
    return to_toml(as_tables(shown)) if view.form == "toml" else to_json(as_list(shown)) + "\n"


def show_graph(request: FleetRequest, view: View) -> str:
    """Return the groups as a tree; a limit leaves out nobody."""
    inventory = _opened(request, view)
    if view.group not in inventory.groups:
        hint = did_you_mean(view.group, inventory.groups)
        message = "Pattern must be valid group name when using --graph"
        raise InvalidInput(Diagnostic("O8-1507", message, hint=hint))
    shown = Shown(inventory, None, view.export, extra_vars.read(request.extra_vars))
    return as_graph(shown, view.group, variables=view.variables) + "\n"


def show_host(request: FleetRequest, view: View, name: str) -> str:
    """Return one host's variables."""
    inventory = _opened(request, view)
    chosen = inventory.selection(name)
    for warning in chosen.warnings:
        sys.stderr.write(f"[WARNING]: {warning.message}\n")
    hosts = chosen.hosts
    if len(hosts) != 1:
        hint = did_you_mean(name, inventory.hosts)
        message = f"there is no host `{name}`" if not hosts else f"`{name}` means {len(hosts)} hosts, not one"
        raise InvalidInput(Diagnostic("O8-1510", message, hint=hint))
    values = Shown(inventory, None, view.export, extra_vars.read(request.extra_vars)).of_host(hosts[0])
    if view.form == "yaml":
        return to_yaml(values)
    return to_toml(values) if view.form == "toml" else to_json(marked(values)) + "\n"


def show_hosts(request: FleetRequest, pattern: str) -> str:
    """Return the names a pattern selects, one a line."""
    hosts = open_inventory(request).select(pattern, request.limit)
    return "".join(f"{host.name}\n" for host in hosts)


def save(text: str, path: str) -> None:
    """Write what is shown into a file; raise InvalidInput where that fails."""
    try:
        Path(path).write_text(text, "utf-8")
    except OSError as failure:
        message = f"Unable to write to destination file '{path}': {failure.strerror}"
        raise InvalidInput(Diagnostic("O8-1713", message)) from None
