"""What differs between two specs, field by field, with secrets hidden."""

from __future__ import annotations

from collections.abc import Container, Iterator, Mapping
from dataclasses import dataclass, fields, is_dataclass
from hashlib import sha256
from typing import Any, Literal

from orchestr8.core.secret import MASK, Secret
from orchestr8.deploy.codec import plain
from orchestr8.deploy.placement.room import size
from orchestr8.deploy.service import Amount, Constraint, ServiceSpec, Step

Effect = Literal["replace", "in-place", "none"]
_TIMES = (
    "_time",
    "_running",
    "_deadline",
    "interval",
    "timeout",
    "stop_grace",
    "start_period",
    "drain.delay",
    "timeouts.connect",
    "timeouts.response",
    "timeouts.tunnel",
)
_NOTHING = "–"
_IN_PLACE = ("workload.limits", "ingress")
_NO_EFFECT = (
    "update",
    "readiness",
    "depends_on",
    "transaction",
    "hooks",
    "schedule",
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
    hidden = _secrets("", old) | _secrets("", new)
    pinned_same = old.workload.pinned == new.workload.pinned and new.workload.pinned
    found = _began_or_ended(old, new)
    if found:
        before, after = _without(before, "ingress."), _without(after, "ingress.")
    for name in sorted(before.keys() | after.keys()):
        a, b = before.get(name, _NOTHING), after.get(name, _NOTHING)
        if a != b:
            effect: Effect = "none" if name == "workload.image" and pinned_same else _effect(name)
            a, b = _shown(name, a, hidden), _shown(name, b, hidden)
            found.append(Change(name.removeprefix("workload."), a, b, effect))
    return tuple(found)


def _began_or_ended(old: ServiceSpec, new: ServiceSpec) -> list[Change]:
    """Return that requests come now and did not before, or the other way round."""
    if (old.ingress is None) == (new.ingress is None):
        return []
    before, after = (_NOTHING if s.ingress is None else str(s.ingress) for s in (old, new))
    return [Change("ingress", before, after, "in-place")]


def _without(fields: Mapping[str, str], beginning: str) -> dict[str, str]:
    return {name: value for name, value in fields.items() if not name.startswith(beginning)}


def _flat(name: str, value: Any) -> Iterator[tuple[str, str]]:
    """Yield every leaf of a spec by its path, defaults too."""
    for path, leaf in _leaves(name, value):
        yield path, leaf.reveal() if isinstance(leaf, Secret) else _text(path, leaf)


def _leaves(name: str, value: Any) -> Iterator[tuple[str, Any]]:
    if isinstance(value, Mapping):
        parts: Iterator[tuple[str, Any]] = ((str(k), v) for k, v in value.items())
    elif is_dataclass(value) and not isinstance(value, Amount):
        parts = ((f.name, getattr(value, f.name)) for f in fields(value) if f.repr)
    else:
        yield name, value
        return
    for key, inner in parts:
        yield from _leaves(f"{name}.{key}" if name else key, inner)


def _secrets(name: str, value: Any) -> set[str]:
    """Return the paths of secrets."""
    return {path for path, leaf in _leaves(name, value) if isinstance(leaf, Secret)}


def _text(name: str, value: Any) -> str:
    if value is None or value in ((), ""):
        return _NOTHING
    if isinstance(value, tuple):
        return (
            "[" + ", ".join(_item(v if isinstance(v, Step | Constraint) else plain(v)) for v in value) + "]"
        )
    if name.endswith("memory") and isinstance(value, int):
        return size(value)
    return f"{value:g}s" if isinstance(value, float) and name.endswith(_TIMES) else str(value)


def _item(value: Any) -> str:
    if isinstance(value, Mapping):
        return " ".join(f"{k}={_item(v)}" for k, v in value.items())
    return str(value)


def _shown(name: str, value: str, hidden: Container[str]) -> str:
    """Return a value for people's eyes; a file's content by its size and checksum."""
    if value == _NOTHING:
        return value
    if name in hidden:
        return MASK
    if name.startswith("workload.files.") and name.endswith(".content"):
        data = value.encode("utf-8", "surrogatepass")
        return f"{size(len(data))}, sha256 {sha256(data).hexdigest()[:12]}"
    return value


def _effect(name: str) -> Effect:
    if name.startswith(_IN_PLACE):
        return "in-place"
    return "none" if name.split(".")[0] in _NO_EFFECT else "replace"
