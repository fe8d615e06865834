"""Filters for regular expressions."""

from __future__ import annotations

import re
from typing import Any


def _flags(ignorecase: Any, multiline: Any) -> int:
    return (re.IGNORECASE if ignorecase else 0) | (re.MULTILINE if multiline else 0)


def _subject(value: Any) -> str:
    if value is None or isinstance(value, (str, int, float, bool, list, tuple, dict)):
        return str(value)
    raise TypeError(f"a text is needed to match, not a '{type(value).__name__}'")


def regex_search(
    value: Any, regex: str, *groups: Any, ignorecase: Any = False, multiline: Any = False
) -> Any:
    r"""Return the first match, or the groups (`\\1`, `\\g<name>`) of it, or None."""
    wanted = [_group(each) for each in groups]
    found = re.search(regex, _subject(value), _flags(ignorecase, multiline))
    if found is None:
        return None
    return [found.group(each) for each in wanted] if wanted else found.group()


def _group(reference: Any) -> int | str:
    named = re.fullmatch(r"\\g<(\S+)>", str(reference))
    if named:
        return named[1]
    numbered = re.fullmatch(r"\\(\d+)", str(reference))
    if numbered:
        return int(numbered[1])
    raise ValueError("Unknown argument")


def regex_replace(
    value: Any = "",
    pattern: str = "",
    replacement: str = "",
    ignorecase: Any = None,
    multiline: Any = None,
    count: int = 0,
    mandatory_count: int = 0,
) -> str:
    """Return the text with matches replaced."""
    text, made = re.subn(
        pattern, replacement, _subject(value), count=count, flags=_flags(ignorecase, multiline)
    )
    if mandatory_count and made != mandatory_count:
        raise ValueError(f"'{pattern}' should match {mandatory_count} times, but matches {made} times")
    return text


def regex_findall(value: Any, regex: str, multiline: Any = None, ignorecase: Any = None) -> list[Any]:
    """Return all matches."""
    return re.findall(regex, _subject(value), _flags(ignorecase, multiline))


_POSIX_BASIC = re.compile(r"([].[^$*\\])")


def regex_escape(string: Any, re_type: str = "python") -> str:
    """Return a text that matches itself."""
    if re_type == "python":
        return re.escape(str(string))
    if re_type == "posix_basic":
        return _POSIX_BASIC.sub(r"\\\1", str(string))
    if re_type == "posix_extended":
        raise ValueError(f"Regex type ({re_type}) not yet implemented")
    raise ValueError(f"Invalid regex type ({re_type})")


NAMES: dict[str, Any] = {
    "regex_search": regex_search,
    "regex_replace": regex_replace,
    "regex_findall": regex_findall,
    "regex_escape": regex_escape,
}
