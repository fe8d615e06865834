"""Whether a Python package's version is among those asked for, where plain numbers are enough to tell."""

import re
from typing import Callable, Dict, Optional, Tuple

_CLAUSE = re.compile(r"(===|==|!=|~=|>=|<=|>|<)\s*(\d+(?:\.\d+)*)(\.\*)?\Z")
_PLAIN = re.compile(r"\d+(?:\.\d+)*\Z")
_Numbers = Tuple[int, ...]


def among(version: str, asked: str) -> Optional[bool]:
    """Return whether a version fits `>=1.2,!=1.4`; None where only pip can tell."""
    if not _PLAIN.match(version):
        return None
    answers = [_fits(version, clause.strip()) for clause in asked.split(",") if clause.strip()]
    return None if None in answers else all(answers)


def _fits(version: str, clause: str) -> Optional[bool]:
    found = _CLAUSE.match(clause)
    if found is None:
        return None
    operator, wanted, star = found.group(1), found.group(2), bool(found.group(3))
    now, limit = _numbers(version), _numbers(wanted)
    if star:
        same = _padded(now, len(limit))[: len(limit)] == limit
        return {"==": same, "!=": not same}.get(operator)
    if operator == "===":
        return version == wanted
    length = max(len(now), len(limit))
    left, right = _padded(now, length), _padded(limit, length)
    if operator == "~=":
        return len(limit) > 1 and left >= right and left[: len(limit) - 1] == limit[:-1]
    return _COMPARED[operator](left, right)


def _numbers(version: str) -> _Numbers:
    return tuple(int(part) for part in version.split("."))


def _padded(numbers: _Numbers, length: int) -> _Numbers:
    return numbers + (0,) * (length - len(numbers))


_COMPARED: Dict[str, Callable[[_Numbers, _Numbers], bool]] = {
    "==": lambda left, right: left == right,
    "!=": lambda left, right: left != right,
    ">=": lambda left, right: left >= right,
    "<=": lambda left, right: left <= right,
    ">": lambda left, right: left > right,
    "<": lambda left, right: left < right,
}
