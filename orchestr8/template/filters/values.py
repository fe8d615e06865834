"""Filters for single values."""

from __future__ import annotations

import random as dice
import re
import shlex
from typing import Any

from jinja2 import pass_environment

from orchestr8.core.secret import Secret
from orchestr8.template.errors import PluginFailed
from orchestr8.template.guard import first_missing, takes_missing
from orchestr8.template.lazy import LazyDict, LazyList
from orchestr8.template.omit import Omit
from orchestr8.template.undefined import Failed, Missing

_YES = frozenset(("yes", "on", "1", "true", "y", "t"))


@takes_missing
def default(value: Any, default_value: Any = "", boolean: bool = False) -> Any:  # noqa: FBT001, FBT002
    """Return `default_value` for what is missing (or, with `boolean`, empty), else the value."""
    if isinstance(value, Failed):
        value.o8_trip()
    if isinstance(value, Missing) or (boolean and not value):
        return default_value
    return value


@takes_missing
def mandatory(value: Any, msg: str | None = None) -> Any:
    """Return the value; a missing one is an error."""
    if not isinstance(value, Missing):
        return value
    _, _, name = value.o8_subject
    named = f"'{name}' " if name else ""
    reason = str(msg) if msg is not None else f"Mandatory variable {named}not defined."
    raise PluginFailed(f"The filter plugin 'ansible.builtin.mandatory' failed: {reason}")


@takes_missing
def ternary(value: Any, true_val: Any, false_val: Any, none_val: Any = None) -> Any:
    """Return one of two values by the truth of the first; a third for none."""
    if (lost := first_missing([value])) is not None:
        return lost
    if value is None and none_val is not None:
        return none_val
    return true_val if bool(value) else false_val


def to_bool(value: Any) -> Any:
    """Return the boolean that a text or number stands for."""
    if isinstance(value, bool):
        return value
    if isinstance(value, (int, float)):
        return value == 1
    return str(value).lower() in _YES


@takes_missing
def type_debug(value: Any) -> str:
    """Return the name of the value's type."""
    known = {LazyDict: "dict", LazyList: "list", Secret: "str", Omit: "Omit"}
    if isinstance(value, Failed):
        value.o8_trip()
    if isinstance(value, Missing):
        return "UndefinedMarker"
    return "str" if isinstance(value, str) else known.get(type(value), type(value).__name__)


def quote(value: Any) -> str:
    """Return a text quoted for a shell."""
    return shlex.quote("" if value is None else str(value))


_COMMENTS = {
    "plain": {"decoration": "# "},
    "erlang": {"decoration": "% "},
    "c": {"decoration": "// "},
    "cblock": {"beginning": "/*", "decoration": " * ", "end": " */"},
    "xml": {"beginning": "<!--", "decoration": " - ", "end": "-->"},
}


def comment(text: str, style: str = "plain", **options: Any) -> str:
    """Return a text as a comment of a style; options override parts of the style."""
    if style not in _COMMENTS:
        raise ValueError(f"Invalid style '{style}'.")
    parts = {**_COMMENTS[style], **{key: value for key, value in options.items() if value is not None}}
    decoration, newline = str(parts.get("decoration", "# ")), str(parts.get("newline", "\n"))
    prefix = str(parts.get("prefix", decoration.rstrip()))
    postfix = str(parts.get("postfix", decoration.rstrip()))
    before = f"{parts['beginning']}{newline}" if parts.get("beginning") else ""
    after = f"{newline}{parts['end']}" if parts.get("end") else ""
    above = prefix if prefix in ("", newline) else prefix + newline
    below = (newline + postfix) * int(parts.get("postfix_count", 1))
    lines = [f"{decoration}{line}" if line else decoration.rstrip() for line in str(text).split(newline)]
    return before + above * int(parts.get("prefix_count", 1)) + newline.join(lines) + below + after


def split(text: str, separator: str | None = None, maxsplit: int = -1) -> list[str]:
    """Return the parts of a text."""
    return text.split(separator, maxsplit)


@pass_environment
def random(environment: Any, end: Any, start: Any = None, step: Any = None, seed: Any = None) -> Any:  # noqa: ARG001
    """Return a random number below a number, or a random item of a list."""
    source = dice.SystemRandom() if seed is None else dice.Random(seed)  # noqa: S311
    if isinstance(end, int):
        return source.randrange(start or 0, end, step or 1)
    if start or step:
        raise ValueError("start and step can only be used with integer values")
    if not hasattr(end, "__getitem__") and not hasattr(end, "__iter__"):
        raise ValueError("random can only be used on sequences and integers")
    return source.choice(end)


def shuffle(items: Any, seed: Any = None) -> Any:
    """Return the items in random order; what has no items as it is."""
    if not hasattr(items, "__iter__"):
        return items
    shuffled = list(items)
    (dice.SystemRandom() if seed is None else dice.Random(seed)).shuffle(shuffled)  # noqa: S311
    return shuffled


_UNITS = {"Y": 80, "Z": 70, "E": 60, "P": 50, "T": 40, "G": 30, "M": 20, "K": 10, "B": 0}


def human_readable(size: Any, isbits: bool = False, unit: str | None = None) -> str:  # noqa: FBT001, FBT002
    """Return a size in a unit that people read."""
    try:
        number = float(size)
    except (TypeError, ValueError):
        raise ValueError(f"human_readable() failed on bad input: {size}") from None
    base = "bits" if isbits else "Bytes"
    for letter, shift in _UNITS.items():
        limit = 1 << shift
        if (unit is None and abs(number) >= limit) or (unit is not None and unit.upper()[:1] == letter):
            break
    suffix = base if letter == "B" else f"{letter}{'b' if isbits else 'B'}"
    return f"{number / limit:.2f} {suffix}"


def human_to_bytes(size: Any, default_unit: str | None = None, isbits: bool = False) -> int:  # noqa: FBT001, FBT002
    """Return the bytes (or bits) of a size such as "1.5 GB"."""
    found = re.match(r"^\s*(\d*\.?\d*)\s*([A-Za-z]+)?", str(size), re.ASCII)
    if found is None or not found[1]:
        raise ValueError(f"human_to_bytes() failed on bad input: can't interpret following string: {size}")
    unit = found[2] or default_unit or "B"
    if unit[0].upper() not in _UNITS:
        raise ValueError(f"human_to_bytes() failed to convert {size} (unit = {unit}).")
    expected = "b" if isbits else "B"
    if (
        len(unit) > 1
        and unit[0].upper() != "B"
        and unit[1] != expected
        and unit.lower()[1:] not in ("ytes", "its")
    ):
        raise ValueError(f"human_to_bytes() failed to convert {size}. The suffix must be {expected}.")
    return round(float(found[1]) * (1 << _UNITS[unit[0].upper()]))


@pass_environment
def extract(environment: Any, key: Any, container: Any, morekeys: Any = None) -> Any:
    """Return an item of a container by key, and on down by more keys."""
    keys = [key] if morekeys is None else [key, *(morekeys if isinstance(morekeys, list) else [morekeys])]
    value = container
    for each in keys:
        value = environment.getitem(value, each)
    return value


NAMES = {
    "default": default,
    "d": default,
    "mandatory": mandatory,
    "ternary": ternary,
    "bool": to_bool,
    "type_debug": type_debug,
    "quote": quote,
    "comment": comment,
    "split": split,
    "random": random,
    "shuffle": shuffle,
    "human_readable": human_readable,
    "human_to_bytes": human_to_bytes,
    "extract": extract,
}
