"""Cuts a play's hosts into batches."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, TypeVar

from orchestr8.core.errors import Diagnostic, InvalidInput
from orchestr8.core.span import span_of

T = TypeVar("T")


def batches(hosts: Sequence[T], serial: Iterable[Any]) -> list[list[T]]:
    """Return the hosts in batches of the given sizes; the last size repeats, none or 0 means all at once."""
    sizes = [size for size in (_size(value, len(hosts)) for value in serial) if size is not None]
    if not sizes or not hosts:
        return [list(hosts)]
    cut: list[list[T]] = []
    start = 0
    while start < len(hosts):
        size = sizes[min(len(cut), len(sizes) - 1)] or len(hosts)
        cut.append(list(hosts[start : start + size]))
        start += size
    return cut


def _size(value: Any, total: int) -> int | None:
    text = str(value).strip()
    try:
        if text.endswith("%"):
            return max(1, int(float(text[:-1]) * total / 100))
        return max(0, int(text))
    except ValueError:
        message = f"`serial` is a number of hosts or a percentage, not `{text}`"
        raise InvalidInput(Diagnostic("O8-1107", message, span_of(value))) from None


def too_many(failed: int, total: int, percentage: Any) -> bool:
    """Return whether more than `percentage` of the hosts failed; integer arithmetic, strictly more."""
    if percentage is None or not failed:
        return False
    whole, _, fraction = str(percentage).strip().rstrip("%").partition(".")
    scale = 10 ** len(fraction)
    return bool(failed * 100 * scale > int(f"{whole or 0}{fraction}") * total)
