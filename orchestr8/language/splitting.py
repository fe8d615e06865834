"""Splits `key=value` arguments as Ansible does: quotes, line continuations and templates hold together."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from orchestr8.core.span import Mapping, Span, Text

_ESCAPE = re.compile(r"\\U[0-9a-fA-F]{8}|\\u[0-9a-fA-F]{4}|\\x[0-9a-fA-F]{2}|\\N\{[^}]+\}|\\[\\'\"abfnrtv]")
_OPEN = {"{{": "}}", "{%": "%}", "{#": "#}"}
_ASSIGNED = re.compile(r".(?<!\\)=", re.DOTALL)
COMMAND_KEYS = frozenset(
    ["creates", "removes", "chdir", "executable", "warn", "stdin", "stdin_add_newline", "strip_empty_ends"]
)


class Unbalanced(Exception):
    """Quotes or braces are opened and not closed."""


@dataclass(frozen=True, slots=True)
class Split:
    """Named arguments, and the text that is none of them as it was written."""

    named: Mapping = field(default_factory=Mapping)
    rest: str = ""


@dataclass(frozen=True, slots=True)
class _Word:
    text: str
    start: int
    space: str


def split(source: str, span: Span | None, only: frozenset[str] | None = None) -> Split:
    """Split a task's bare text; `only` limits which names count (a command's own `a=b` words stay text).

    A command keeps the newline it ends with: what its result shows is what was written.
    """
    named = Mapping((), span)
    rest: list[str] = []
    for word in _words(source):
        name, value, offset = _assignment(word.text)
        if name is None or (only is not None and name not in only):
            rest.append(word.text + word.space)
            continue
        place = _place(source, span, word.start)
        at = _place(source, span, word.start + offset)
        at = at and Span(at.file, at.line, at.column, max(len(value), 1))
        named[name] = Text(value, at)
        if place is not None and at is not None:
            named.key_spans[name] = Span(place.file, place.line, place.column, len(name))
            named.value_spans[name] = at
    text = "".join(rest).lstrip()
    return Split(named, text.rstrip(" ") if only is not None else text.rstrip())


def _place(source: str, span: Span | None, offset: int) -> Span | None:
    if span is None:
        return None
    line = source.count("\n", 0, offset)
    return span.at(line, offset - (source.rfind("\n", 0, offset) + 1))


def _assignment(word: str) -> tuple[str | None, str, int]:
    """Return name, value and the value's offset of a word such as `a=b`; the name is None for other words."""
    found = _ASSIGNED.search(word)
    if found is None:
        return None, "", 0
    end = found.end()
    decoded = _ESCAPE.sub(_decode, word[end:])
    value = _unquoted(decoded.strip())
    return word[: end - 1].strip(), value, end + (value != decoded.strip())


def _decode(found: re.Match[str]) -> str:
    try:
        return found[0].encode("ascii").decode("unicode-escape")
    except UnicodeError:
        return found[0]


def _unquoted(value: str) -> str:
    quoted = len(value) > 1 and value[0] == value[-1] and value[0] in "\"'" and value[-2] != "\\"
    return value[1:-1] if quoted else value


def _words(source: str) -> Iterator[_Word]:
    position = len(source) - len(source.lstrip())
    while position < len(source):
        end = _word_end(source, position)
        after = end
        while after < len(source) and source[after].isspace():
            after += 1
        if source[position:end] != "\\" or "\n" not in source[end:after]:
            yield _Word(source[position:end], position, source[end:after])
        position = after


def _word_end(source: str, position: int) -> int:
    quote = ""
    closing: list[str] = []
    while position < len(source):
        char, pair = source[position], source[position : position + 2]
        if quote:
            quote = "" if char == quote and source[position - 1] != "\\" else quote
        elif char in "\"'" and (position == 0 or source[position - 1] != "\\"):
            quote = char
        elif pair in _OPEN:
            closing.append(_OPEN[pair])
            position += 1
        elif closing and pair == closing[-1]:
            closing.pop()
            position += 1
        elif char.isspace() and not closing:
            return position
        position += 1
    if quote or closing:
        raise Unbalanced(quote or closing[-1])
    return position
