"""Filters between data and the texts of INI and CSV files."""

from __future__ import annotations

import csv
from collections.abc import Callable, Mapping
from configparser import ConfigParser, Error
from io import StringIO
from typing import Any


def _parser() -> ConfigParser:
    parser = ConfigParser(interpolation=None)
    parser.optionxform = str  # type: ignore[assignment, method-assign]
    return parser


def from_ini(obj: Any) -> dict[str, Any]:
    """Return the sections of an INI text, each with what `DEFAULT` gives it."""
    if not isinstance(obj, str):
        raise TypeError(f"from_ini requires a str, got {type(obj)}")
    parser = _parser()
    try:
        parser.read_file(StringIO(obj))
    except Error as failure:
        raise ValueError(f"from_ini failed to parse given string: {failure}") from None
    defaults = dict(parser.defaults())
    found = {name: {**defaults, **dict(parser.items(name))} for name in parser.sections()}
    return {**found, "DEFAULT": defaults} if defaults else found


def to_ini(obj: Any) -> str:
    """Return an INI text of sections."""
    if not isinstance(obj, Mapping):
        raise TypeError(f"to_ini requires a dict, got {type(obj)}")
    if not obj:
        raise ValueError("to_ini received an empty dict. An empty dict cannot be converted.")
    parser = _parser()
    try:
        parser.read_dict(obj)
    except (Error, AttributeError, TypeError, ValueError) as failure:
        raise ValueError(f"to_ini failed to parse given dict:{failure}") from None
    text = StringIO()
    parser.write(text)
    return text.getvalue().removesuffix("\n")


def from_csv(
    data: Any,
    dialect: str = "excel",
    fieldnames: list[str] | None = None,
    delimiter: str | None = None,
    skipinitialspace: Any = None,
    strict: Any = None,
) -> list[dict[str, str]]:
    """Return the rows of a CSV text as dicts; the first row names the fields unless `fieldnames` does."""
    chosen: dict[str, Any] = {"delimiter": delimiter, "skipinitialspace": skipinitialspace, "strict": strict}
    if dialect not in csv.list_dialects() and dialect != "unix":
        raise ValueError(f"Dialect '{dialect}' is not supported by your version of python.")
    options = {name: value for name, value in chosen.items() if value is not None}
    try:
        reader = csv.DictReader(StringIO(str(data)), fieldnames, dialect=dialect, **options)
        return [dict(row) for row in reader]
    except csv.Error as failure:
        raise ValueError(f"Unable to process file: {failure}") from None


NAMES: dict[str, Callable[..., Any]] = {"from_ini": from_ini, "to_ini": to_ini, "from_csv": from_csv}
