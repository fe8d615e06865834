"""Filters for dates."""

from __future__ import annotations

import time
from datetime import datetime
from typing import Any


def strftime(string_format: str, second: Any = None, utc: bool = False) -> str:  # noqa: FBT001, FBT002
    """Return a moment (seconds since 1970, now if none) written in a format."""
    try:
        moment = None if second is None else float(second)
    except (TypeError, ValueError):
        raise ValueError(f"Invalid value for epoch value ({second})") from None
    return time.strftime(string_format, time.gmtime(moment) if utc else time.localtime(moment))


def to_datetime(string: str, form: str = "%Y-%m-%d %H:%M:%S") -> datetime:
    """Return the moment of a text."""
    return datetime.strptime(string, form)  # noqa: DTZ007


NAMES: dict[str, Any] = {
    "strftime": strftime,
    "to_datetime": lambda string, format="%Y-%m-%d %H:%M:%S": to_datetime(string, format),  # noqa: A006
}
