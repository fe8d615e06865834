"""How large a thing a template may make."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

from orchestr8.template.errors import TooBig

LONGEST = 64 * 1024 * 1024
MOST_ITEMS = 10_000_000
_BITS = 1_000_000
_WIDTH = re.compile(r"\d{7,}")
_WIDENING = frozenset(("center", "ljust", "rjust", "zfill", "expandtabs"))


class Interval:
    """A range too long to walk, which `random`, `length` and an index can still use."""

    def __init__(self, numbers: range) -> None:
        self._numbers = numbers

    def __len__(self) -> int:
        return len(self._numbers)

    def __getitem__(self, index: int) -> int:
        return self._numbers[index]

    def __contains__(self, value: object) -> bool:
        return value in self._numbers

    def __iter__(self) -> Iterator[int]:
        raise TooBig(f"a range of {len(self)} numbers is too long to go through")


def bounded_range(*bounds: int) -> range | Interval:
    """Return a range; one that is too long refuses to be walked."""
    numbers = range(*bounds)
    return Interval(numbers) if len(numbers) > MOST_ITEMS else numbers


def times(left: Any, right: Any) -> Any:
    """Multiply, refusing texts and lists that would be absurdly long."""
    for thing, count in ((left, right), (right, left)):
        if isinstance(thing, (str, bytes, list, tuple)) and isinstance(count, int):
            _bound(len(thing) * count, LONGEST if isinstance(thing, (str, bytes)) else MOST_ITEMS)
    return left * right


def power(base: Any, exponent: Any) -> Any:
    """Raise to a power, refusing numbers of absurd length."""
    if isinstance(base, int) and isinstance(exponent, int) and exponent > 0:
        _bound(base.bit_length() * exponent, _BITS)
    return base**exponent


def modulo(left: Any, right: Any) -> Any:
    """Take the remainder or format a text, refusing absurd widths."""
    if isinstance(left, str):
        _format_width((left,), {})
    return left % right


def plus(left: Any, right: Any) -> Any:
    """Add, refusing texts and lists that would be absurdly long."""
    if isinstance(left, (str, list)) and isinstance(right, (str, list)):
        _bound(len(left) + len(right), LONGEST)
    return left + right


def method(bound: Any, args: tuple[Any, ...]) -> None:
    """Refuse a method of a text that would make it absurdly wide."""
    if args and isinstance(args[0], int) and getattr(bound, "__name__", "") in _WIDENING:
        _bound(args[0], LONGEST)


def total(texts: list[str]) -> None:
    """Refuse a text whose parts are together absurdly long."""
    if len(texts) > 1 and sum(map(len, texts)) > LONGEST:
        raise TooBig(f"the text would be longer than {LONGEST} characters")


def _bound(size: int, most: int) -> None:
    if size > most:
        raise TooBig(f"the result would have a size of {size}; at most {most} is allowed")


def _numbers(args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
    for value in (*args, *kwargs.values()):
        if isinstance(value, int):
            _bound(value, MOST_ITEMS)


def _format_width(args: tuple[Any, ...], _kwargs: dict[str, Any]) -> None:
    text = next((arg for arg in args if isinstance(arg, str)), "")
    if _WIDTH.search(text):
        raise TooBig("the format is too wide")


Check = Callable[[tuple[Any, ...], dict[str, Any]], None]
FILTERS: dict[str, Check] = {
    "center": _numbers,
    "indent": _numbers,
    "batch": _numbers,
    "slice": _numbers,
    "wordwrap": _numbers,
    "round": _numbers,
    "format": _format_width,
}
BINARY: dict[str, Callable[[Any, Any], Any]] = {"*": times, "**": power, "%": modulo, "+": plus}
