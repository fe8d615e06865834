"""A task made ready once for all hosts: keywords merged, layers found, what is constant told apart."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from orchestr8.compile.context import inherit
from orchestr8.compile.rows import Row
from orchestr8.core.span import Text
from orchestr8.engine.scopes import PlayLayers, StepLayers
from orchestr8.language.catalog import Catalog, ModuleSpec
from orchestr8.language.module_groups import holds
from orchestr8.language.syntax import Keywords, Task

_SAME = {"gather_facts": "setup"}
_Fact = tuple[str, str]


@dataclass(slots=True)
class Step:
    """What a row does, for every host alike.

    spec: of the module or action, None for one nobody knows. defaults: module_defaults that apply.
    handed: those of the modules that do the work of this one, by a fact and its value.
    """

    row: Row
    key: str
    task: Task
    keywords: Keywords
    layers: StepLayers
    spec: ModuleSpec | None
    defaults: tuple[Any, ...]
    handed: Mapping[_Fact, tuple[Any, ...]]

    @property
    def name(self) -> str:
        """The task's name as reporters show it."""
        return self.row.label


def prepare(row: Row, key: str, play: PlayLayers, catalog: Catalog) -> Step:
    """Return the step of a row that has a task."""
    task = row.task
    if task is None:
        raise ValueError(f"row {row.index} does nothing by itself")
    keywords = inherit(row.context.keywords, task.keywords)
    spec = catalog.find(_SAME.get(task.action, task.action))
    name, written = spec.name if spec else task.action, keywords.module_defaults
    handed = _handed(written, name, catalog) if name in _MANAGERS and written else {}
    layers = StepLayers(row.context, task, play, keywords)
    return Step(row, key, task, keywords, layers, spec, _defaults(written, name, catalog), handed)


_MANAGERS: dict[str, dict[_Fact, tuple[str, ...]]] = {
    "service": {
        ("service_mgr", "systemd"): ("systemd", "systemd_service"),
        ("service_mgr", "sysvinit"): ("sysvinit",),
    },
    "package": {("pkg_mgr", name): (name,) for name in ("apt", "dnf", "yum")},
}
"""Which modules do the work of another where a host has this manager."""


def _handed(written: Iterable[Any], name: str, catalog: Catalog) -> Mapping[_Fact, tuple[Any, ...]]:
    layers = [layer for layer in written if isinstance(layer, Mapping)]
    found = {
        fact: tuple(args for inner in names for args in _defaults(layers, inner, catalog))
        for fact, names in _MANAGERS[name].items()
    }
    return {fact: args for fact, args in found.items() if args}


def _defaults(written: Iterable[Any], name: str, catalog: Catalog) -> tuple[Any, ...]:
    found = []
    for layer in written:
        if isinstance(layer, Mapping):
            found += [args for group, args in layer.items() if holds(group, name)]
            found += [args for module, args in layer.items() if (catalog.canonical(module) or module) == name]
        elif isinstance(layer, Text):
            found.append(layer)
    return tuple(found)
