"""Filters that look into data by paths, queries and tests, and compare it."""

from __future__ import annotations

import difflib
import json
import re
from collections.abc import Callable, Mapping, Sequence
from importlib import import_module
from typing import Any

from jinja2 import pass_environment

from orchestr8.template.errors import LookupFailed
from orchestr8.template.plain import plain

_WORD = re.compile(r"[a-zA-Z_][a-zA-Z0-9_]*")
_STEP = re.compile(
    r"\s*\.?(?P<name>[a-zA-Z_]\w*)\s*|\s*\[\s*(?:(?P<index>-?\d+)|(?P<mark>['\"])(?P<key>.*?)(?P=mark))\s*\]\s*"
)
_ESCAPES = re.compile(r"\x1B[@-_][0-?]*[ -/]*[@-~]")
_NO_NEWLINE = "\n\\ No newline at end of file\n"


def json_query(data: Any, expr: str) -> Any:
    """Return what a JMESPath expression selects; the library jmespath has to be installed."""
    try:
        jmespath = import_module("jmespath")
    except ImportError:
        raise LookupFailed('You need to install "jmespath" prior to running json_query filter') from None
    try:
        return jmespath.search(expr, plain(data))
    except jmespath.exceptions.JMESPathError as failure:
        raise ValueError(f"JMESPathError in json_query filter plugin:\n{failure}") from None


@pass_environment
def get_path(environment: Any, var: Any, path: str, wantlist: bool = False) -> Any:  # noqa: FBT001, FBT002
    """Return what is found in data by a path such as `a.b[0]['c d']`; nothing in a path is evaluated."""
    found, at = var, 0
    while at < len(str(path)):
        step = _STEP.match(str(path), at)
        if step is None:
            raise ValueError(f"cannot read the path {path!r} at {str(path)[at:]!r}")
        key = step["index"] or step["name"] or step["key"]
        found = environment.getitem(found, int(key) if step["index"] else key)
        at = step.end()
    return [found] if wantlist else found


def to_paths(var: Any, prepend: str | None = None, wantlist: bool = False) -> Any:  # noqa: FBT001, FBT002
    """Return a dict of all paths in data with the values at their ends."""
    found: dict[str, Any] = {}
    _walk({prepend: var} if prepend else var, "", found)
    return [found] if wantlist else found


def _walk(data: Any, name: str, found: dict[str, Any]) -> None:
    if isinstance(data, Mapping) and (data or not name):
        for key, value in data.items():
            _walk(value, _joined(name, str(key)), found)
    elif isinstance(data, list) and (data or not name):
        for number, value in enumerate(data):
            _walk(value, f"{name}[{number}]", found)
    else:
        found[name] = data


def _joined(name: str, key: str) -> str:
    if not name:
        return key
    return f"{name}.{key}" if _WORD.fullmatch(key) else f"{name}['{key}']"


@pass_environment
def index_of(
    environment: Any,
    data: Sequence[Any],
    test: str,
    value: Any = None,
    key: Any = None,
    wantlist: bool = False,  # noqa: FBT001, FBT002
    fail_on_missing: bool = False,  # noqa: FBT001, FBT002
) -> Any:
    """Return where in a list the items are for which a test holds: one number, or a list of them."""
    holds = _test(environment, test, value)
    if key is not None and not all(isinstance(each, Mapping) for each in data):
        raise TypeError("When a key name is provided, all list entries are required to be dictionaries")
    lost = [number for number, each in enumerate(data) if key is not None and key not in each]
    if lost and fail_on_missing:
        where = ", ".join(f"'{key}' was not found in '{data[number]}' at [{number}]" for number in lost)
        raise ValueError(f"{where}. fail_on_missing=True")
    found = [
        number
        for number, each in enumerate(data)
        if number not in lost and holds(each if key is None else each[key])
    ]
    return found[0] if len(found) == 1 and not wantlist else found


def _test(environment: Any, name: str, value: Any) -> Callable[[Any], bool]:
    """Return what tells whether a test holds; `!` and `not ` before its name turn it around."""
    bare = name.removeprefix("!").removeprefix("not ")
    known = "==" if bare == "=" and bare != name else bare
    if known not in environment.tests:
        raise ValueError(f"the test '{known}' was not found.")
    args = () if value is None else ([value],) if known == "in" and not isinstance(value, list) else (value,)
    return lambda each: bool(environment.call_test(known, each, args)) != (bare != name)


def fact_diff(before: Any, after: Any, plugin: Any = None, common: bool = False) -> str:  # noqa: FBT001, FBT002
    """Return the lines in which two values differ, as text of a list of them."""
    skips = [re.compile(each) for each in ((plugin or {}).get("vars") or {}).get("skip_lines") or []]
    old, new = (_lines(each, skips) for each in (before, after))
    whole = max(len(old), len(new))
    lines = difflib.unified_diff(old, new, "before", "after", n=whole)
    shown = [line for line in lines if not common or not line.startswith(("+", "-"))]
    text = "".join([*shown, "\n"]) if shown else ""
    return str(_ESCAPES.sub("", text).splitlines())


def _lines(value: Any, skips: list[re.Pattern[str]]) -> list[str]:
    if skips:
        each = value.splitlines() if isinstance(value, str) else value
        value = [line for line in each if not any(skip.match(str(line)) for skip in skips)]
    if isinstance(value, Mapping):
        value = json.dumps(plain(value), sort_keys=True, indent=4, separators=(",", ": ")) + "\n"
    elif isinstance(value, (list, tuple)):
        value = "\n".join(map(str, value)) + "\n"
    lines = str("" if value is None else value).splitlines(keepends=True)
    if lines and not lines[-1].endswith("\n"):
        lines[-1] += _NO_NEWLINE
    return lines


def param_list_compare(base: list[Any], target: list[Any]) -> dict[str, list[Any]]:
    """Return the base's items that `target` chooses (`all`, `!this`), and those it does not have."""
    named = [each for each in target if each != "all" and not str(each).startswith("!")]
    banned = {str(each)[1:] for each in target if str(each).startswith("!")}
    chosen = [each for each in base if each not in banned] if "all" in target else []
    chosen += [each for each in named if each in base and each not in chosen]
    return {"actionable": sorted(chosen), "unsupported": [each for each in named if each not in base]}


NAMES: dict[str, Callable[..., Any]] = {
    "json_query": json_query,
    "get_path": get_path,
    "to_paths": to_paths,
    "index_of": index_of,
    "fact_diff": fact_diff,
    "param_list_compare": param_list_compare,
}
