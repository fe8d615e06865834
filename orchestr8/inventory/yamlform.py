"""Inventories in YAML form: nested groups with `hosts`, `children` and `vars`."""

from __future__ import annotations

from collections.abc import Mapping as Map
from typing import Any

from orchestr8.core.span import Mapping, Span, span_of
from orchestr8.core.suggest import did_you_mean
from orchestr8.inventory.builder import SYNTAX, Builder
from orchestr8.inventory.model import Group
from orchestr8.language.yaml import Document

_SECTIONS = ("vars", "children", "hosts")


class YamlReader:
    """Reads one YAML inventory into a builder."""

    def __init__(self, builder: Builder, file: str) -> None:
        self._builder = builder
        self._file = file

    def read(self, document: Document) -> None:
        """Read a whole document."""
        self._builder.take(document.diagnostics)
        if document.value is None:
            if not document.failed:
                self._builder.warn(SYNTAX, "the inventory is empty", document.span)
            return
        if not isinstance(document.value, Mapping):
            self._builder.error(SYNTAX, "an inventory is a mapping of groups", document.span)
            return
        for name, content in document.value.items():
            self._group(str(name), content, document.value.key_spans.get(name, document.span))

    def _group(self, name: str, content: Any, span: Span) -> Group | None:
        if content is not None and not isinstance(content, Mapping):
            message = f"the group `{name}` has to be a mapping of {', '.join(_SECTIONS)}"
            self._builder.odd(SYNTAX, message, span)
            return None
        group = self._builder.group(name, span)
        if group is None or content is None:
            return group
        for key, section in content.items():
            place = content.key_spans.get(key, span)
            if key not in _SECTIONS:
                hint = did_you_mean(str(key), _SECTIONS)
                message = f"`{key}` is no part of a group; it has {', '.join(_SECTIONS)}"
                self._builder.warn(SYNTAX, message, place, hint)
            elif section is not None:
                self._section(group, str(key), section, place)
        return group

    def _section(self, group: Group, kind: str, section: Any, span: Span) -> None:
        if isinstance(section, str) and kind != "vars":
            section = Mapping([(section, None)], span_of(section))
        if not isinstance(section, Mapping):
            self._wrong(f"`{kind}` has to be a mapping", span)
        elif kind == "vars":
            self._builder.set_vars(group, section)
        elif kind == "children":
            self._children(group, section, span)
        else:
            self._hosts(group, section, span)

    def _children(self, group: Group, section: Mapping, span: Span) -> None:
        for name, content in section.items():
            place = section.key_spans.get(name, span)
            child = self._group(str(name), content, place)
            if child is not None:
                self._builder.nest(group, child, place)

    def _hosts(self, group: Group, section: Mapping, span: Span) -> None:
        for pattern, variables in section.items():
            place = section.key_spans.get(pattern, span)
            if not isinstance(pattern, str):
                message = f"Host pattern {pattern} must be a string."
                hint = "Enclose integers/floats in quotation marks."
                self._builder.error(SYNTAX, message, place, hint)
            if variables is not None and not isinstance(variables, Map):
                self._wrong(f"the variables of the host `{pattern}` have to be a mapping", place)
                continue
            for host in self._builder.hosts_of(str(pattern), place):
                self._builder.join(group, host)
                self._builder.set_vars(host, variables or {})

    def _wrong(self, message: str, span: Span) -> None:
        self._builder.error(SYNTAX, message, span)
