"""Events as JSON lines, one event a line; the schema only grows."""

from __future__ import annotations

import json
import threading
from collections.abc import Mapping
from dataclasses import fields, is_dataclass, replace
from enum import Enum
from typing import Any, TextIO

from orchestr8.core import event as ev
from orchestr8.core.clock import Clock
from orchestr8.core.span import Span
from orchestr8.report.wording import censored, plain_value

SCHEMA = "orchestr8.event/1"


class JsonReporter:
    """Writes every event as `{"schema", "event", "time", …its fields}` on one line."""

    def __init__(self, out: TextIO, clock: Clock) -> None:
        self._out = out
        self._clock = clock
        self._lock = threading.Lock()

    def emit(self, event: ev.Event) -> None:
        """Write one event."""
        if isinstance(event, ev.HostFinished) and event.no_log:
            event = replace(event, outcome=censored(event.outcome))
        record = {"schema": SCHEMA, "event": _kind(event), "time": self._clock.now().isoformat()}
        record |= {f.name: as_json(getattr(event, f.name)) for f in fields(event)}
        line = json.dumps(record, default=plain_value)
        with self._lock:
            self._out.write(line + "\n")
            self._out.flush()


def as_json(value: Any) -> Any:
    """Return a value as JSON has it: places as text, enums by value, dataclasses as objects."""
    if isinstance(value, Span):
        return str(value)
    if isinstance(value, Enum):
        return value.value
    if is_dataclass(value) and not isinstance(value, type):
        return {f.name: as_json(getattr(value, f.name)) for f in fields(value)}
    if isinstance(value, Mapping):
        return {str(k): as_json(v) for k, v in value.items() if not str(k).startswith("_ansible_")}
    if isinstance(value, (list, tuple)):
        return [as_json(v) for v in value]
    return value


def _kind(event: ev.Event) -> str:
    name = type(event).__name__
    return "".join(f"_{c.lower()}" if c.isupper() and i else c.lower() for i, c in enumerate(name))
