"""Inventories in INI form."""

from __future__ import annotations

import ast
import re
import shlex
import warnings
from typing import Any

from orchestr8.core.span import Span, Text
from orchestr8.inventory.builder import SYNTAX, UNKNOWN_GROUP, Builder
from orchestr8.inventory.model import Group

_SECTION = re.compile(r"\[(?P<name>[^:\]\s]+)(?::(?P<kind>\w+))?\]\s*(?:[#;].*)?", re.ASCII)
_KINDS = ("hosts", "children", "vars")
_PLAIN = re.compile(r"""[^#"'\\]+""")
_NUMBER = re.compile(r"[1-9]\d{0,15}|0")
_LITERAL = re.compile(r"""[\s\d.+\-'"\[{(]|True|False|None|set\(|[bBrRuU]['"]""")


class IniReader:
    """Reads one INI inventory into a builder."""

    def __init__(self, builder: Builder, file: str) -> None:
        self._builder = builder
        self._file = file
        self._group = builder.groups["ungrouped"]
        self._kind = "hosts"
        self._declared: set[str] = {*builder.groups}
        self._awaited: dict[str, tuple[str, Span]] = {}

    def read(self, text: str) -> None:
        """Read the whole text."""
        for number, line in enumerate(text.splitlines(), 1):
            content = line.strip()
            if not content or content[0] in "#;":
                continue
            span = Span(self._file, number, len(line) - len(line.lstrip()) + 1, len(content))
            if content[0] == "[" and (section := _SECTION.fullmatch(content)):
                self._section(section["name"], section["kind"] or "hosts", span)
            else:
                self._line(content, span)
        self._settle()

    def _section(self, name: str, kind: str, span: Span) -> None:
        if kind not in _KINDS:
            self._builder.error(SYNTAX, f"section [{name}:{kind}] has unknown type: {kind}", span)
            kind = "hosts"
        self._group = self._builder.group(name, span) or Group(name)
        self._kind = kind
        if kind == "vars":
            self._awaited.setdefault(self._group.name, ("vars", span))
        else:
            self._declared |= {name, self._group.name}

    def _line(self, content: str, span: Span) -> None:
        if self._kind == "hosts":
            self._hosts(content, span)
        elif self._kind == "vars":
            self._variable(content, span)
        else:
            self._child(content, span)

    def _hosts(self, content: str, span: Span) -> None:
        words = self._words(content, span)
        if not words:
            return
        hosts = self._builder.hosts_of(words[0], span)
        values = [pair for word in words[1:] if (pair := self._pair(word, content, span))]
        for host in hosts:
            self._builder.join(self._group, host)
            for key, value, place in values:
                self._builder.set_var(host, key, value, place)

    def _words(self, content: str, span: Span) -> list[str]:
        if _PLAIN.fullmatch(content):
            return content.split()
        try:
            return shlex.split(content, comments=True)
        except ValueError as failure:
            self._builder.error(SYNTAX, f"the host line cannot be read: {failure}", span)
            return []

    def _pair(self, word: str, content: str, span: Span) -> tuple[str, Any, Span] | None:
        key, equals, value = word.partition("=")
        column = span.column + max(0, content.find(key))
        place = Span(self._file, span.line, column, len(key) or 1)
        if not equals or not key:
            message = f"expected key=value host variable assignment, got: {word}"
            self._builder.error(SYNTAX, message, place)
            return None
        return key, typed(value, place), place

    def _variable(self, content: str, span: Span) -> None:
        key, equals, value = content.partition("=")
        if not equals or not key.strip():
            self._builder.error(SYNTAX, "expected key=value", span)
            return
        place = Span(self._file, span.line, span.column, len(key.strip()))
        self._builder.set_var(self._group, key.strip(), typed(value.strip(), place), place)

    def _child(self, content: str, span: Span) -> None:
        words = self._words(content, span)
        if len(words) != 1:
            self._builder.error(SYNTAX, f"expected one group name, got: {content}", span)
            return
        child = self._builder.group(words[0], span)
        if child is not None:
            self._awaited.setdefault(words[0], ("children", span))
            self._builder.nest(self._group, child, span)

    def _settle(self) -> None:
        for name, (kind, span) in self._awaited.items():
            if name not in self._declared:
                message = f"section [{name}:vars] is for an undefined group" if kind == "vars" else ""
                message = message or f"the group `{name}` is included here but never defined"
                self._builder.error(UNKNOWN_GROUP, message, span, f"add a section [{name}]")


def typed(value: str, span: Span | None) -> Any:
    """Return what a value of an INI file means: a Python literal if it is one, else a text."""
    if _NUMBER.fullmatch(value):
        return int(value)
    if not _LITERAL.match(value):
        return Text(value, span)
    try:
        return _trusted(_literal(value), span)
    except (ValueError, SyntaxError, MemoryError, RecursionError, TypeError):
        return Text(value, span)


def _literal(value: str) -> Any:
    if "\\" not in value:
        return ast.literal_eval(value)
    with warnings.catch_warnings():
        # An unknown escape is what the user wrote; what Python thinks of it concerns nobody.
        warnings.simplefilter("ignore")
        return ast.literal_eval(value)


def _trusted(value: Any, span: Span | None) -> Any:
    if isinstance(value, str):
        return Text(value, span)
    if isinstance(value, (list, tuple, set)):
        return [_trusted(each, span) for each in value]
    if isinstance(value, dict):
        return {_key(key): _trusted(each, span) for key, each in value.items()}
    if isinstance(value, bytes):
        return Text(value.decode("utf-8", "surrogateescape"), span)
    if value is ...:
        return Text("...", span)
    return value if isinstance(value, (int, float, bool, type(None))) else Text(str(value), span)


def _key(key: Any) -> Any:
    return str(key) if isinstance(key, (bytes, tuple)) else key
