"""Variables given on the command line with `-e`."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from orchestr8.core.errors import Diagnostic, InvalidInput
from orchestr8.core.span import Span, Text
from orchestr8.language.splitting import Unbalanced, split
from orchestr8.language.yaml import load


def read(options: Iterable[str]) -> dict[str, Any]:
    """Return the variables of all `-e` options, later ones over earlier ones.

    Forms: `name=value name2=value2` (values are text), `@file` (YAML or JSON), YAML or JSON mapping.
    """
    values: dict[str, Any] = {}
    for option in options:
        values |= _one(option)
    return values


def _one(option: str) -> dict[str, Any]:
    if option.startswith("@"):
        return _file(option[1:])
    if option.lstrip().startswith(("{", "[")) or (": " in option and "=" not in option):
        return _mapping(_legacy(load(option, "<extra vars>")), option)
    return _pairs(option)


def _file(name: str) -> dict[str, Any]:
    try:
        content = Path(name).expanduser().read_bytes()
    except OSError as error:
        raise InvalidInput(Diagnostic("O8-1701", f"cannot read {name}: {error.strerror}")) from None
    return _mapping(load(content, name), f"@{name}")


def _mapping(value: Any, option: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise InvalidInput(Diagnostic("O8-1702", f"-e {option} is not a mapping of variables"))
    return value


def _pairs(option: str) -> dict[str, Any]:
    place = Span("<extra vars>", 1)
    try:
        found = split(option, place)
    except Unbalanced:
        raise InvalidInput(Diagnostic("O8-1703", f"-e {option}: a quote or brace is not closed")) from None
    if found.rest:
        hint = "write name=value, @file, or a JSON mapping"
        wrong = found.rest.split()[0]
        raise InvalidInput(Diagnostic("O8-1704", f"-e {option}: `{wrong}` has no value", hint=hint))
    return {name: Text(value, place) for name, value in found.named.items()}


def _legacy(value: Any) -> Any:
    """Return a value in which a text marked as unsafe, as programs write it, is no template."""
    if isinstance(value, dict):
        if value.keys() == {"__ansible_unsafe"}:
            return str(value["__ansible_unsafe"])
        for name in value:
            value[name] = _legacy(value[name])
    if isinstance(value, list):
        value[:] = [_legacy(each) for each in value]
    return value
