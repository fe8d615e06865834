"""The inventory plugin `generator`: hosts and groups from every combination of layers."""

from __future__ import annotations

from collections.abc import Mapping as Map
from itertools import product
from typing import Any

from orchestr8.core.errors import O8Error
from orchestr8.core.span import Span, span_of
from orchestr8.inventory.builder import PLUGIN, Builder
from orchestr8.inventory.model import Group, Host
from orchestr8.template.scope import Scope
from orchestr8.template.templar import Templar

_MOST = 1_000_000


class Generator:
    """Makes what one configuration describes."""

    def __init__(self, builder: Builder, span: Span) -> None:
        self._builder = builder
        self._span = span
        self._templar = Templar()

    def read(self, config: Map[str, Any]) -> None:
        """Make a host for each combination of the layers' values, and its parents."""
        layers, hosts = config.get("layers"), config.get("hosts")
        if not isinstance(layers, Map) or not isinstance(hosts, Map) or not hosts.get("name"):
            self._wrong("the plugin `generator` needs `layers` and `hosts` with a `name`", config)
            return
        many = 1
        for values in layers.values():
            many *= len(values) if isinstance(values, list) else 1
        if many > _MOST:
            self._wrong(f"the layers would give {many} hosts; at most {_MOST} are allowed", layers)
            return
        for combination in product(*layers.values()):
            self._host(hosts, dict(zip(layers, combination, strict=True)))

    def _wrong(self, message: str, where: Any) -> None:
        self._builder.error(PLUGIN, message, span_of(where) or self._span)

    def _host(self, wanted: Map[str, Any], values: dict[str, Any]) -> None:
        for host in self._builder.hosts_of(str(self._rendered(wanted["name"], values)), self._span):
            self._parents(host, wanted.get("parents") or [], values)

    def _parents(self, child: Host | Group, parents: list[Any], values: dict[str, Any]) -> None:
        for parent in parents:
            name = self._rendered(parent.get("name"), values) if isinstance(parent, Map) else None
            if not name:
                self._wrong(f"Element {child.name} has a parent with no name.", parent)
                continue
            group = self._builder.group(str(name), self._span)
            if group is not None:
                self._parent(group, child, parent, values)

    def _parent(self, group: Group, child: Host | Group, parent: Map[str, Any], values: Any) -> None:
        for key, value in (parent.get("vars") or {}).items():
            self._builder.set_var(group, key, self._rendered(value, values), span_of(value))
        if isinstance(child, Host):
            self._builder.join(group, child)
        else:
            self._builder.nest(group, child, self._span)
        self._parents(group, parent.get("parents") or [], values)

    def _rendered(self, value: Any, values: dict[str, Any]) -> Any:
        if not isinstance(value, str):
            return value
        try:
            return self._templar.render(value, Scope(values))
        except O8Error as failure:
            self._wrong(failure.message, value)
            return None
