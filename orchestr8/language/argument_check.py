"""Compares the values a role is given with its argument specification, in Ansible's words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from orchestr8.remote.values import CONVERT, Unfit, size, spelled

Spec = Mapping[str, Any]
_CONVERT = {**CONVERT, "bits": size, "jsonarg": CONVERT["raw"]}
TYPES = frozenset(_CONVERT)


def problems(spec: Spec, given: Mapping[str, Any]) -> list[str]:
    """Return what is wrong with plain values; `spec` maps each option's name to its type and the rest."""
    found = _Found()
    _level(spec, {}, dict(given), (), found)
    return [*found.errors, *found.unsupported()]


@dataclass
class _Found:
    """What was found so far. unknown: paths of options that are not in the specification, and what is."""

    errors: list[str] = field(default_factory=list)
    unknown: list[tuple[str, str]] = field(default_factory=list)

    def unsupported(self) -> Iterator[str]:
        if self.unknown:
            names = ", ".join(sorted(path for path, _ in self.unknown))
            yield f"{names}. Supported parameters include: {self.unknown[-1][1]}."

    def error(self, message: str, context: Sequence[str]) -> None:
        self.errors.append(f"{message} found in {' -> '.join(context)}" if context else message)


def _level(spec: Spec, around: Spec, values: dict[str, Any], context: tuple[str, ...], found: _Found) -> None:
    """Check the options of one level; `around` is the option that contains them, {} at the top."""
    _aliases(spec, values, context, found)
    for words in around.get("mutually_exclusive") or ():
        if len(_present(words, values)) > 1:
            found.error(f"parameters are mutually exclusive: {'|'.join(words)}", context)
    for name, option in spec.items():
        if name not in values and _default(option) is not None:
            values[name] = _default(option)
    missing = sorted(name for name, option in spec.items() if option.get("required") and name not in values)
    if missing:
        found.error(f"missing required arguments: {', '.join(missing)}", context)
    for name, option in spec.items():
        if name in values:
            values[name] = _typed(name, option, values[name], context, found)
    for name, option in spec.items():
        if name in values and isinstance(option.get("choices"), list):
            _chosen(name, option["choices"], values[name], context, found)
    for message in _relations(around, values):
        found.error(message, context)
    for name, option in spec.items():
        _inside(name, option, values.get(name), context, found)


def _default(option: Spec) -> Any:
    value = option.get("default")
    return None if isinstance(value, str) and "{{" in value else value


def _aliases(spec: Spec, values: dict[str, Any], context: tuple[str, ...], found: _Found) -> None:
    meant = {alias: name for name, option in spec.items() for alias in option.get("aliases") or ()}
    for alias in [word for word in values if word in meant]:
        values.setdefault(meant[alias], values[alias])
    supported = ", ".join(sorted(spec)) + (f" ({', '.join(sorted(meant))})" if meant else "")
    for name in values:
        if name not in spec and name not in meant:
            found.unknown.append((".".join((*context, str(name))), supported))


def _present(words: Sequence[str], values: Mapping[str, Any]) -> list[str]:
    return [word for word in words if word in values]


def _typed(name: str, option: Spec, value: Any, context: tuple[str, ...], found: _Found) -> Any:
    if value is None and not option.get("required") and _default(option) is None:
        return None
    wanted = option.get("type") or "str"
    try:
        value = _converted(wanted, value)
        items = option.get("elements")
        return [_converted(items, item) for item in value] if items and isinstance(value, list) else value
    except Unfit as error:
        place = f" found in '{' -> '.join(context)}'." if context else ""
        kind = type(value).__name__
        found.errors.append(
            f"argument '{name}' is of type {kind}{place} and we were unable to convert to {wanted}: {error}"
        )
        return value


def _converted(wanted: str, value: Any) -> Any:
    if value is None and wanted == "str":
        return ""
    return _CONVERT.get(wanted, _CONVERT["raw"])(value)


def _chosen(name: str, choices: list[Any], value: Any, context: tuple[str, ...], found: _Found) -> None:
    listed = ", ".join(map(str, choices))
    if isinstance(value, list):
        other = [item for item in value if item not in choices]
        if other:
            got = ", ".join(map(str, other))
            found.error(f"value of {name} must be one or more of: {listed}. Got no match for: {got}", context)
    elif value is not None and value not in choices and not spelled(value, choices):
        found.error(f"value of {name} must be one of: {listed}, got: {value}", context)


def _relations(around: Spec, values: Mapping[str, Any]) -> Iterator[str]:
    for words in around.get("required_together") or ():
        if 0 < len(_present(words, values)) < len(words):
            yield f"parameters are required together: {', '.join(words)}"
    for words in around.get("required_one_of") or ():
        if not _present(words, values):
            yield f"one of the following is required: {', '.join(words)}"
    for name, value, needed, *anyone in around.get("required_if") or ():
        missing = [word for word in needed if word not in values]
        enough = len(missing) < len(needed) if anyone and anyone[0] else not missing
        if name in values and values[name] == value and not enough:
            extent = "any" if anyone and anyone[0] else "all"
            yield f"{name} is {value} but {extent} of the following are missing: {', '.join(missing)}"
    for name, needed in (around.get("required_by") or {}).items():
        words = [needed] if isinstance(needed, str) else needed
        missing = [word for word in words if values.get(word) is None]
        if values.get(name) is not None and missing:
            yield f"missing parameter(s) required by '{name}': {', '.join(missing)}"


def _inside(name: str, option: Spec, value: Any, context: tuple[str, ...], found: _Found) -> None:
    """Check the options of a dict, or of each dict in a list."""
    listed = option.get("type") == "list" and option.get("elements") == "dict"
    if not isinstance(option.get("options"), Mapping) or not (option.get("type") == "dict" or listed):
        return
    if value is None and option.get("apply_defaults"):
        value = {}
    if value is None:
        return
    for item in value if isinstance(value, list) else [value]:
        if isinstance(item, Mapping):
            _level(option["options"], option, dict(item), (*context, name), found)
        else:
            found.errors.append(f"value of '{name}' must be of type dict or list of dicts")
