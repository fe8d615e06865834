"""A value of a service with its place: as written, or as rendered beside what was written."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from orchestr8.core.span import Mapping, Sequence, Span, span_of
from orchestr8.core.suggest import did_you_mean
from orchestr8.language.findings import Findings
from orchestr8.language.schema import has_template, is_template, kind_of

UNKNOWN = "O8-1601"
WRONG = "O8-1602"
LATER = "O8-1603"
PORT = "O8-1604"
ORDER = "O8-1605"
CONSTRAINT = "O8-1606"
NEEDS = "O8-1607"
AMBIGUOUS = "O8-1608"
NAME = "O8-1609"


class Unreadable(Exception):
    """A value has no meaning here; what is wrong was noted already, or it is a template to be rendered."""


@dataclass(frozen=True, slots=True)
class Node:
    """A value, what the user wrote in its stead, its place, and its path in words.

    `lenient` says that templates stand where values will be; they are passed over.
    """

    value: Any
    written: Any
    span: Span | None
    path: str
    findings: Findings
    lenient: bool = False

    def child(self, key: str) -> Node:
        """Return the value under a key."""
        written = self.written.get(key) if isinstance(self.written, dict) else None
        spans = self.written.value_spans if isinstance(self.written, Mapping) else {}
        span = spans.get(key) or span_of(written) or self.span
        return self._part(self.value[key], written, span, f"{self.path}.{key}")

    def item(self, index: int) -> Node:
        """Return the value at an index."""
        same = isinstance(self.written, list) and len(self.written) == len(self.value)
        written = self.written[index] if same else None
        spans = self.written.item_spans if same and isinstance(self.written, Sequence) else []
        span = (spans[index] if index < len(spans) else None) or span_of(written) or self.span
        return self._part(self.value[index], written, span, f"{self.path}[{index}]")

    def _part(self, value: Any, written: Any, span: Span | None, path: str) -> Node:
        return Node(value, written, span, path, self.findings, self.lenient)

    def key_span(self, key: str) -> Span | None:
        """Return the place of a key."""
        spans = self.written.key_spans if isinstance(self.written, Mapping) else {}
        return spans.get(key) or self.span

    def error(self, code: str, message: str, hint: str | None = None) -> Unreadable:
        """Note a mistake; the caller raises what is returned when it cannot go on."""
        self.findings.error(code, f"`{self.path}`: {message}", self.span, hint)
        return Unreadable(message)

    def wrong(self, wanted: str, hint: str | None = None) -> Unreadable:
        """Note a value of the wrong kind."""
        shown = self.value if isinstance(self.value, str | int | float) else kind_of(self.value)
        return self.error(WRONG, f"needs {wanted}, not `{shown}`", hint)

    @property
    def pending(self) -> bool:
        """Whether the value is a template that is not rendered yet."""
        return self.lenient and is_template(self.value)

    @property
    def vague(self) -> bool:
        """Whether a template stands anywhere in the value."""
        return self.lenient and has_template(self.value)

    def settled(self) -> Node:
        """Return the node; raises Unreadable when a template stands here."""
        if self.pending:
            raise Unreadable("template")
        return self

    def mapping(self) -> Node:
        """Return the node when it is a mapping."""
        if self.settled() and not isinstance(self.value, dict):
            raise self.wrong("a mapping")
        return self

    def fields(self) -> Iterator[tuple[str, Node]]:
        """Yield the keys of a mapping and their values."""
        for key in self.mapping().value:
            yield str(key), self.child(key)

    def items(self) -> Iterator[Node]:
        """Yield the items of a list."""
        if self.settled() and not isinstance(self.value, list | tuple):
            raise self.wrong("a list")
        for index in range(len(self.value)):
            yield self.item(index)

    def unknown_key(self, key: str, known: tuple[str, ...], what: str) -> None:
        """Note a key that nobody knows."""
        message = f"{what} has no key `{key}`"
        self.findings.error(UNKNOWN, message, self.key_span(key), did_you_mean(key, known))

    def later(self, key: str, why: str = "") -> None:
        """Note a key that is known and not supported yet."""
        message = f"`{key}` is not supported yet" + (f": {why}" if why else "")
        self.findings.error(LATER, message, self.key_span(key), "remove it, it would have no effect")
