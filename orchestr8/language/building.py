"""Builds values with places from the events of a YAML file, within limits of depth and size."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import yaml

from orchestr8.core.errors import Diagnostic
from orchestr8.core.span import Mapping, Sequence, Span, Text
from orchestr8.core.vaulted import Vaulted
from orchestr8.language.scalars import EXPLICIT, PLAIN, is_sexagesimal, resolve
from orchestr8.language.vault import envelope

MAX_DEPTH = 100
MAX_NODES = 1_000_000
REPEATED = "O8-1003"
"""What is noted of a key that a mapping has twice."""
_STANDARD = "tag:yaml.org,2002:"
_MERGE = "<<"


class Stop(Exception):
    """The file cannot be read any further, for the reason of `diagnostic`."""

    def __init__(self, code: str, message: str, span: Span, hint: str | None = None) -> None:
        super().__init__(message)
        self.diagnostic = Diagnostic(code, message, span, hint)


class Builder:
    """Builds the value of one file; duplicate keys and surprising scalars end up in `notes`."""

    def __init__(self, next_event: Callable[[], Any], file: str, lines: Callable[[], list[str]]) -> None:
        self._next = next_event
        self._file = file
        self._lines = lines
        self._anchors: dict[str, tuple[Any, Span, int] | None] = {}
        self._count = 0
        self._depth = 0
        self._unsafe = 0
        self.notes: list[Diagnostic] = []

    def build(self, event: Any) -> tuple[Any, Span]:
        """Return the value that starts with `event`, and its place."""
        kind = type(event)
        if kind is yaml.AliasEvent:
            return self._alias(event)
        self._grow(1, event)
        if event.anchor is None:
            return self._scalar(event) if kind is yaml.ScalarEvent else self._container(event)
        self._anchors[event.anchor] = None
        before = self._count
        value, span = self._scalar(event) if kind is yaml.ScalarEvent else self._container(event)
        self._anchors[event.anchor] = (value, span, self._count - before + 1)
        return value, span

    def _grow(self, nodes: int, event: Any) -> None:
        self._count += nodes
        if self._count > MAX_NODES:
            raise Stop(
                "O8-1005", f"the file expands to more than {MAX_NODES:,} values", self._span_at(event),
                "aliases of aliases multiply; write the data out or split the file",
            )  # fmt: skip

    def _span_at(self, event: Any, width: int = 1) -> Span:
        mark = event.start_mark
        return Span(self._file, mark.line + 1, mark.column + 1, width)

    def _alias(self, event: Any) -> tuple[Any, Span]:
        if event.anchor not in self._anchors:
            raise Stop(
                "O8-1006", f"there is no anchor `&{event.anchor}` before this alias", self._span_at(event)
            )
        known = self._anchors[event.anchor]
        if known is None:
            raise Stop("O8-1006", f"`*{event.anchor}` contains itself", self._span_at(event))
        value, span, size = known
        self._grow(size, event)
        return value, span

    def _scalar(self, event: Any) -> tuple[Any, Span]:
        value: str = event.value
        start, end = event.start_mark, event.end_mark
        style = event.style
        if event.tag is not None:
            return self._tagged(event)
        if style is None or style == "":
            width = end.column - start.column if end.line == start.line else 1
            span = Span(self._file, start.line + 1, start.column + 1, width)
            found = resolve(value)
            if found is not PLAIN:
                if found.__class__ is int and ":" in value:
                    self._sexagesimal(value, found, span)
                return found, span
        else:
            span = self._written_span(event)
        return (value if self._unsafe else Text(value, span)), span

    def _written_span(self, event: Any) -> Span:
        start, end = event.start_mark, event.end_mark
        if event.style in ("|", ">"):
            return self._block_span(event)
        if event.style in ("'", '"'):
            width = max(end.column - start.column - 2, 1) if end.line == start.line else 1
            return Span(self._file, start.line + 1, start.column + 2, width)
        width = max(end.column - start.column, 1) if end.line == start.line else 1
        return Span(self._file, start.line + 1, start.column + 1, width)

    def _block_span(self, event: Any) -> Span:
        first = event.start_mark.line + 1
        lines = self._lines()
        written = next((line for line in lines[first : event.end_mark.line + 1] if line.strip()), "")
        value = next((line for line in event.value.split("\n") if line.strip()), "")
        indent = (len(written) - len(written.lstrip(" "))) - (len(value) - len(value.lstrip(" ")))
        return Span(self._file, first + 1, max(indent, 0) + 1, max(len(value), 1))

    def _sexagesimal(self, value: str, number: int, span: Span) -> None:
        if is_sexagesimal(value):
            message = f"`{value}` is read as the number {number}, because YAML 1.1 counts it in base 60"
            self.notes.append(Diagnostic("O8-1008", message, span, f'quote it: "{value}"', "warning"))

    def _tagged(self, event: Any) -> tuple[Any, Span]:
        span, value = self._written_span(event), event.value
        tag = event.tag.removeprefix(_STANDARD)
        if tag in ("!", "str"):
            return (value if self._unsafe else Text(value, span)), span
        if tag == "!unsafe":
            return value, span
        if tag in ("!vault", "!vault-encrypted"):
            self._look_into(value, span)
            return Vaulted(value, span), span
        if tag not in EXPLICIT:
            raise self._unknown_tag(event, tag)
        try:
            return EXPLICIT[tag](value), span
        except ValueError:
            raise Stop("O8-1004", f"`{value}` is no `!!{tag}`", span) from None

    def _look_into(self, value: str, span: Span) -> None:
        """Note that an encrypted value is broken; it fails only where it is used."""
        try:
            envelope.parse(value.encode("utf-8", "surrogateescape"))
        except envelope.Malformed as error:
            place = span.at(error.line, error.column, error.width)
            self.notes.append(Diagnostic("O8-1801", error.message, place, error.hint, "warning"))

    def _unknown_tag(self, event: Any, tag: str) -> Stop:
        shown = tag if tag.startswith("!") else f"!!{tag}"
        hint = "known tags are `!vault` and `!unsafe`; quote the value if the `!` belongs to it"
        return Stop("O8-1004", f"there is no YAML tag `{shown}`", self._span_at(event, len(shown)), hint)

    def _container(self, event: Any) -> tuple[Any, Span]:
        unsafe = event.tag == "!unsafe"
        tag = (event.tag or "!").removeprefix(_STANDARD)
        if not unsafe and tag not in ("map", "seq", "!", "set", "omap", "pairs"):
            raise self._unknown_tag(event, tag)
        self._depth += 1
        self._unsafe += unsafe
        if self._depth > MAX_DEPTH:
            raise Stop("O8-1005", f"values are nested deeper than {MAX_DEPTH} levels", self._span_at(event))
        span = self._span_at(event)
        is_mapping = type(event) is yaml.MappingStartEvent
        value = self._mapping(span) if is_mapping else self._sequence(span)
        if tag in ("set", "omap", "pairs"):
            value = _listed(value, is_set=tag == "set", span=span)
        self._depth -= 1
        self._unsafe -= unsafe
        return value, span

    def _sequence(self, span: Span) -> Sequence:
        result = Sequence((), span)
        append, place = result.append, result.item_spans.append
        while type(event := self._next()) is not yaml.SequenceEndEvent:
            value, where = self.build(event)
            append(value)
            place(where)
        return result

    def _mapping(self, span: Span) -> Mapping:
        result = Mapping((), span)
        merges: list[tuple[Any, Span]] = []
        while type(event := self._next()) is not yaml.MappingEndEvent:
            if (
                type(event) is yaml.ScalarEvent
                and event.value == _MERGE
                and not event.style
                and not event.tag
            ):
                self._grow(1, event)
                merges.append(self.build(self._next()))
                continue
            key, where = self._key(event)
            if key in result.key_spans:
                self._duplicate(key, result.key_spans[key], where)
            result.key_spans[key] = where
            result[key], result.value_spans[key] = self.build(self._next())
        return self._merged(result, merges) if merges else result

    def _key(self, event: Any) -> tuple[Any, Span]:
        key, where = self.build(event)
        if isinstance(key, dict | list):
            looks = isinstance(key, dict) and len(key) <= 1
            hint = 'quote a value that starts with `{{`: "{{ … }}"' if looks else None
            raise Stop("O8-1001", "a mapping or list cannot be a key", self._span_at(event), hint)
        if isinstance(key, Text) and "{{" not in key:
            key = str(key)
        if isinstance(key, Vaulted):
            raise Stop("O8-1009", "a key cannot be encrypted", where)
        return key, Span(where.file, where.line, where.column, max(where.width, 1))

    def _duplicate(self, key: Any, first: Span, again: Span) -> None:
        message = f"Found duplicate mapping key {str(key)!r}; its value at line {first.line} is lost"
        self.notes.append(
            Diagnostic(
                REPEATED, message, again, "the last one counts, as in Ansible", "warning",
                (f"first at {first}",),
            )
        )  # fmt: skip

    def _merged(self, own: Mapping, merges: list[tuple[Any, Span]]) -> Mapping:
        result = Mapping((), own.span)
        for value, where in merges:
            sources = value if isinstance(value, list) else [value]
            for source in reversed(sources):
                if not isinstance(source, Mapping):
                    raise Stop("O8-1001", "`<<` takes a mapping or a list of mappings", where)
                _lay_over(result, source)
        _lay_over(result, own)
        return result


def _listed(value: Any, *, is_set: bool, span: Span) -> Sequence:
    """Return the members of a `!!set`, or the pairs of an `!!omap`, as the lists that templates see."""
    if is_set and isinstance(value, Mapping):
        return Sequence(value, span)
    if not is_set and isinstance(value, Sequence) and all(isinstance(each, Mapping) for each in value):
        return Sequence((Sequence(pair, span) for each in value for pair in each.items()), span)
    written = "`!!set` is written as a mapping" if is_set else "`!!omap` is a list of mappings"
    raise Stop("O8-1004", written, span)


def _lay_over(target: Mapping, source: Mapping) -> None:
    target.update(source)
    target.key_spans.update(source.key_spans)
    target.value_spans.update(source.value_spans)
