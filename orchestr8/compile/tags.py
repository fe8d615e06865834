"""Which tasks --tags and --skip-tags let through."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from orchestr8.compile.settings import Settings


def flatten(tags: Iterable[Any], render: Callable[[Any], Any]) -> frozenset[str]:
    """Return tags as a set; texts may hold several, parted by commas."""
    found: set[str] = set()
    for tag in tags:
        value = render(tag)
        values = value if isinstance(value, list | tuple) else str(value).split(",")
        found.update(str(each).strip() for each in values)
    return frozenset(found - {""})


def selected(tags: frozenset[str], wanted: Iterable[str], skipped: Iterable[str]) -> bool:
    """Return whether a task with these tags runs."""
    return _wanted(tags, frozenset(wanted) or frozenset(("all",))) and not _skipped(tags, frozenset(skipped))


def _wanted(tags: frozenset[str], wanted: frozenset[str]) -> bool:
    if "always" in tags or tags & wanted:
        return True
    if "all" in wanted and "never" not in tags:
        return True
    if "tagged" in wanted and tags and "never" not in tags:
        return True
    return "untagged" in wanted and not tags


def _skipped(tags: frozenset[str], skipped: frozenset[str]) -> bool:
    if "all" in skipped:
        return "always" not in tags or "always" in skipped
    if tags & skipped:
        return True
    return ("tagged" in skipped and bool(tags)) or ("untagged" in skipped and not tags)


def lets_through(tags: Iterable[Any], settings: Settings) -> bool:
    """Return whether a task with tags as written runs under the settings."""
    if not (settings.tags or settings.skip_tags or tags):
        return True
    return selected(flatten(tags, settings.render), settings.tags, settings.skip_tags)
