"""Sections and options of an INI file as lines, so that what is not asked for stays byte by byte."""

import re
from typing import Any, Dict, List, NamedTuple, Optional, Sequence, Tuple

_HEADER = re.compile(r"^\s*\[(.*)\]\s*(?:[#;].*)?$")

Option = NamedTuple("Option", [("active", bool), ("assigned", bool), ("value", str)])


class Style:
    """How an option is written. spaces: around `=`. bare: without `=` where it has no value.

    inactive: a commented option counts as one to replace. lenient: spaces alone are no difference.
    """

    def __init__(self, *, spaces: bool, bare: bool, inactive: bool, lenient: bool) -> None:
        self.spaces = spaces
        self.bare = bare
        self.inactive = inactive
        self.lenient = lenient

    def line(self, option: str, value: Optional[str]) -> str:
        """Return an option's line."""
        if value is None:
            return option
        return f"{option} = {value}" if self.spaces else f"{option}={value}"

    def same(self, one: str, other: str) -> bool:
        """Return whether two lines need no change from one to the other."""
        if not self.lenient:
            return one == other
        return _squeezed(one) == _squeezed(other)


def _squeezed(line: str) -> Tuple[str, ...]:
    return tuple(part.strip() for part in line.split("=", 1))


def option_in(line: str, option: str) -> Optional[Option]:
    """Return what a line says of an option, None when it speaks of something else."""
    found = re.match(r"^\s*([#;]?)\s*" + re.escape(option) + r"\s*(?:(=)\s*(.*?))?\s*$", line)
    if found is None or (found.group(1) and not found.group(2)):
        return None
    return Option(not found.group(1), bool(found.group(2)), found.group(3) or "")


def spans(lines: Sequence[str], section: Optional[str]) -> List[Tuple[int, int]]:
    """Return first line and end of every section of this name; without a name, of what stands before all."""
    heads = [number for number, line in enumerate(lines) if _HEADER.match(line)]
    if section is None:
        return [(0, heads[0] if heads else len(lines))]
    ends = [*heads[1:], len(lines)]
    return [(at, ends[n]) for n, at in enumerate(heads) if _title(lines[at]) == section]


def _title(line: str) -> str:
    found = _HEADER.match(line)
    return found.group(1).strip() if found else ""


def span(
    lines: Sequence[str], section: Optional[str], wanted: Sequence[Dict[str, Any]]
) -> Optional[Tuple[int, int]]:
    """Return the first section of a name that has these options and values, None when there is none."""
    return next((at for at in spans(lines, section) if _has(lines[at[0] : at[1]], wanted)), None)


def _has(lines: Sequence[str], wanted: Sequence[Dict[str, Any]]) -> bool:
    for condition in wanted:
        found = [option_in(line, condition["option"]) for line in lines]
        values = [option.value for option in found if option is not None and option.active]
        needed = condition.get("values") or ([] if condition.get("value") is None else [condition["value"]])
        if not values or any(value not in values for value in needed):
            return False
    return True


def with_values(
    body: List[str], option: str, values: Sequence[str], style: Style, *, exclusive: bool
) -> Tuple[List[str], str]:
    """Return a section's lines with an option of these values, and what was done: "" for nothing."""
    left: List[Optional[str]] = list(values) or ([None] if style.bare else [])
    then: List[Optional[str]] = list(body)
    free = _matching(body, option, style, left, then)
    if exclusive and not style.bare:
        for number in free:
            if left:
                then[number] = _chosen(body[number], style.line(option, left.pop(0)), style)
            elif _active(body[number], option):
                then[number] = None
    msg = "option changed" if then != list(body) else ""
    lines = [line for line in then if line is not None]
    if left:
        at = _end(lines)
        lines[at:at] = [style.line(option, value) for value in left]
        msg = "option added"
    return lines, msg


def _matching(
    body: Sequence[str], option: str, style: Style, left: List[Optional[str]], then: List[Optional[str]]
) -> List[int]:
    """Settle the lines that have a wanted value already; return the other lines of the option."""
    found = {number: option_in(line, option) for number, line in enumerate(body)}
    ours = {number: one for number, one in found.items() if one and (one.active or style.inactive)}
    free = []
    for number, one in ours.items():
        value = None if style.bare and (None in left or not one.assigned) else one.value
        if value in left:
            left.remove(value)
            then[number] = _chosen(body[number], style.line(option, value), style)
        else:
            free.append(number)
    return free


def _chosen(now: str, new: str, style: Style) -> str:
    return now if style.same(now, new) else new


def _active(line: str, option: str) -> bool:
    found = option_in(line, option)
    return found is not None and found.active


def _end(lines: Sequence[str]) -> int:
    """Return where a new line of a section goes: after its last line that says something."""
    for number in range(len(lines), 0, -1):
        bare = lines[number - 1].strip()
        if bare and bare[0] not in "#;":
            return number
    return 0


def without(body: Sequence[str], option: str, values: Sequence[str], *, exclusive: bool) -> List[str]:
    """Return a section's lines without an option, or without its lines of these values."""
    kept = []
    for line in body:
        found = option_in(line, option)
        gone = found is not None and found.active and (exclusive or found.value in values)
        kept += [] if gone else [line]
    return kept
