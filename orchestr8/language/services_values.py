"""Plain values of a service: text, numbers, durations, sizes, lists of words."""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable, Iterator
from typing import Any, TypeVar

from orchestr8.core.secret import Secret
from orchestr8.language.schema import Wrong, boolean
from orchestr8.language.services_node import AMBIGUOUS, Node, Unreadable

T = TypeVar("T")
Reader = Callable[[Node], T]

_UNITS = {"us": 1e-6, "ms": 1e-3, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}
_PART = re.compile(r"(\d+(?:\.\d+)?)(us|ms|s|m|h|d)")
_SIZE = re.compile(r"(\d+(?:\.\d+)?)\s*(b|k|kb|kib|m|mb|mib|g|gb|gib|t|tb|tib)?", re.IGNORECASE)


def plain(node: Node) -> Node:
    """Return the node unless YAML has read something else than is written there (22:22, 1.10, 0777)."""
    value, span = node.settled().value, node.span
    number = isinstance(value, int | float) and not isinstance(value, bool)
    literal = number and value is node.written and span is not None
    if literal and span is not None and span.width > 1 and span.width != len(str(value)):
        raise node.error(AMBIGUOUS, f"YAML reads this as the number {value}", "put it in quotes")
    return node


def text(node: Node) -> str:
    """Return text; numbers are taken as they are written."""
    value = plain(node).value
    if isinstance(value, bool):
        raise node.error(
            AMBIGUOUS, f"YAML reads this as {str(value).lower()}, text is needed", "put it in quotes"
        )
    if isinstance(value, int | float):
        return str(value)
    if not isinstance(value, str):
        raise node.wrong("text")
    return str(value)


def secret_text(node: Node) -> str | Secret:
    """Return text that may be a secret."""
    return node.value if isinstance(node.value, Secret) else text(node)


def flag(node: Node) -> bool:
    """Return a boolean."""
    try:
        return boolean(node.settled().value)
    except Wrong as wrong:
        raise node.wrong(str(wrong)) from None


def whole(node: Node) -> int:
    """Return a number that is zero or more."""
    value = plain(node).value
    if isinstance(value, str) and value.strip().isdecimal() and len(value) < 19:
        return int(value)
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise node.wrong("a whole number, zero or more")
    return value


def decimal(node: Node) -> float:
    """Return a number above zero, such as cpus."""
    value = node.settled().value
    try:
        number = (
            float(value) if isinstance(value, str | int | float) and not isinstance(value, bool) else -1.0
        )
    except ValueError:
        number = -1.0
    if not 0 < number < 1e6:
        raise node.wrong('a number above zero, such as "0.5"')
    return number


def duration(node: Node) -> float:
    """Return seconds from `90s`, `1m30s`, `500ms`, or a plain number of seconds."""
    value = plain(node).value
    if isinstance(value, int | float) and not isinstance(value, bool) and value >= 0:
        return float(value)
    word = value.replace(" ", "") if isinstance(value, str) else ""
    parts = _PART.findall(word)
    if word.isdecimal() and len(word) < 12:
        return float(word)
    if not parts or "".join(n + u for n, u in parts) != word:
        raise node.wrong("a duration such as 90s, 1m30s or 500ms")
    return round(sum(float(n) * _UNITS[u] for n, u in parts), 6)


def size(node: Node) -> int:
    """Return bytes from `512M`, `1g`, `1.5GiB`, or a plain number of bytes."""
    value = plain(node).value
    if isinstance(value, int) and not isinstance(value, bool) and value >= 0:
        return value
    found = _SIZE.fullmatch(value.strip()) if isinstance(value, str) else None
    if found is None:
        raise node.wrong("a size such as 512M or 1g")
    exponent = " kmgt".index((found[2] or "b").lower()[0].replace("b", " "))
    return int(float(found[1]) * 1024**exponent)


def words(node: Node) -> tuple[str, ...]:
    """Return a command from a list, or from text split as a shell splits words."""
    if isinstance(node.settled().value, str):
        try:
            return tuple(shlex.split(node.value))
        except ValueError as error:
            raise node.error("O8-1602", f"cannot be split into words: {error}", "check the quotes") from None
    return texts(node)


def texts(node: Node) -> tuple[str, ...]:
    """Return a list of texts."""
    return tuple(each(node.items(), text))


def text_or_texts(node: Node) -> tuple[str, ...]:
    """Return one text or a list of them."""
    return texts(node) if isinstance(node.settled().value, list | tuple) else (text(node),)


def pairs(separators: str = "=") -> Reader[dict[str, str]]:
    """Return the reader of a mapping of texts that may also be a list of `key=value`."""

    def read(node: Node) -> dict[str, str]:
        if isinstance(node.settled().value, dict):
            return {key: "" if child.value is None else text(child) for key, child in _good(node)}
        found: dict[str, str] = {}
        for item in node.items():
            for line in each([item], text):
                at = min((line.find(s) for s in separators if s in line), default=len(line))
                found[line[:at]] = line[at + 1 :]
        return found

    return read


def _good(node: Node) -> Iterator[tuple[str, Node]]:
    for key, child in node.fields():
        if child.value is None or list(each([child], text)):
            yield key, child


def each(nodes: Any, reader: Reader[T]) -> Iterator[T]:
    """Yield what can be read of several values; mistakes in one do not hide those in others."""
    for node in nodes:
        try:
            yield reader(node)
        except Unreadable:
            continue


def choice(*allowed: str) -> Reader[str]:
    """Return the reader of one of a few words."""

    def read(node: Node) -> str:
        word = text(node)
        if word not in allowed:
            raise node.wrong(f"one of {', '.join(allowed)}")
        return word

    return read
