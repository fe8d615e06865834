"""Filters of community.crypto for serial numbers and files of several PEM objects."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

_BYTE = 8


def parse_serial(value: Any) -> int:
    """Return the number that octets such as `0a:ff` write."""
    if not isinstance(value, (str, bytes)):
        raise TypeError(f"The input must be a text type, not {type(value)}")
    text, number = str(value), 0
    for position, octet in enumerate(text.split(":"), 1):
        try:
            part = int(octet, 16)
        except ValueError:
            raise ValueError(f"The {_nth(position)} part {octet!r} is not a hexadecimal number") from None
        if not 0 <= part < 1 << _BYTE:
            raise ValueError(f"The {_nth(position)} part {octet!r} is not in range [0, 255]")
        number = (number << _BYTE) + part
    return number


def _nth(position: int) -> str:
    return f"{position}{ {1: 'st', 2: 'nd', 3: 'rd'}.get(position, 'th') }"


def to_serial(value: Any) -> str:
    """Return a number as octets, `0A:FF`."""
    if not isinstance(value, int):
        raise TypeError(f"The input must be an integer, not {type(value)}")
    if value < 0:
        raise ValueError("The input must not be negative")
    return value.to_bytes(max(1, (value.bit_length() + 7) // _BYTE), "big").hex(":").upper()


def split_pem(value: Any) -> list[str]:
    """Return the PEM objects of a text one by one; what stands between them is left out."""
    if not isinstance(value, (str, bytes)):
        raise TypeError(f"The input must be a text type, not {type(value)}")
    found: list[str] = []
    current: list[str] | None = None
    for line in str(value).splitlines(keepends=True):
        if line.strip().startswith("-----BEGIN "):
            current = []
        if current is None:
            continue
        current.append(line)
        if line.strip().startswith("-----END "):
            found.append("".join(current))
            current = None
    return found


NAMES: dict[str, Callable[[Any], Any]] = {
    "parse_serial": parse_serial,
    "split_pem": split_pem,
    "to_serial": to_serial,
}
