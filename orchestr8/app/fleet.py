"""The hosts somebody asked for: their variables and their connections."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Self

from orchestr8.app import extra_vars
from orchestr8.app.options import inventory_sources, run_options
from orchestr8.app.request import FleetRequest
from orchestr8.app.secrets import Secrets, secrets
from orchestr8.app.settings import Settings
from orchestr8.engine.connections import Connections
from orchestr8.engine.hosts import Hosts
from orchestr8.engine.keyword_values import Values
from orchestr8.engine.options import RunOptions
from orchestr8.engine.ports import Become, Connection
from orchestr8.engine.scopes import Scopes, run_magic
from orchestr8.engine.surroundings import acting_on, connection_variables
from orchestr8.inventory.inventory import Inventory
from orchestr8.inventory.reading import ENDINGS, Reading
from orchestr8.inventory.sources import load
from orchestr8.language.files import Files
from orchestr8.language.syntax import Keywords
from orchestr8.template.scope import Scope
from orchestr8.template.templar import Templar
from orchestr8.transport.endpoints import endpoint
from orchestr8.transport.pool import Network


class Fleet:
    """The inventory with open connections; for verbs that work without a playbook.

    Use as a context manager: connections are closed at the end.
    """

    def __init__(self, inventory: Inventory, options: RunOptions, network: Network, opened: Secrets) -> None:
        self.inventory = inventory
        self.options = options
        self.templar = Templar(redactor=opened.redactor, vault=opened.vault, setting=Settings().__getitem__)
        self._network = network
        self._hosts = Hosts(inventory)
        self._scopes = Scopes(options.extra_vars, run_magic(options))
        self._connections = Connections(network, endpoint)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._connections.close()
        self._network.close()

    def select(self, pattern: str = "all") -> list[str]:
        """Return the names of the hosts of a pattern that `--limit` leaves."""
        return [host.name for host in self.inventory.select(pattern, self.options.limit)]

    def scope_of(self, host: str) -> Scope:
        """Return a host's own variables."""
        return self._scopes.of_host(self._hosts(host))

    def connection_of(self, host: str) -> Connection:
        """Return a host's connection, opened when first asked for."""
        scope = self.scope_of(host)
        values = Values(self.templar, scope)
        return self._connections.open(host, connection_variables(scope, values, Keywords(), self.options))

    def become_of(self, host: str) -> Become | None:
        """Return as whom to act on a host, or None to stay who logged in."""
        scope = self.scope_of(host)
        return acting_on(scope, Values(self.templar, scope), Keywords(), self.options)


def open_inventory(
    request: FleetRequest, playbook_dirs: Iterable[str] = (), files: Files | None = None
) -> Inventory:
    """Return the inventory that was asked for."""
    how = reading(Settings(), extra_vars.read(request.extra_vars), lenient=request.lenient)
    sources = inventory_sources(request)
    return load(sources, playbook_dirs=playbook_dirs, files=files or secrets(request).files(), reading=how)


def reading(settings: Settings, extra: Mapping[str, Any], *, lenient: bool) -> Reading:
    """Return how sources are read; without a setting, what stands in for Ansible passes wrong ones over."""
    refuse = settings["INVENTORY_ANY_UNPARSED_IS_FAILED"]
    endings = settings["INVENTORY_IGNORE"]
    return Reading(
        enabled=tuple(each.removeprefix("ansible.builtin.") for each in settings["INVENTORY_ENABLED"]),
        refuse_any=not lenient if refuse is None else refuse,
        refuse_all=settings["INVENTORY_UNPARSED_FAILED"],
        group_names=settings["TRANSFORM_INVALID_GROUP_CHARS"],
        ignored_endings=ENDINGS if endings is None else tuple(endings),
        ignored_patterns=tuple(settings["INVENTORY_IGNORE_REGEX"]),
        extra_vars=extra,
        merge=settings["HASH_BEHAVIOUR"] == "merge",
    )


def open_fleet(request: FleetRequest, modules: Sequence[str] = ()) -> Fleet:
    """Return the fleet that was asked for; no host is contacted yet."""
    network = Network(modules)
    network.warm()
    opened = secrets(request)
    inventory = open_inventory(request, files=opened.files())
    return Fleet(inventory, run_options(request), network, opened)
