"""Places in files, and plain values that know theirs."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, Self


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """A place in a file: path as given by the user, line and column from 1, width in characters."""

    file: str
    line: int
    column: int = 1
    width: int = 1

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}"

    def at(self, line: int, column: int, width: int = 1) -> Span:
        """Return the place `line` and `column` (both from 0) further into the text that starts here.

        Exact for one-line scalars and literal blocks: a text's place is where its first character stands.
        """
        return Span(self.file, self.line + line, self.column + column, width)


class Text(str):
    """A string the user wrote in a file: it knows its place and may be rendered as a template.

    Only `Text` is ever evaluated. What a host or a template returned is a plain `str` and stays literal.
    """

    __slots__ = ("span",)
    span: Span | None

    def __new__(cls, value: str, span: Span | None = None) -> Self:
        """Make a trusted string from `value` at `span`."""
        text = super().__new__(cls, value)
        text.span = span
        return text


class Mapping(dict[str, Any]):
    """A YAML mapping: an ordinary dict that also knows where it and each of its keys and values stand."""

    __slots__ = ("key_spans", "span", "value_spans")

    def __init__(self, items: Iterable[tuple[str, Any]] = (), span: Span | None = None) -> None:
        super().__init__(items)
        self.span = span
        self.key_spans: dict[str, Span] = {}
        self.value_spans: dict[str, Span] = {}


class Sequence(list[Any]):
    """A YAML sequence: an ordinary list that also knows where it and each of its items stand."""

    __slots__ = ("item_spans", "span")

    def __init__(self, items: Iterable[Any] = (), span: Span | None = None) -> None:
        super().__init__(items)
        self.span = span
        self.item_spans: list[Span] = []


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a variable's value was set: a source's name such as "play vars" and the place."""

    source: str
    span: Span | None = field(default=None)

    def __str__(self) -> str:
        return f"{self.span} ({self.source})" if self.span else self.source


def span_of(value: object) -> Span | None:
    """Return the place a value carries, or None."""
    return getattr(value, "span", None)
