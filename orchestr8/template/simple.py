"""Templates that are only names and text, evaluated without Jinja.

Most templates are `{{ name }}` or `/etc/{{ app.name }}/conf`. Where anything is out of the ordinary (a
name is missing, an attribute is a method) the answer is UNSURE and Jinja decides.
"""

from __future__ import annotations

import re
from typing import Any

from orchestr8.template.lazy import LazyDict, LazyList
from orchestr8.template.run import ABSENT, Run

UNSURE: Any = object()
_RESERVED = frozenset(
    ("true", "false", "none", "True", "False", "None", "not", "and", "or", "in", "is", "if")
)
_METHODS = frozenset(dir(dict))
_PLAIN = frozenset((str, int, float, bool))
_PIECE = re.compile(r"\{\{[-+]?|\{%|\{#")
_PATH = re.compile(r"\{\{\s*([A-Za-z_]\w*)((?:\.[A-Za-z_]\w*|\[(?:'[^'\\{]*'|\"[^\"\\{]*\"|\d+)\])*)\s*\}\}")
_STEP = re.compile(r"\.(\w+)|\['([^']*)'\]|\[\"([^\"]*)\"\]|\[(\d+)\]")
_Path = tuple[str, tuple[str | int, ...]]


def parse_simple(text: str) -> Simple | None:
    """Return `text` as literal pieces and paths, or None when it needs Jinja."""
    pieces: list[str | _Path] = []
    position = 0
    while opening := _PIECE.search(text, position):
        path = _PATH.match(text, opening.start())
        if path is None or path[1] in _RESERVED:
            return None
        if opening.start() > position:
            pieces.append(text[position : opening.start()])
        pieces.append((path[1], tuple(_step(*found.groups()) for found in _STEP.finditer(path[2]))))
        position = path.end()
    if position < len(text):
        pieces.append(text[position:])
    if len(pieces) == 2 and pieces[1] == "\n":
        return None
    return Simple(tuple(pieces))


def parse_path(expression: str) -> Simple | None:
    """Return a bare expression as a path, or None when it is more than that."""
    simple = parse_simple("{{" + expression.strip() + "}}")
    if simple is None or len(simple.pieces) != 1 or isinstance(simple.pieces[0], str):
        return None
    return simple


def _step(attribute: str | None, single: str | None, double: str | None, index: str | None) -> str | int:
    if index is not None:
        return int(index)
    return next(part for part in (attribute, single, double) if part is not None)


class Simple:
    """Literal pieces and variable paths in a row."""

    __slots__ = ("pieces",)

    def __init__(self, pieces: tuple[str | _Path, ...]) -> None:
        self.pieces = pieces

    def run(self, run: Run) -> Any:
        """Return the value in a run's scope, or UNSURE."""
        pieces = self.pieces
        if len(pieces) == 1 and type(pieces[0]) is tuple:
            return follow(pieces[0], run)
        texts: list[str] = []
        for piece in pieces:
            if isinstance(piece, str):
                texts.append(piece)
                continue
            value = follow(piece, run)
            if type(value) not in _PLAIN:
                return UNSURE
            texts.append(str(value))
        return "".join(texts)


def follow(path: _Path, run: Run) -> Any:
    """Return what a path leads to, or UNSURE."""
    value = run.lookup(path[0])
    if value is ABSENT:
        return UNSURE
    for step in path[1]:
        value = _descend(value, step)
        if value is UNSURE:
            return UNSURE
    return value


def _descend(value: Any, step: str | int) -> Any:
    if isinstance(value, LazyDict) and step not in _METHODS and step in value:
        return value[step]
    if isinstance(value, LazyList) and isinstance(step, int) and step < len(value):
        return value[step]
    return UNSURE
