"""What a plain YAML 1.1 scalar means, as Ansible reads it: `yes` is true, 0644 is octal, 1:30 is 90."""

from __future__ import annotations

import base64
import binascii
import datetime as dt
import re
from collections.abc import Callable
from typing import Any

_TRUE = frozenset(["yes", "Yes", "YES", "true", "True", "TRUE", "on", "On", "ON"])
_FALSE = frozenset(["no", "No", "NO", "false", "False", "FALSE", "off", "Off", "OFF"])
_NULL = frozenset(["", "~", "null", "Null", "NULL"])
_WORDS: dict[str, Any] = {
    **dict.fromkeys(_TRUE, True),
    **dict.fromkeys(_FALSE, False),
    **dict.fromkeys(_NULL),
}

_INT = re.compile(
    r"[-+]?(?:0b[01_]+|0x[0-9a-fA-F_]+|0[0-7_]+|0|[1-9][0-9_]*(?P<sexagesimal>(?::[0-5]?[0-9])+)?)\Z"
)
_FLOAT = re.compile(
    r"(?:[-+]?[0-9][0-9_]*\.[0-9_]*(?:[eE][-+][0-9]+)?|\.[0-9][0-9_]*(?:[eE][-+][0-9]+)?"
    r"|[-+]?[0-9][0-9_]*(?::[0-5]?[0-9])+\.[0-9_]*|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN))\Z"
)
_DATE = re.compile(
    r"(?P<year>\d{4})-(?P<month>\d\d?)-(?P<day>\d\d?)"
    r"(?:(?:[Tt]|[ \t]+)(?P<hour>\d\d?):(?P<minute>\d\d):(?P<second>\d\d)(?:\.(?P<fraction>\d*))?"
    r"(?:[ \t]*(?P<zone>Z|(?P<sign>[-+])(?P<zone_hour>\d\d?)(?::(?P<zone_minute>\d\d))?))?)?\Z"
)
_NUMERIC_START = frozenset("-+0123456789.")
_WORD_START = frozenset("yYnNtTfFoO~")
PLAIN = object()


def resolve(value: str) -> Any:
    """Return the bool, number, date or None that a plain scalar stands for, or PLAIN when it is text."""
    first = value[:1]
    if first in _NUMERIC_START and first:
        return _number(value)
    if (first in _WORD_START or not first) and value in _WORDS:
        return _WORDS[value]
    return PLAIN


def is_sexagesimal(value: str) -> bool:
    """Tell whether a plain scalar such as 22:22 is read as a number in base 60."""
    found = _INT.match(value)
    return bool(found and found["sexagesimal"])


def _number(value: str) -> Any:
    if value.isdigit() and value[0] != "0" and value.isascii():
        return integer(value)
    if _INT.match(value):
        return integer(value)
    if _FLOAT.match(value):
        return floating(value)
    if len(value) >= 8 and value[4:5] == "-" and (found := _DATE.match(value)):
        return _date(found)
    return PLAIN


def integer(text: str) -> int:
    """Return the number that a YAML 1.1 integer stands for; raise ValueError for anything else."""
    value = text.replace("_", "")
    sign = -1 if value.startswith("-") else 1
    value = value.lstrip("+-")
    if ":" in value:
        return sign * _base60([int(part) for part in value.split(":")])
    for prefix, radix in (("0b", 2), ("0x", 16), ("0", 8)):
        if value.startswith(prefix) and value != "0":
            return sign * int(value[len(prefix) :] or "0", radix)
    return sign * int(value)


def _base60(parts: list[int]) -> int:
    total = 0
    for part in parts:
        total = total * 60 + part
    return total


def floating(text: str) -> float:
    """Return the number that a YAML 1.1 float stands for; raise ValueError for anything else."""
    value = text.replace("_", "").lower()
    if ":" not in value:
        return float(value.replace(".inf", "inf").replace(".nan", "nan"))
    sign = -1.0 if value.startswith("-") else 1.0
    total = 0.0
    for part in value.lstrip("+-").split(":"):
        total = total * 60 + float(part)
    return sign * total


def _date(found: re.Match[str]) -> Any:
    try:
        return _moment(found) if found["hour"] else _day(found)
    except ValueError:
        return PLAIN


def _day(found: re.Match[str]) -> dt.date:
    return dt.date(int(found["year"]), int(found["month"]), int(found["day"]))


def _moment(found: re.Match[str]) -> dt.datetime:
    microsecond = int((found["fraction"] or "0")[:6].ljust(6, "0"))
    parts = [int(found[part]) for part in ("year", "month", "day", "hour", "minute", "second")]
    return dt.datetime(*parts, microsecond, tzinfo=_zone(found))  # type: ignore[misc,arg-type]


def _zone(found: re.Match[str]) -> dt.timezone | None:
    if not found["zone"]:
        return None
    if not found["sign"]:
        return dt.UTC
    shift = dt.timedelta(hours=int(found["zone_hour"]), minutes=int(found["zone_minute"] or 0))
    return dt.timezone(-shift if found["sign"] == "-" else shift)


def _boolean(text: str) -> bool:
    if text.lower() not in ("yes", "no", "true", "false", "on", "off"):
        raise ValueError(text)
    return text.lower() in ("yes", "true", "on")


def _nothing(text: str) -> None:
    del text


def _binary(text: str) -> bytes:
    try:
        return base64.b64decode(text.encode("ascii"))
    except (binascii.Error, UnicodeEncodeError) as error:
        raise ValueError(str(error)) from error


def _timestamp(text: str) -> Any:
    found = _DATE.match(text)
    if found is None:
        raise ValueError(text)
    return _date(found)


EXPLICIT: dict[str, Callable[[str], Any]] = {
    "int": integer,
    "float": floating,
    "bool": _boolean,
    "null": _nothing,
    "binary": _binary,
    "timestamp": _timestamp,
}
