"""What differs between two specs, field by field, with secrets hidden."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields, is_dataclass
from typing import Any, Literal

from orchestr8.core.secret import MASK, Secret
from orchestr8.deploy.codec import plain
from orchestr8.deploy.placement.room import size
from orchestr8.deploy.service import Amount, ServiceSpec, Step

Effect = Literal["replace", "in-place", "none"]
_TIMES = ("_time", "_running", "_deadline", "interval", "timeout", "stop_grace", "start_period")
_IN_PLACE = ("workload.limits",)
_NO_EFFECT = (
    "update",
    "readiness",
    "depends_on",
    "pull_policy",
    "revisions",
    "replicas",
    "placement",
    "mode",
)


@dataclass(frozen=True, slots=True)
class Change:
    """A field that changes, as text before and after, and what that does to running containers."""

    field: str
    before: str
    after: str
    effect: Effect = "replace"

    def __str__(self) -> str:
        return f"{self.field}: {self.before} → {self.after}"


def changes(old: ServiceSpec | None, new: ServiceSpec) -> tuple[Change, ...]:
    """Return every field that differs; nothing when there was no spec before."""
    if old is None:
        return ()
    before, after = dict(_flat("", old)), dict(_flat("", new))
    pinned_same = old.workload.pinned == new.workload.pinned and new.workload.pinned
    found = []
    for name in sorted(before.keys() | after.keys()):
        a, b = before.get(name, "–"), after.get(name, "–")
        if a != b:
            effect: Effect = "none" if name == "workload.image" and pinned_same else _effect(name)
            found.append(
                Change(name.removeprefix("workload."), _shown(name, a, old), _shown(name, b, new), effect)
            )
    return tuple(found)


def _flat(name: str, value: Any) -> Iterator[tuple[str, str]]:
    """Yield every leaf of a spec by its path, defaults too."""
    if isinstance(value, Mapping):
        parts: Iterator[tuple[str, Any]] = ((str(k), v) for k, v in value.items())
    elif is_dataclass(value) and not isinstance(value, Amount):
        parts = ((f.name, getattr(value, f.name)) for f in fields(value) if f.repr)
    else:
        yield name, value.reveal() if isinstance(value, Secret) else _text(name, value)
        return
    for key, inner in parts:
        yield from _flat(f"{name}.{key}" if name else key, inner)


def _text(name: str, value: Any) -> str:
    if value is None or value in ((), ""):
        return "–"
    if isinstance(value, tuple):
        return "[" + ", ".join(_item(v if isinstance(v, Step) else plain(v)) for v in value) + "]"
    if name.endswith("memory") and isinstance(value, int):
        return size(value)
    return f"{value:g}s" if isinstance(value, float) and name.endswith(_TIMES) else str(value)


def _item(value: Any) -> str:
    if isinstance(value, Mapping):
        return " ".join(f"{k}={_item(v)}" for k, v in value.items())
    return str(value)


def _shown(name: str, value: str, spec: ServiceSpec) -> str:
    """Return a value for people's eyes."""
    prefix = "workload.environment."
    if name.startswith(prefix) and isinstance(spec.workload.environment.get(name[len(prefix) :]), Secret):
        return MASK
    return value


def _effect(name: str) -> Effect:
    if name.startswith(_IN_PLACE):
        return "in-place"
    return "none" if name.split(".")[0] in _NO_EFFECT else "replace"
