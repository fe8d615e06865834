"""The constraint language: `node.labels.disk == ssd`, `node.mem_mb >= 4096`, `node.arch in [amd64]`."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import cast

from orchestr8.core.suggest import did_you_mean
from orchestr8.deploy.observed import HostFacts
from orchestr8.deploy.service import Constraint

_ARCHES = {"x86_64": "amd64", "aarch64": "arm64", "armv7l": "arm", "i686": "386"}
_FORM = re.compile(
    r"^\s*(?P<attribute>[A-Za-z_][\w./-]*)\s+"
    r"(?P<operator>==|!=|<=|>=|<|>|=~|in\b|not-in\b|version\b|set\b|unset\b|[^\s\w]+|[\w-]+)\s*(?P<value>.*?)\s*$"
)
_TIGHT = re.compile(r"^\s*([A-Za-z_][\w./-]*)(==|!=|<=|>=|=~|<|>)")
_OPERATORS = ("==", "!=", "<", "<=", ">", ">=", "in", "not-in", "=~", "version", "set", "unset")
_VERSION = re.compile(r"^(==|!=|<=|>=|<|>)\s*(\d[\w.+~-]*)$")
_READERS: Mapping[str, Callable[[HostFacts], str]] = {
    "node.name": lambda h: h.name,
    "node.arch": lambda h: _ARCHES.get(h.arch, h.arch),
    "node.os": lambda h: h.os,
    "node.engine": lambda h: h.engine,
    "node.cpus": lambda h: f"{h.cpus:g}",
    "node.mem_mb": lambda h: str(h.memory // 2**20),
}
_ALIASES = {
    "node.hostname": "node.name",
    "node.id": "node.name",
    "node.platform.arch": "node.arch",
    "node.platform.os": "node.os",
}
_LABEL = "node.labels."


def parse(text: str) -> Constraint:
    """Return the constraint a text states; raises ValueError that says what is wrong."""
    found = _FORM.match(_TIGHT.sub(r"\1 \2 ", text))
    if not found:
        raise ValueError(f"`{text}` is no constraint; the form is `node.labels.disk == ssd`")
    name, operator, value = found["attribute"], found["operator"], found["value"]
    if operator not in _OPERATORS:
        raise ValueError(f"`{operator}` is no operator; there are {' '.join(_OPERATORS)}")
    constraint = Constraint(attribute_name(name), cast("str", operator), _values(operator, value))  # type: ignore[arg-type]
    _check(constraint, value)
    return constraint


def attribute_name(name: str) -> str:
    """Return an attribute's own name; raises ValueError with the nearest one when there is none."""
    name = _ALIASES.get(name, name)
    if name in _READERS or (name.startswith(_LABEL) and len(name) > len(_LABEL)):
        return name
    hint = did_you_mean(name, [*_READERS, *_ALIASES, _LABEL + name.rsplit(".", 1)[-1]])
    raise ValueError(f"hosts have no attribute `{name}`" + (f"; {hint}" if hint else ""))


def _values(operator: str, value: str) -> tuple[str, ...]:
    if operator in ("in", "not-in"):
        inner = value[1:-1] if value[:1] in "[(" and value[-1:] in ")]" else value
        return tuple(_bare(v) for v in inner.split(",") if v.strip())
    if operator == "version":
        found = _VERSION.match(value)
        return (found[1], found[2]) if found else ()
    return (_bare(value),) if value else ()


def _bare(value: str) -> str:
    value = value.strip()
    quoted = len(value) > 1 and value[0] == value[-1] and value[0] in "'\""
    return value[1:-1] if quoted else value


def _check(constraint: Constraint, value: str) -> None:
    operator = constraint.operator
    if operator in ("set", "unset"):
        if value:
            raise ValueError(f"`{operator}` takes no value")
    elif not constraint.values:
        form = "a version such as `version >= 20.10`" if operator == "version" else "a value"
        raise ValueError(f"`{operator}` needs {form}")
    if operator in ("<", "<=", ">", ">=") and _number(constraint.values[0]) is None:
        raise ValueError(f"`{operator}` compares numbers, `{constraint.values[0]}` is none (see `version`)")
    if operator == "=~":
        try:
            re.compile(constraint.values[0])
        except re.error as error:
            raise ValueError(f"`{constraint.values[0]}` is no regular expression: {error}") from None


def attribute(host: HostFacts, name: str) -> str | None:
    """Return a host's attribute as text, or None when it is not set."""
    if name.startswith(_LABEL):
        return host.labels.get(name[len(_LABEL) :])
    return _READERS[name](host) if name in _READERS else None


def _number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None


def _version(text: str) -> tuple[tuple[int, int | str], ...]:
    parts = re.findall(r"\d+|[A-Za-z]+", text)
    return tuple((1, int(p)) if p.isdigit() else (0, p) for p in parts)


def _compare(operator: str, left: object, right: object) -> bool:
    a, b = cast("float", left), cast("float", right)
    table = {"==": a == b, "!=": a != b}
    if operator in table:
        return table[operator]
    return {"<": a < b, "<=": a <= b, ">": a > b, ">=": a >= b}[operator]


def _same(attribute_text: str, value: str) -> bool:
    a, b = _number(attribute_text), _number(value)
    return a == b if a is not None and b is not None else attribute_text == value


def meets(constraint: Constraint, host: HostFacts) -> bool:
    """Say whether a host meets a constraint; an attribute that is not set meets only !=, not-in and unset."""
    found, operator, values = attribute(host, constraint.attribute), constraint.operator, constraint.values
    if operator in ("set", "unset"):
        return (found is not None) == (operator == "set")
    if operator in ("==", "in"):
        return found is not None and any(_same(found, v) for v in values)
    if operator in ("!=", "not-in"):
        return found is None or not any(_same(found, v) for v in values)
    return found is not None and _ordered(operator, found, values)


def _ordered(operator: str, found: str, values: tuple[str, ...]) -> bool:
    if operator == "=~":
        return re.search(values[0], found) is not None
    if operator == "version":
        return _compare(values[0], _version(found), _version(values[1]))
    a, b = _number(found), _number(values[0])
    return a is not None and b is not None and _compare(operator, a, b)
