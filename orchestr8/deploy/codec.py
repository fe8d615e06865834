"""Dataclasses to plain JSON values and back, by their type hints."""

from __future__ import annotations

import json
import types
from collections.abc import Mapping
from dataclasses import MISSING, fields, is_dataclass
from functools import cache
from hashlib import sha256
from typing import Any, Literal, TypeVar, Union, cast, get_args, get_origin, get_type_hints

from orchestr8.core.secret import Secret

T = TypeVar("T")


def plain(value: Any) -> Any:
    """Return `value` as JSON values; fields at their default are left out."""
    if is_dataclass(value) and not isinstance(value, type):
        names = [f.name for f in fields(value) if f.repr]
        return {n: plain(getattr(value, n)) for n in names if not _is_default(value, n)}
    if isinstance(value, Secret):
        return {"secret": value.reveal()}
    if isinstance(value, Mapping):
        return {str(k): plain(v) for k, v in sorted(value.items())}
    if isinstance(value, frozenset):
        return sorted(plain(v) for v in value)
    if isinstance(value, tuple | list):
        return [plain(v) for v in value]
    return value


def _is_default(value: Any, name: str) -> bool:
    defaults = _defaults(cast("Any", type(value)))
    return name in defaults and getattr(value, name) == defaults[name]


@cache
def _defaults(cls: Any) -> dict[str, Any]:
    made: dict[str, Any] = {f.name: f.default for f in fields(cls) if f.default is not MISSING}
    for f in fields(cls):
        if f.default_factory is not MISSING:
            made[f.name] = f.default_factory()
    return made


@cache
def _hints(cls: Any) -> dict[str, Any]:
    return get_type_hints(cls)


def load(cls: type[T], data: Any) -> T:
    """Return the dataclass `cls` that `plain` had turned into `data`; keys it does not know are ignored."""
    hints = _hints(cast("Any", cls))
    known = {f.name for f in fields(cast("Any", cls)) if f.init}
    return cls(**{k: _value(hints[k], v) for k, v in data.items() if k in known})


def _value(hint: Any, data: Any) -> Any:
    origin = get_origin(hint)
    if origin in (Union, types.UnionType):
        return _union(get_args(hint), data)
    if origin is Literal:
        return data
    if origin is tuple:
        return _tuple(get_args(hint), data)
    if origin is frozenset:
        return frozenset(_value(get_args(hint)[0], v) for v in data)
    if origin is not None and issubclass(origin, Mapping):
        key, item = get_args(hint)
        return {key(k) if key is int else k: _value(item, v) for k, v in data.items()}
    if hint is Secret:
        return Secret(data["secret"])
    return load(cast("Any", hint), data) if is_dataclass(hint) else data


def _union(options: tuple[Any, ...], data: Any) -> Any:
    if data is None:
        return None
    if Secret in options and isinstance(data, dict) and set(data) == {"secret"}:
        return Secret(data["secret"])
    rest = [o for o in options if o is not type(None) and o is not Secret]
    return _value(rest[0], data) if len(rest) == 1 else data


def _tuple(args: tuple[Any, ...], data: Any) -> tuple[Any, ...]:
    if len(args) == 2 and args[1] is Ellipsis:
        return tuple(_value(args[0], v) for v in data)
    return tuple(_value(a, v) for a, v in zip(args, data, strict=True))


def canonical(value: Any) -> str:
    """Return the one JSON text of a value, for hashing."""
    return json.dumps(plain(value), sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def digest(value: Any) -> str:
    """Return the SHA-256 of a value's canonical JSON, in hex."""
    return sha256(canonical(value).encode("utf-8", "surrogatepass")).hexdigest()
