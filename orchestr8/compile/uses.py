"""Finds which variables the user's texts use, and where in the files; Jinja only where it is needed."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import Any

from orchestr8.core.span import Span, Text
from orchestr8.template.analysis import Analysis, Use, analyse, analyse_expression, analyse_file

_PIECE = re.compile(r"\{\{-?(.*?)-?\}\}", re.DOTALL)
_PATH = re.compile(r"\s*([A-Za-z_]\w*)((?:\.[A-Za-z_]\w*)*)\s*\Z")
_ASKED = re.compile(
    r"\s*(?:not\s+)?([A-Za-z_]\w*)((?:\.[A-Za-z_]\w*)*)\s+is\s+(?:not\s+)?(?:un)?defined\s*\Z"
)
_CONSTANTS = frozenset(["true", "false", "none", "True", "False", "None", "omit"])

LineOf = Callable[[str, int], str]


def texts(value: Any) -> Iterator[Text]:
    """Yield every string of the user in a value."""
    if isinstance(value, Text):
        yield value
    elif isinstance(value, dict):
        for key, item in value.items():
            yield from texts(key)
            yield from texts(item)
    elif isinstance(value, list | tuple):
        for item in value:
            yield from texts(item)


def template(text: str) -> Analysis:
    """Return what a template uses."""
    return _simple_template(text) or analyse(text)


def template_file(text: str, options: tuple[tuple[str, object], ...]) -> Analysis:
    """Return what a template file uses; `options` are other delimiters."""
    return (None if options else _simple_template(text)) or analyse_file(text, options)


def expression(text: str) -> Analysis:
    """Return what a bare expression uses; one may be written as a template, too."""
    return (
        template(text)
        if "{{" in text or "{%" in text
        else _simple_expression(text) or analyse_expression(text)
    )


@lru_cache(maxsize=4096)
def _simple_template(text: str) -> Analysis | None:
    if "{%" in text or "{#" in text or text.startswith("#jinja2:"):
        return None
    uses: list[Use] = []
    for piece in _PIECE.finditer(text):
        found = _PATH.match(piece[1])
        if found is None or "\n" in piece[1]:
            return None
        line = text.count("\n", 0, piece.start())
        start = piece.start(1) - (text.rfind("\n", 0, piece.start()) + 1)
        uses += _use(found, start, line=line + 1)
    rest = _PIECE.sub("", text)
    return None if "{{" in rest or "}}" in rest else Analysis(tuple(uses))


@lru_cache(maxsize=4096)
def _simple_expression(text: str) -> Analysis | None:
    if found := _PATH.match(text):
        return Analysis(tuple(_use(found, 0)))
    if found := _ASKED.match(text):
        return Analysis(tuple(_use(found, 0, guarded=True)))
    return None


def _use(found: re.Match[str], offset: int, *, line: int = 1, guarded: bool = False) -> list[Use]:
    name, path = found[1], tuple(found[2].split(".")[1:])
    if name in _CONSTANTS:
        return []
    column = offset + found.start(1) + 1
    columns, at = [], offset + found.start(2) + 1
    for part in path:
        columns.append(at + 1)
        at += len(part) + 1
    return [Use(name, path, line, column, guarded, tuple(columns))]


def locate(text: Text, line: int, column: int, word: str, line_of: LineOf) -> Span | None:
    """Return where a word of a text stands in its file; line and column are those within the text, from 1."""
    start = text.span
    if start is None:
        return None
    guess = start.at(line - 1, column - 1, max(len(word), 1))
    if not word or _stands(guess, word, line_of):
        return guess
    return _search(start, text, word, line_of) or start


def _stands(span: Span, word: str, line_of: LineOf) -> bool:
    return line_of(span.file, span.line)[span.column - 1 : span.column - 1 + len(word)] == word


def _search(start: Span, text: str, word: str, line_of: LineOf) -> Span | None:
    """Look for the word in the lines of a scalar that YAML folded."""
    wanted = re.compile(rf"(?<!\w){re.escape(word)}(?!\w)")
    for number in range(start.line, start.line + 2 + len(text) // 20):
        after = start.column - 1 if number == start.line else 0
        found = wanted.search(line_of(start.file, number), after)
        if found:
            return Span(start.file, number, found.start() + 1, len(word))
    return None
