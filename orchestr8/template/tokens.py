"""Columns of names in a template, which Jinja's syntax tree does not keep."""

from __future__ import annotations

from collections import defaultdict

from jinja2 import Environment

_SKIPPED = frozenset(
    ("whitespace", "data", "comment", "comment_begin", "comment_end", "raw_begin", "raw_end")
)
_Token = tuple[str, str, int, int]


class Tokens:
    """A template's tokens with line and column, looked up by name and line in order of their occurrence."""

    def __init__(self, environment: Environment, text: str, *, expression: bool) -> None:
        self._tokens = _placed(environment, text, "variable" if expression else None)
        self._by_name: dict[tuple[str, int], list[int]] = defaultdict(list)
        for index, (kind, value, line, _) in enumerate(self._tokens):
            if kind == "name" and not self._is_part(index):
                self._by_name[value, line].append(index)

    def _is_part(self, index: int) -> bool:
        before = self._tokens[index - 1][1] if index else ""
        after = self._tokens[index + 1][1] if index + 1 < len(self._tokens) else ""
        return before in (".", "|", "is") or after == "="

    def take(self, name: str, line: int, parts: int) -> tuple[int, tuple[int, ...]]:
        """Return the column of the next occurrence of a name on a line, and those of its path's parts."""
        places = self._by_name.get((name, line))
        if not places:
            return 1, ()
        index = places.pop(0) if len(places) > 1 else places[0]
        return self._tokens[index][3], self._path(index + 1, parts)

    def _path(self, index: int, parts: int) -> tuple[int, ...]:
        columns: list[int] = []
        while len(columns) < parts and index + 1 < len(self._tokens):
            value = self._tokens[index][1]
            if value not in (".", "["):
                break
            columns.append(self._tokens[index + 1][3] + (1 if value == "[" else 0))
            index += 2 if value == "." else 3
        return tuple(columns)


def _placed(environment: Environment, text: str, state: str | None) -> list[_Token]:
    tokens: list[_Token] = []
    position, line, line_start = 0, 1, 0
    for _, kind, value in environment.lexer.tokeniter(text, None, None, state):
        found = text.find(value, position) if value else -1
        if found < 0:
            continue
        line += text.count("\n", position, found)
        if (newline := text.rfind("\n", 0, found)) >= 0:
            line_start = newline + 1
        if kind not in _SKIPPED:
            tokens.append((kind, value, line, found - line_start + 1))
        line += value.count("\n")
        position = found + len(value)
    return tokens
