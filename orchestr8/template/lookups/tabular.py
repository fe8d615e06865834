"""Lookups in INI, properties and CSV files."""

from __future__ import annotations

import configparser
import csv
import re
import shlex
from collections.abc import Iterable
from typing import Any

from orchestr8.template.errors import LookupFailed
from orchestr8.template.lookup import LookupCall

_NAMED = re.compile(r"[A-Za-z_]\w*=(?!=)")


def _split_term(term: Any, allowed: tuple[str, ...]) -> tuple[str, dict[str, Any]]:
    try:
        parts = shlex.split(str(term))
    except ValueError:
        parts = str(term).split()
    named = [part for part in parts if _NAMED.match(part)]
    inline = [part for part in named if part.split("=")[0] in allowed]
    if len(inline) < len(named):
        other = next(part for part in named if part not in inline)
        raise LookupFailed(f"{other.split('=')[0]!r} is not a valid option")
    options = dict(part.split("=", 1) for part in inline)
    return " ".join(part for part in parts if part not in inline), options


def ini(terms: list[Any], call: LookupCall) -> Iterable[Any]:
    """Yield values of keys (or of keys that match, with `re`) from a section of an INI file."""
    for term in terms:
        key, inline = _split_term(
            term, ("type", "file", "section", "encoding", "default", "re", "allow_no_value")
        )
        if not key:
            raise LookupFailed("No key to look up was provided as first term within string inline options")
        yield from _ini_values(key, {**call.options, **inline}, call)


def _ini_values(key: str, options: dict[str, Any], call: LookupCall) -> Iterable[Any]:
    path = call.need(str(options.get("file", "ansible.ini")), "files")
    text = path.read_text(str(options.get("encoding", "utf-8")))
    section = str(options.get("section", "global"))
    if options.get("type") == "properties":
        section, text = "java_properties", f"[java_properties]\n{text}"
    parser = _parser(options)
    try:
        parser.read_string(text)
        return [value for value in _found(parser, key, section, options) if value is not None]
    except configparser.DuplicateOptionError as failure:
        raise LookupFailed(f"Duplicate option in '{path}': {failure}") from failure
    except configparser.NoSectionError as failure:
        raise LookupFailed(f"No section '{section}' in {path}") from failure
    except configparser.Error as failure:
        raise LookupFailed(f"{path} is no INI file: {failure}") from failure


def _parser(options: dict[str, Any]) -> configparser.ConfigParser:
    allow = _is_true(options.get("allow_no_value", options.get("allow_none", False)))
    if _is_true(options.get("interpolation", True)):
        parser = configparser.ConfigParser(allow_no_value=allow)
    else:
        parser = configparser.ConfigParser(allow_no_value=allow, interpolation=None)
    if options.get("case_sensitive"):
        parser.optionxform = str  # type: ignore[assignment, method-assign]
    return parser


def _found(parser: configparser.ConfigParser, key: str, section: str, options: dict[str, Any]) -> list[Any]:
    if _is_true(options.get("re", False)):
        return [value for name, value in parser.items(section) if re.match(key, name)]
    try:
        return [parser.get(section, key)]
    except configparser.NoOptionError:
        return [options.get("default", "")]


def _is_true(value: Any) -> bool:
    return str(value).lower() in ("true", "1", "yes", "on")


def csvfile(terms: list[Any], call: LookupCall) -> Iterable[Any]:
    """Yield a column of the row whose key column holds the term."""
    if not terms:
        raise LookupFailed("Search key is required but was not found")
    for term in terms:
        allowed = ("col", "default", "delimiter", "file", "encoding", "keycol")
        key, inline = _split_term(term, allowed)
        if not key:
            raise LookupFailed("Search key is required but was not found")
        yield _cell(key, {**call.options, **inline}, call)


def _cell(key: str, options: dict[str, Any], call: LookupCall) -> Any:
    delimiter = str(options.get("delimiter", "TAB"))
    delimiter = "\t" if delimiter in ("TAB", "\\t", "t") else delimiter
    column, key_column = _index(options, "col", 1), _index(options, "keycol", 0)
    path = call.need(str(options.get("file", "ansible.csv")), "files")
    with path.open(encoding=str(options.get("encoding", "utf-8")), newline="") as lines:
        for row in csv.reader(lines, delimiter=delimiter):
            if row and row[key_column] == key:
                return row[column]
    return options.get("default", [])


def _index(options: dict[str, Any], name: str, default: int) -> int:
    value = options.get(name, default)
    try:
        return int(value)
    except (TypeError, ValueError):
        raise LookupFailed(f"option '{name}' has an invalid value: {value!r} is no integer") from None


NAMES = {"ini": ini, "csvfile": csvfile}
