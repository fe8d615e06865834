"""Splits an expression over measured values into words: numbers with units, texts, names, operators."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

_WORD = re.compile(
    r"""\s*(?:
        (?P<number>\d+(?:\.\d+)?)\s?(?P<unit>ms\b|s\b|%)?
      | (?P<text>'[^']*'|"[^"]*")
      | (?P<name>[a-z_][a-z0-9_]*(?:\.[a-z_][a-z0-9_]*)*)
      | (?P<sign>==|!=|<=|>=|<|>|\+|-|\*|/|\(|\))
    )""",
    re.VERBOSE | re.IGNORECASE,
)
_UNITS = {"ms": 0.001, "s": 1.0, "%": 0.01}
_SPELLED = ("and", "or", "not", "in")
_LITERALS = {"true": True, "false": False}
_LONGEST = 500

Kind = Literal["value", "name", "sign", "end"]


@dataclass(frozen=True, slots=True)
class Word:
    """A word and the column it begins at, from one; `value` is set for numbers, texts and truth values."""

    kind: Kind
    text: str
    at: int
    value: float | str | bool = 0.0


def words(text: str) -> Iterator[Word]:
    """Yield the words of an expression and an end; raises ValueError with the column of what is none."""
    if len(text) > _LONGEST:
        raise ValueError(f"is longer than {_LONGEST} characters")
    at, end = 0, len(text.rstrip())
    while at < end:
        found = _WORD.match(text, at)
        if found is None:
            raise ValueError(f"column {at + 1}: `{text[at:].strip()[:10]}` has no meaning here")
        yield _word(found)
        at = found.end()
    yield Word("end", "the end", end + 1)


def _word(found: re.Match[str]) -> Word:
    kind = found.lastgroup if found.lastgroup != "unit" else "number"
    text = found[kind or 0]
    at = found.start(kind or 0) + 1
    if kind == "number":
        return Word("value", text, at, float(text) * _UNITS.get(found["unit"] or "s", 1.0))
    if kind == "text":
        return Word("value", text, at, text[1:-1])
    if text in _LITERALS:
        return Word("value", text, at, _LITERALS[text])
    return Word("sign" if kind == "sign" or text in _SPELLED else "name", text, at)
