"""Secrets on their way through templates, and texts in which they must not be read."""

from __future__ import annotations

import base64
import json
import re
import shlex
import threading
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import quote, quote_plus

from orchestr8.core.secret import MASK, Secret
from orchestr8.core.span import Span, Text

_SHORTEST = 4
_SHORTEST_LINE = 8
_SHORTEST_NUMBER = 6


def reveal(value: Any) -> Any:
    """Return `value` with every secret in it shown; only for what leaves for a host."""
    if isinstance(value, Secret):
        return value.reveal()
    if isinstance(value, dict):
        return {key: reveal(each) for key, each in value.items()}
    if isinstance(value, (list, tuple)):
        return [reveal(each) for each in value]
    return str(value) if type(value) is Text else value


def holds_secret(value: Any) -> bool:
    """Return whether there is a secret in a value."""
    if isinstance(value, dict):
        return any(holds_secret(each) for each in value.values())
    if isinstance(value, (list, tuple)):
        return any(holds_secret(each) for each in value)
    return isinstance(value, Secret)


class Redactor:
    """Masks known secret values in any text, also where they are quoted, encoded or one line of several.

    short: the places of secrets too short to be told from other text.
    """

    def __init__(self) -> None:
        self._values: set[str] = set()
        self._pattern: re.Pattern[str] | None = None
        self._lock = threading.Lock()
        self.short: list[Span | None] = []

    def __bool__(self) -> bool:
        return bool(self._values)

    def add(self, secret: Secret) -> Secret:
        """Know a secret from now on, and return it; very short ones cannot be told from other text."""
        self.learn(secret.reveal())
        return secret

    def learn(self, value: str, span: Span | None = None) -> None:
        """Know a secret text that stands at a place."""
        whole = value.strip()
        if len(whole) < _SHORTEST:
            if whole:
                self.short.append(span)
            return
        lines = [line.strip() for line in whole.splitlines()] if "\n" in whole else []
        found = {value, whole, *(line for line in lines if len(line) >= _SHORTEST_LINE)}
        with self._lock:
            if not found <= self._values:
                self._values |= found.union(*map(_forms, found))
                self._pattern = None

    def learn_all(self, value: Any, span: Span | None = None) -> None:
        """Know every text in a structure, and long numbers; templates are no secrets themselves."""
        for leaf in _leaves(value):
            self.learn(leaf, span)

    def mask(self, text: str) -> str:
        """Return `text` with every known secret replaced, the longest first."""
        if not self._values:
            return text
        return self._compiled().sub(MASK, text)

    def _compiled(self) -> re.Pattern[str]:
        with self._lock:
            if self._pattern is None:
                longest = sorted(self._values, key=lambda value: (-len(value), value))
                self._pattern = re.compile("|".join(map(re.escape, longest)))
            return self._pattern

    def masked(self, value: Any) -> Any:
        """Return a structure with every known secret in its texts, keys and numbers replaced."""
        if isinstance(value, str):
            return self.mask(value)
        if isinstance(value, Mapping):
            return {self.masked(key): self.masked(each) for key, each in value.items()}
        if isinstance(value, (list, tuple)):
            return [self.masked(each) for each in value]
        if type(value) in (int, float) and str(value) in self._values:
            return MASK
        return self.mask(value.decode("utf-8", "replace")) if isinstance(value, bytes) else value


def _leaves(value: Any) -> Iterator[str]:
    if isinstance(value, Mapping):
        for each in value.values():
            yield from _leaves(each)
    elif isinstance(value, (list, tuple)):
        for each in value:
            yield from _leaves(each)
    elif isinstance(value, str):
        if "{{" not in value and "{%" not in value and len(value.strip()) >= _SHORTEST:
            yield value
    elif type(value) in (int, float) and len(str(value)) >= _SHORTEST_NUMBER:
        yield str(value)


def _forms(value: str) -> Iterator[str]:
    """Yield how a value looks in JSON, in a URL, quoted for a shell, and inside base64."""
    yield json.dumps(value)[1:-1]
    yield json.dumps(value, ensure_ascii=False)[1:-1]
    yield repr(value)[1:-1]
    yield quote(value, safe="", errors="replace")
    yield quote(value, errors="replace")
    yield quote_plus(value, errors="replace")
    quoted = shlex.quote(value)
    if "'" in value:
        yield quoted[1:-1]
    data = value.encode("utf-8", "surrogateescape")
    for encode in (base64.b64encode, base64.urlsafe_b64encode):
        for shift in range(3):
            inner = _inside(encode(b"\0" * shift + data), len(data), shift)
            if len(inner) >= _SHORTEST:
                yield inner


def _inside(encoded: bytes, size: int, shift: int) -> str:
    """Return the digits of base64 that depend on nothing but the value, at one of three alignments."""
    first = -(-shift * 8 // 6)
    last = (shift + size) * 8 // 6
    return encoded[first:last].decode("ascii")
