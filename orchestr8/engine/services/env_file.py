"""Compose's files of variables (`env_file`), line by line."""

from __future__ import annotations

import re

_LINE = re.compile(r"\s*(?:export\s+)?(?P<name>[^\s=#]+)\s*(?P<equals>=)?\s*(?P<value>.*?)\s*")
_DOUBLE = re.compile(r'"((?:[^"\\]|\\.)*)"\s*(?:#.*)?', re.DOTALL)
_SINGLE = re.compile(r"'([^']*)'\s*(?:#.*)?", re.DOTALL)
_ESCAPES = {"n": "\n", "t": "\t", "r": "\r", '"': '"', "\\": "\\", "$": "$"}


def parse(text: str, *, raw: bool = False) -> dict[str, str]:
    """Return the variables of a file; raise ValueError naming the line that has no meaning.

    raw: values are taken to the end of the line as they stand.
    """
    found: dict[str, str] = {}
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        match = _LINE.fullmatch(line)
        if match is None or not match["equals"]:
            raise ValueError(f"line {number}: a variable needs a value, NAME=value")
        found[match["name"]] = match["value"] if raw else _value(match["value"], number)
    return found


def _value(word: str, number: int) -> str:
    if quoted := _SINGLE.fullmatch(word):
        return quoted[1]
    if quoted := _DOUBLE.fullmatch(word):
        _literal(re.sub(r"\\.", "", quoted[1]), number)
        return re.sub(r"\\(.)", lambda m: _ESCAPES.get(m[1], m[0]), quoted[1])
    if word[:1] in ("'", '"'):
        raise ValueError(f"line {number}: a quote is not closed")
    bare = re.split(r"(?:^|\s)#", word, maxsplit=1)[0].rstrip()
    return _literal(bare, number)


def _literal(value: str, number: int) -> str:
    """Return a value that asks for no other variable: where those come from would be a guess."""
    if re.search(r"\$\{|\$[A-Za-z_]", value):
        raise ValueError(f"line {number}: ${{…}} is not replaced; quote the value with ', or use format: raw")
    return value
