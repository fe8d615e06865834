"""Reads mappings against declared keys: every mistake is found, templates stand where they may."""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Mapping as Map
from dataclasses import dataclass
from typing import Any

from orchestr8.core.span import Mapping, Sequence, Span, Text, span_of
from orchestr8.core.vaulted import Vaulted
from orchestr8.language.findings import Findings

_TRUE = frozenset(["y", "yes", "on", "1", "true", "t"])
_FALSE = frozenset(["n", "no", "off", "0", "false", "f"])
_KINDS: tuple[tuple[type, str], ...] = (
    (Vaulted, "an encrypted value"),
    (bool, "a boolean"),
    (str, "a string"),
    (int, "a number"),
    (float, "a number"),
    (dict, "a mapping"),
    (list, "a list"),
)


class Wrong(Exception):
    """A value does not fit; the message says what would."""


def is_template(value: object) -> bool:
    """Tell whether a string holds a Jinja2 expression or statement."""
    return isinstance(value, str) and ("{{" in value or "{%" in value or "{#" in value)


def has_template(value: object) -> bool:
    """Tell whether a template stands anywhere in a value."""
    if isinstance(value, dict):
        return any(has_template(part) for pair in value.items() for part in pair)
    if isinstance(value, list | tuple):
        return any(has_template(part) for part in value)
    return is_template(value)


def kind_of(value: object) -> str:
    """Return what a person calls the type of a value."""
    if value is None:
        return "nothing"
    return next((name for kind, name in _KINDS if isinstance(value, kind)), f"a {type(value).__name__}")


def boolean(value: Any) -> bool:
    """Return the boolean that a value means in Ansible; raise Wrong for anything else."""
    if isinstance(value, bool):
        return value
    word = str(value).strip().lower()
    if isinstance(value, str | int | float) and word in _TRUE:
        return True
    if isinstance(value, str | int | float) and word in _FALSE:
        return False
    raise Wrong("a boolean (`true` or `false`)")


def integer(value: Any) -> int:
    """Return a whole number; raise Wrong for anything else."""
    try:
        if not isinstance(value, bool | list | dict) and float(value) == int(float(value)):
            return int(float(value))
    except (TypeError, ValueError, OverflowError):
        pass
    raise Wrong("a whole number")


def number(value: Any) -> float:
    """Return a number; raise Wrong for anything else."""
    try:
        if not isinstance(value, bool | list | dict):
            return float(str(value).rstrip("%"))
    except ValueError:
        pass
    raise Wrong("a number")


def text(value: Any) -> Any:
    """Return a scalar as written; raise Wrong for a list or mapping."""
    if isinstance(value, list | dict):
        raise Wrong("a string")
    return value


def mapping(value: Any) -> Mapping:
    """Return a mapping; raise Wrong for anything else."""
    if not isinstance(value, Mapping):
        raise Wrong("a mapping")
    return value


def mappings(value: Any) -> tuple[Any, ...]:
    """Return mappings (or templates that give one) from one or a list of them."""
    items = value if isinstance(value, list) else [value]
    if not all(isinstance(item, Mapping) or is_template(item) or item is None for item in items):
        raise Wrong("a mapping")
    return tuple(item for item in items if item is not None)


def items(value: Any) -> tuple[Any, ...]:
    """Return the scalars of a list, or the one scalar given in its stead."""
    found = value if isinstance(value, list) else [value]
    if any(isinstance(item, list | dict) for item in found):
        raise Wrong("a string or a list of strings")
    return tuple(found)


def words(value: Any) -> tuple[Any, ...]:
    """Return the words of a list, or of a string with commas between them."""
    result: list[Any] = []
    for item in items(value):
        if isinstance(item, str) and "," in item and not is_template(item):
            span = span_of(item)
            parts = (part.strip() for part in item.split(","))
            result += [Text(part, span) if span else part for part in parts if part]
        else:
            result.append(item)
    return tuple(result)


def conditions(value: Any) -> tuple[Any, ...]:
    """Return the conditions of a list, or the one given in its stead."""
    found = value if isinstance(value, list) else [value]
    if any(isinstance(item, list | dict) for item in found):
        raise Wrong("a condition or a list of conditions")
    return tuple(found)


def anything(value: Any) -> Any:
    """Return any value as it is."""
    return value


@dataclass(frozen=True, slots=True)
class Key:
    """A declared key: how its value is read, which constants it allows, whether a template may stand there.

    parts: for lists, conditions and the like, whose items may be templates, the reader gets the raw value.
    """

    read: Callable[[Any], Any] = anything
    choices: tuple[str, ...] = ()
    template: bool = True
    parts: bool = False
    prefixes: tuple[str, ...] = ()


Fields = Map[str, Key]


def place(mapping: Any, key: Any) -> Span | None:
    """Return where the value of a key stands, or the key, or the mapping."""
    if not isinstance(mapping, Mapping):
        return span_of(mapping)
    return mapping.value_spans.get(key) or mapping.key_spans.get(key) or mapping.span


def key_place(mapping: Any, key: Any) -> Span | None:
    """Return where a key stands, or its mapping."""
    return mapping.key_spans.get(key, mapping.span) if isinstance(mapping, Mapping) else None


def item_place(sequence: Any, index: int) -> Span | None:
    """Return where an item of a list stands, or the list."""
    if isinstance(sequence, Sequence) and index < len(sequence.item_spans):
        return sequence.item_spans[index]
    return span_of(sequence)


def read(source: Mapping, fields: Fields, what: str, findings: Findings) -> dict[str, Any]:
    """Return the values of the declared keys that `source` has; unknown keys and wrong values are noted."""
    result: dict[str, Any] = {}
    for name, value in source.items():
        declared = fields.get(name) if isinstance(name, str) else None
        if declared is None:
            message = f"`{name}` is not a keyword of {what}"
            findings.unknown("O8-1101", message, str(name), fields, key_place(source, name))
        elif value is not None:
            result |= _value(source, name, declared, findings)
    return result


def _value(source: Mapping, name: str, declared: Key, findings: Findings) -> dict[str, Any]:
    value = source[name]
    if isinstance(value, Vaulted):
        if declared.template:
            return {name: value}
        findings.error("O8-1009", f"`{name}` cannot be encrypted", place(source, name))
        return {}
    if is_template(value) and not declared.parts:
        if declared.template:
            return {name: value}
        hint = "write the value itself: this keyword is read before any variable is known"
        findings.error("O8-1102", f"`{name}` cannot be a template", place(source, name), hint)
        return {}
    try:
        found = declared.read(value)
    except Wrong as wrong:
        shown = f" (`{value}`)" if not isinstance(value, list | dict) else ""
        message = f"`{name}` has to be {wrong}, not {kind_of(value)}{shown}"
        findings.error("O8-1102", message, place(source, name))
        return {}
    return {name: found} if _allowed(source, name, found, declared, findings) else {}


def _allowed(source: Mapping, name: str, found: Any, declared: Key, findings: Findings) -> bool:
    if not declared.choices or not isinstance(found, str):
        return True
    bare = found
    for prefix in declared.prefixes:
        bare = bare.removeprefix(prefix)
    if bare in declared.choices:
        return True
    known = ", ".join(f"`{choice}`" for choice in declared.choices)
    message = f"`{name}` cannot be `{found}`; it is one of {known}"
    findings.unknown("O8-1104", message, bare, declared.choices, place(source, name))
    return False
