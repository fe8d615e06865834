"""The inventory plugin `constructed`: variables and groups from what earlier sources say."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from collections.abc import Mapping as Map
from typing import Any

from orchestr8.core.errors import O8Error
from orchestr8.core.span import Span, span_of
from orchestr8.inventory.builder import PLUGIN, Builder
from orchestr8.inventory.keyed import Keyed, KeyedGroups
from orchestr8.inventory.model import Group, Host
from orchestr8.inventory.precedence import ordered
from orchestr8.inventory.reading import safe_name
from orchestr8.inventory.varfiles import VarFiles
from orchestr8.template.scope import Scope
from orchestr8.template.templar import Templar


class Constructed:
    """Applies one configuration to every host that is known so far.

    files: returns group_vars and host_vars beside earlier sources; read only with `use_vars_plugins`.
    """

    def __init__(self, builder: Builder, span: Span, files: Callable[[], VarFiles]) -> None:
        self._builder = builder
        self._span = span
        self._read_files = files
        self._files: VarFiles | None = None
        self._templar = Templar()
        self._strict = False
        self._extra: Map[str, Any] = {}

    def read(self, config: Map[str, Any]) -> None:
        """Set the variables, then the groups, of each host in turn."""
        self._strict = config.get("strict") is True
        self._extra = self._builder.reading.extra_vars if config.get("use_extra_vars") else {}
        self._files = self._read_files() if config.get("use_vars_plugins") else None
        keyed = self._keyed(config)
        for host in list(self._builder.hosts.values()):
            scope = self._scope(host)
            for name, expression in (config.get("compose") or {}).items():
                self._compose(host, str(name), expression, scope)
            scope = self._scope(host)
            for name, condition in (config.get("groups") or {}).items():
                self._group(host, str(name), condition, scope)
            for each in keyed:
                self._keys(host, each, scope)

    def _keyed(self, config: Map[str, Any]) -> list[KeyedGroups]:
        leading = config.get("leading_separator") is not False
        found = config.get("keyed_groups") or []
        for wrong in (each for each in found if not isinstance(each, Map)):
            self._wrong(f"Invalid keyed group entry, it must be a dictionary: {wrong}", wrong)
        return [KeyedGroups.of(each, leading=leading) for each in found if isinstance(each, Map)]

    def _scope(self, host: Host) -> Scope:
        values: dict[str, Any] = {}
        groups = ordered(self._groups_of(host))
        for group in groups:
            values |= group.vars
        for group in groups if self._files else ():
            for layer in self._layers("group_vars", group.name):
                values |= layer
        values |= host.vars
        for layer in self._layers("host_vars", host.name):
            values |= layer
        names = sorted(group.name for group in groups if group.name != "all")
        magic = {"inventory_hostname": host.name, "inventory_hostname_short": host.name.split(".")[0]}
        return Scope(self._extra, {**values, **magic, "group_names": names})

    def _groups_of(self, host: Host) -> list[Group]:
        found: dict[str, Group] = {}
        for group in host.groups.values():
            found.update(group.above())
        found.setdefault("all", self._builder.groups["all"])
        return list(found.values())

    def _layers(self, kind: str, name: str) -> Iterator[Map[str, Any]]:
        for _, layer in self._files.layers("inventory", kind, name) if self._files else ():
            yield layer

    def _compose(self, host: Host, name: str, expression: Any, scope: Scope) -> None:
        try:
            value = self._templar.evaluate(expression, scope)
        except O8Error as failure:
            self._failed(f"Could not set {name} for host {host.name}: {failure.message}", expression)
            return
        self._builder.set_var(host, name, value, span_of(expression))

    def _group(self, host: Host, name: str, condition: Any, scope: Scope) -> None:
        try:
            member = self._templar.condition(condition, scope)
        except O8Error as failure:
            self._failed(f"Could not add host {host.name} to group {name}: {failure.message}", condition)
            return
        group = self._builder.group(safe_name(name), self._span) if member else None
        if group is not None:
            self._builder.join(group, host)

    def _keys(self, host: Host, keyed: KeyedGroups, scope: Scope) -> None:
        try:
            found = keyed.names(self._templar.evaluate(keyed.key, scope))
            parent = self._templar.render(keyed.parent, scope) if keyed.parent else None
        except O8Error as failure:
            self._failed(f"Could not generate group for host {host.name}: {failure.message}", keyed.key)
            return
        except Keyed as wrong:
            self._keyed_wrong(wrong, keyed, host)
            return
        for name in found:
            self._join(host, name, parent)

    def _keyed_wrong(self, wrong: Keyed, keyed: KeyedGroups, host: Host) -> None:
        if wrong.always:
            self._wrong(str(wrong), keyed.key)
        else:
            self._failed(f"{wrong} for {keyed.key} in host {host.name}, invalid entry", keyed.key)

    def _join(self, host: Host, name: str, parent: Any) -> None:
        group = self._builder.group(safe_name(name), self._span)
        if group is None:
            return
        self._builder.join(group, host)
        above = self._builder.group(safe_name(str(parent)), self._span) if parent else None
        if above is not None:
            self._builder.nest(above, group, self._span)

    def _failed(self, message: str, where: Any) -> None:
        """Note what cannot be computed; without `strict`, that is what hosts without the variable do."""
        if self._strict:
            self._wrong(message, where)

    def _wrong(self, message: str, where: Any) -> None:
        self._builder.error(PLUGIN, message, span_of(where) or self._span)
