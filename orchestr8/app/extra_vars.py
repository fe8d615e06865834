"""Variables given on the command line with `-e`."""

from __future__ import annotations

import shlex
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from orchestr8.core.errors import Diagnostic, InvalidInput
from orchestr8.core.span import Span, Text
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
        return _mapping(load(option, "<extra vars>"), option)
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
    try:
        words = shlex.split(option)
    except ValueError as error:
        raise InvalidInput(Diagnostic("O8-1703", f"-e {option}: {error}")) from None
    pairs = [word.partition("=") for word in words]
    if wrong := [name for name, sign, _ in pairs if not sign]:
        hint = "write name=value, @file, or a JSON mapping"
        raise InvalidInput(Diagnostic("O8-1704", f"-e {option}: `{wrong[0]}` has no value", hint=hint))
    return {name: Text(value, Span("<extra vars>", 1)) for name, _, value in pairs}
