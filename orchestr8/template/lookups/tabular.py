"""Lookups in INI, properties and CSV files."""

from __future__ import annotations

import configparser
import csv
import re
from collections.abc import Iterable
from typing import Any

from orchestr8.template.errors import LookupFailed
from orchestr8.template.lookup import LookupCall


def _split_term(term: Any, allowed: tuple[str, ...]) -> tuple[str, dict[str, Any]]:
    parts = str(term).split()
    options = dict(part.split("=", 1) for part in parts[1:] if "=" in part and part.split("=")[0] in allowed)
    return " ".join([parts[0], *(part for part in parts[1:] if "=" not in part)]) if parts else "", options


def ini(terms: list[Any], call: LookupCall) -> Iterable[Any]:
    """Yield values of keys (or of keys that match, with `re`) from a section of an INI file."""
    for term in terms:
        key, inline = _split_term(
            term, ("type", "file", "section", "encoding", "default", "re", "allow_no_value")
        )
        yield from _ini_values(key, {**call.options, **inline}, call)


def _ini_values(key: str, options: dict[str, Any], call: LookupCall) -> Iterable[Any]:
    allow = str(options.get("allow_no_value", options.get("allow_none", False))).lower() in (
        "true",
        "1",
        "yes",
    )
    parser = configparser.ConfigParser(allow_no_value=allow, interpolation=None)
    if options.get("case_sensitive"):
        parser.optionxform = str  # type: ignore[assignment, method-assign]
    path = call.need(str(options.get("file", "ansible.ini")), "files")
    text = path.read_text(str(options.get("encoding", "utf-8")))
    section = str(options.get("section", "global"))
    if options.get("type") == "properties":
        section, text = "java_properties", f"[java_properties]\n{text}"
    try:
        parser.read_string(text)
    except configparser.Error as failure:
        raise LookupFailed(f"{path} is no INI file: {failure}") from failure
    if str(options.get("re", False)).lower() in ("true", "1", "yes"):
        found = parser.items(section) if parser.has_section(section) else []
        return [value for name, value in found if re.match(key, name)]
    return [parser.get(section, key, fallback=options.get("default", ""))]


def csvfile(terms: list[Any], call: LookupCall) -> Iterable[Any]:
    """Yield a column of the row whose key column holds the term."""
    for term in terms:
        allowed = ("col", "default", "delimiter", "file", "encoding", "keycol")
        key, inline = _split_term(term, allowed)
        if not key:
            raise LookupFailed("Search key is required but was not found")
        yield _cell(key, {**call.options, **inline}, call)


def _cell(key: str, options: dict[str, Any], call: LookupCall) -> Any:
    delimiter = str(options.get("delimiter", "TAB"))
    delimiter = "\t" if delimiter in ("TAB", "\\t", "t") else delimiter
    column, key_column = int(options.get("col", 1)), int(options.get("keycol", 0))
    path = call.need(str(options.get("file", "ansible.csv")), "files")
    with path.open(encoding=str(options.get("encoding", "utf-8")), newline="") as lines:
        for row in csv.reader(lines, delimiter=delimiter):
            if row and row[key_column] == key:
                return row[column]
    return options.get("default", [])


NAMES = {"ini": ini, "csvfile": csvfile}
