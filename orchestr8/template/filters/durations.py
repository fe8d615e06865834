"""Filters of community.general for lengths of time such as "1h 30min"."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

_MILLISECONDS = {"ms": 1, "s": 1000, "m": 60_000, "h": 3_600_000, "d": 86_400_000, "w": 604_800_000}
_LONG = {
    "millisecond": "ms",
    "msec": "ms",
    "msecond": "ms",
    "sec": "s",
    "second": "s",
    "hour": "h",
    "min": "m",
    "minute": "m",
    "day": "d",
    "week": "w",
    "month": "mo",
    "year": "y",
}
_PART = re.compile(r"(-?\d+)(\w+)")


def _short(unit: str) -> str:
    return _LONG.get(unit.rstrip("s"), unit)


def to_time_unit(human_time: Any, unit: str = "ms", *, year: float = 365, month: float = 30) -> float:
    """Return a length of time in a unit; years and months have as many days as told."""
    day = _MILLISECONDS["d"]
    sizes: dict[str, float] = {**_MILLISECONDS, "mo": day * month, "y": day * year}
    wanted = _short(unit)
    if wanted not in sizes:
        known = f"{', '.join(_LONG)}. Available short units: {', '.join(sizes)}"
        raise ValueError(f"can not convert to the following unit: {unit}. Available units: {known}")
    if str(human_time) == "0":
        return 0
    total = 0.0
    for word in str(human_time).split():
        found = _PART.match(word)
        if found is None or _short(found[2]) not in sizes:
            raise ValueError(f"can not interpret following string: {human_time}")
        total += int(found[1]) * sizes[_short(found[2])]
    return round(total / sizes[wanted], 12)


def _to(unit: str) -> Callable[..., float]:
    def convert(human_time: Any, **days: float) -> float:
        return to_time_unit(human_time, unit, **days)

    return convert


NAMES: dict[str, Callable[..., float]] = {
    "to_time_unit": to_time_unit,
    "to_milliseconds": _to("ms"),
    "to_seconds": _to("s"),
    "to_minutes": _to("m"),
    "to_hours": _to("h"),
    "to_days": _to("d"),
    "to_weeks": _to("w"),
    "to_months": _to("mo"),
    "to_years": _to("y"),
}
