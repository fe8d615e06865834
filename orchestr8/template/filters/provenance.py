"""Filters that say what a value is beyond its content; tests of Ansible itself use them."""

from __future__ import annotations

from typing import Any

_PREFIX = "ansible._protomatter."


def finalize(value: Any) -> Any:
    """Return a value whose containers are ordinary dicts and lists."""
    if isinstance(value, dict):
        return {key: finalize(each) for key, each in value.items()}
    return [finalize(each) for each in value] if isinstance(value, (list, tuple)) else value


def origin(value: Any) -> str | None:
    """Return the place where the user wrote a text, or None."""
    span = getattr(value, "span", None)
    return str(span) if span else None


NAMES: dict[str, Any] = {f"{_PREFIX}{each.__name__}": each for each in (finalize, origin)}
