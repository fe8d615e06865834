"""Names of hosts and groups: which are allowed, and ranges such as `web[01:12]` written out."""

from __future__ import annotations

import re
import string
from collections.abc import Iterator

_LONGEST = 253
_MOST = 1_000_000
_NAME = re.compile(r"[\w.:][\w.:@%+~=-]*")
_RANGE = re.compile(r"\[([^\[\]]*:[^\[\]]*)\]")
_PORT = re.compile(
    r"(?P<name>[^:\s]+|\[[0-9A-Fa-f:.%]+\]|[^:\s\[\]]*(?:\[[^\]]+\][^:\s\[\]]*)+):(?P<port>\d{1,5})"
)


class BadName(ValueError):
    """A name or range cannot be used; says why."""


def check_name(name: str) -> str:
    """Return a host's or group's name if it is safe to use in commands and paths."""
    if not name:
        raise BadName("a name is empty")
    if len(name) > _LONGEST:
        raise BadName(f"the name `{name[:20]}…` is longer than {_LONGEST} characters")
    if _NAME.fullmatch(name) is None or set(name) == {"."}:
        raise BadName(
            f"`{name!r}` is no name for a host or group"[:_LONGEST].replace("`'", "`").replace("'`", "`")
        )
    return name


def split_port(pattern: str) -> tuple[str, int | None]:
    """Return a host pattern without its `:port`, and the port; brackets around IPv6 addresses go."""
    found = _PORT.fullmatch(pattern)
    name, port = (found["name"], int(found["port"])) if found else (pattern, None)
    if name.startswith("[") and name.endswith("]") and name.count(":") > 1 and "[" not in name[1:]:
        name = name[1:-1]
    if port is not None and not 0 < port < 65536:
        raise BadName(f"the port {port} does not exist")
    return name, port


def expand(pattern: str) -> list[str]:
    """Return the names a pattern with ranges stands for, each checked."""
    if "[" not in pattern:
        return [check_name(pattern)]
    return [check_name(name) for name in _expanded(pattern, _MOST)]


def _expanded(pattern: str, most: int) -> list[str]:
    found = _RANGE.search(pattern)
    if found is None:
        return [pattern]
    head, tails = pattern[: found.start()], _expanded(pattern[found.end() :], most)
    values = list(_values(found[1], most // max(1, len(tails))))
    return [head + value + tail for value in values for tail in tails]


def _values(bounds: str, most: int) -> Iterator[str]:
    parts = bounds.split(":")
    if len(parts) not in (2, 3):
        raise BadName(f"the range [{bounds}] needs a start, an end and at most a step")
    start, end, step = parts[0] or "0", parts[1], parts[2] if len(parts) == 3 else "1"
    if not end or not step.isdigit() or int(step) == 0:
        raise BadName(f"the range [{bounds}] has no end or a wrong step")
    if start.isdigit() and end.isdigit():
        return _numbers(start, end, int(step), most)
    return _letters(start, end, int(step))


def _numbers(start: str, end: str, step: int, most: int) -> Iterator[str]:
    width = len(start) if len(start) > 1 and start[0] == "0" else 0
    if width and len(end) != width:
        raise BadName(f"the range [{start}:{end}] has bounds of different width")
    numbers = range(int(start), int(end) + 1, step)
    if not numbers:
        raise BadName(f"the range [{start}:{end}] runs backwards")
    if len(numbers) > most:
        raise BadName(
            f"the range [{start}:{end}] would give {len(numbers)} hosts; at most {_MOST} are allowed"
        )
    return (str(number).zfill(width) for number in numbers)


def _letters(start: str, end: str, step: int) -> Iterator[str]:
    letters = string.ascii_letters
    if len(start) != 1 or len(end) != 1 or start not in letters or end not in letters:
        raise BadName(f"the range [{start}:{end}] has bounds that are neither numbers nor single letters")
    first, last = letters.index(start), letters.index(end)
    if first > last:
        raise BadName(f"the range [{start}:{end}] runs backwards")
    return iter(letters[first : last + 1 : step])
