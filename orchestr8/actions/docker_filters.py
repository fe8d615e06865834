"""Filters of the Engine API out of a task's arguments."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any


def filters(given: Mapping[str, Any] | None) -> str:
    """Return what the engine takes as `filters`: each name with the list of its values, as JSON."""
    return json.dumps({str(name): _values(value) for name, value in (given or {}).items()})


def _values(value: Any) -> list[str]:
    if isinstance(value, bool):
        return ["true" if value else "false"]
    return [str(item) for item in value] if isinstance(value, list) else [str(value)]
