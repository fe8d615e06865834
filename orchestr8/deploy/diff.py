"""What differs between two specs, field by field, with secrets hidden."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from orchestr8.core.secret import MASK, Secret
from orchestr8.deploy.codec import plain
from orchestr8.deploy.service import ServiceSpec

Effect = Literal["replace", "in-place", "none"]
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
    before, after = dict(_flat("", plain(old), old)), dict(_flat("", plain(new), new))
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


def _flat(name: str, value: Any, spec: ServiceSpec) -> Iterator[tuple[str, str]]:
    if isinstance(value, Mapping) and set(value) != {"secret"}:
        for key, inner in value.items():
            yield from _flat(f"{name}.{key}" if name else str(key), inner, spec)
    else:
        yield name, _text(value)


def _text(value: Any) -> str:
    if isinstance(value, Mapping):
        return str(value["secret"])
    if isinstance(value, list):
        return "[" + ", ".join(_item(v) for v in value) + "]"
    return str(value)


def _item(value: Any) -> str:
    if isinstance(value, Mapping):
        return " ".join(f"{k}={_item(v)}" for k, v in value.items())
    return _text(value)


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
