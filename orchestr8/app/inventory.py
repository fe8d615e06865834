"""What `o8 inventory` shows."""

from __future__ import annotations

import json

from orchestr8.app.fleet import open_inventory
from orchestr8.app.request import FleetRequest
from orchestr8.core.errors import Diagnostic, InvalidInput
from orchestr8.core.suggest import did_you_mean
from orchestr8.inventory.dump import as_graph, as_list, merged
from orchestr8.report.wording import plain_value


def show_list(request: FleetRequest) -> str:
    """Return the whole inventory as JSON."""
    return _json(as_list(open_inventory(request)))


def show_graph(request: FleetRequest, *, variables: bool) -> str:
    """Return the groups as a tree."""
    return as_graph(open_inventory(request), variables=variables)


def show_host(request: FleetRequest, name: str) -> str:
    """Return one host's variables as JSON."""
    inventory = open_inventory(request)
    host = inventory.host(name)
    if host is None:
        hint = did_you_mean(name, inventory.hosts)
        raise InvalidInput(Diagnostic("O8-1510", f"there is no host `{name}`", hint=hint))
    return _json(merged(inventory, host))


def show_hosts(request: FleetRequest, pattern: str) -> str:
    """Return the names a pattern selects, one a line."""
    return "\n".join(host.name for host in open_inventory(request).select(pattern, request.limit))


def _json(value: object) -> str:
    return json.dumps(value, indent=4, sort_keys=True, default=plain_value)
