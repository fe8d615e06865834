"""Versions that compare: loose, strict, semantic and Python's (PEP 440)."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import total_ordering
from typing import Any

_PARTS = re.compile(r"\d+|[a-z]+", re.IGNORECASE)
_STRICT = re.compile(r"(\d+)\.(\d+)(?:\.(\d+))?(?:([ab])(\d+))?", re.ASCII)
_SEMANTIC = re.compile(r"(\d+)\.(\d+)\.(\d+)(?:-([0-9A-Za-z.-]+))?(?:\+[0-9A-Za-z.-]+)?", re.ASCII)
_PYTHON = re.compile(
    r"v?(?:(\d+)!)?(\d+(?:\.\d+)*)[-_.]?(?:(a|b|c|rc|alpha|beta|pre|preview)[-_.]?(\d*))?"
    r"(?:(?:-(\d+))|[-_.]?(?:post|rev|r)[-_.]?(\d*))?(?:[-_.]?dev[-_.]?(\d*))?(?:\+([a-z0-9._-]+))?",
    re.IGNORECASE,
)


@total_ordering
class Loose:
    """Numbers and words in a row; numbers compare as numbers."""

    def __init__(self, text: str) -> None:
        self._parts = [int(part) if part.isdigit() else part for part in _PARTS.findall(text)]

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Loose) and self._parts == other._parts

    __hash__ = None  # type: ignore[assignment]

    def __lt__(self, other: Loose) -> bool:
        return self._parts < other._parts


def strict(text: str) -> Any:
    """Return a comparable form of `1.2`, `1.2.3`, `1.2b3`."""
    found = _STRICT.fullmatch(text)
    if found is None:
        raise ValueError(f"invalid version number '{text}'")
    early = (found[4], int(found[5])) if found[4] else ("z", 0)
    return int(found[1]), int(found[2]), int(found[3] or 0), early


def semantic(text: str) -> Any:
    """Return a comparable form of a semantic version (semver.org)."""
    found = _SEMANTIC.fullmatch(text)
    if found is None:
        raise ValueError(f"invalid semantic version '{text}'")
    early = [
        (0, int(part), "") if part.isdigit() else (1, 0, part) for part in (found[4] or "").split(".") if part
    ]
    return int(found[1]), int(found[2]), int(found[3]), not early, early


def python(text: str) -> Any:
    """Return a comparable form of a Python version (PEP 440)."""
    found = _PYTHON.fullmatch(text.strip())
    if found is None:
        raise ValueError(f"Invalid version: '{text}'")
    numbers = [int(part) for part in found[2].split(".")]
    while len(numbers) > 1 and numbers[-1] == 0:
        numbers.pop()
    post = found[5] if found[5] is not None else found[6]
    after = int(post or 0) if post is not None else -1
    dev = float(found[7] or 0) if found[7] is not None else float("inf")
    return int(found[1] or 0), numbers, _early(found, after, dev), after, dev, (found[8] or "").lower()


def _early(found: re.Match[str], after: int, dev: float) -> tuple[str, int]:
    if found[3]:
        word = found[3].lower()
        letter = {"alpha": "a", "beta": "b"}.get(word, "a" if word == "a" else "b" if word == "b" else "rc")
        return letter, int(found[4] or 0)
    return ("", 0) if after < 0 and dev != float("inf") else ("z", 0)


KINDS: dict[str, Callable[[str], Any]] = {
    "loose": Loose,
    "strict": strict,
    "semver": semantic,
    "semantic": semantic,
    "pep440": python,
}
