"""What `o8 vars` shows: a host's variables, and for one name every place that sets it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from orchestr8.app import extra_vars
from orchestr8.app.fleet import open_inventory
from orchestr8.app.request import FleetRequest
from orchestr8.core.errors import Diagnostic, InvalidInput
from orchestr8.core.span import Mapping as Placed
from orchestr8.core.span import Origin, Span, span_of
from orchestr8.core.suggest import did_you_mean
from orchestr8.inventory.inventory import Inventory
from orchestr8.inventory.model import Host
from orchestr8.inventory.written import marked

Layers = list[tuple[Origin, Mapping[str, Any]]]


@dataclass(frozen=True, slots=True)
class Definition:
    """One place that sets a variable: what kind of place, where exactly, and the value as written."""

    source: str
    span: Span | None
    value: Any

    def place(self) -> str:
        """Return the place as file:line:column, else the kind of place."""
        return str(self.span) if self.span else self.source


@dataclass(frozen=True, slots=True)
class HostVariables:
    """A host's layers of variables, the weakest first; `play` says in which play, when it is about one."""

    host: str
    layers: Layers
    play: str = ""

    def names(self) -> list[str]:
        """Return every name that is set, sorted."""
        return sorted({str(name) for _, layer in self.layers for name in layer})

    def definitions(self, name: str) -> list[Definition]:
        """Return every definition of a name, the one that counts first; raise InvalidInput without any."""
        found = [_definition(origin, layer, name) for origin, layer in reversed(self.layers) if name in layer]
        if not found:
            hint = did_you_mean(name, self.names())
            raise InvalidInput(Diagnostic("O8-1512", f"`{self.host}` has no variable `{name}`", hint=hint))
        # A file beside both inventory and playbook counts twice and is told once.
        places = [each.place() for each in found]
        return [each for at, each in enumerate(found) if each.span is None or places.index(places[at]) == at]


def _definition(origin: Origin, layer: Mapping[str, Any], name: str) -> Definition:
    value = layer[name]
    span = layer.key_spans.get(name) if isinstance(layer, Placed) else None
    return Definition(origin.source, span or span_of(value), value)


def variables_of(request: FleetRequest, name: str, playbook_dirs: Iterable[str]) -> HostVariables:
    """Return what inventory, group_vars, host_vars and the command line say of a host."""
    inventory = open_inventory(request, playbook_dirs)
    host = host_of(inventory, name)
    layers: Layers = list(inventory.layers_for(host))
    if given := extra_vars.read(request.extra_vars):
        layers.append((Origin("command line"), given))
    return HostVariables(host.name, layers)


def host_of(inventory: Inventory, name: str) -> Host:
    """Return a host by name; raise InvalidInput when there is none."""
    host = inventory.host(name)
    if host is None:
        hint = did_you_mean(name, inventory.hosts)
        raise InvalidInput(Diagnostic("O8-1510", f"there is no host `{name}`", hint=hint))
    return host


def as_data(found: Iterable[Definition], host: str, name: str, play: str = "") -> dict[str, Any]:
    """Return the definitions of a name as JSON values."""
    definitions = [
        {"source": each.source, "place": each.place(), "value": marked(each.value)} for each in found
    ]
    data = {"schema": "orchestr8.variable/1", "host": host, "name": name, "definitions": definitions}
    return {**data, "play": play} if play else data
