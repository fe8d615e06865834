"""Lookup of community.general that merges variables whose names are alike."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from orchestr8.template.errors import LookupFailed
from orchestr8.template.lookup import LookupCall
from orchestr8.template.plain import plain


def merge_variables(terms: list[Any], call: LookupCall) -> Iterable[Any]:
    """Yield, for each pattern, the dicts or lists of that name merged; of hosts in `groups` where given."""
    for term in terms:
        if not isinstance(term, str):
            raise LookupFailed(f"Non-string type '{type(term)}' passed, only 'str' types are allowed!")
        fits, result = _fitting(term, call), plain(call.option("initial_value"))
        for names, value in _sources(call):
            for name in sorted(each for each in names if fits(each)):
                result = _merged(result, plain(value(name)), name, call)
        yield result


def _sources(call: LookupCall) -> Iterable[tuple[Iterable[str], Callable[[str], Any]]]:
    """Yield the names of variables with what gives their values: the host's own, or those of other hosts."""
    groups = call.option("groups")
    if not groups:
        yield list(call.run.scope), call.variable
        return
    hostvars = call.variable("hostvars", {})
    for host in hostvars:
        own = hostvars[host]
        if "all" in groups or set(own["group_names"]) & set(groups):
            yield list(own), own.__getitem__


def _fitting(pattern: str, call: LookupCall) -> Callable[[str], Any]:
    kinds: dict[str, Callable[[str], Any]] = {
        "prefix": lambda name: name.startswith(pattern),
        "suffix": lambda name: name.endswith(pattern),
        "regex": lambda name: re.search(pattern, name),
    }
    kind = str(call.option("pattern_type", "regex"))
    if kind not in kinds:
        raise LookupFailed(f"pattern_type must be one of {', '.join(kinds)}, not {kind}")
    return kinds[kind]


def _merged(result: Any, value: Any, name: str, call: LookupCall) -> Any:
    if not isinstance(value, (Mapping, list)):
        raise LookupFailed(f"Not supported type detected, variable must be a list or a dict: '{name}'")
    if result is None:
        return value
    if isinstance(result, list) != isinstance(value, list):
        raise LookupFailed("Unable to merge, not all variables are of the same type")
    if isinstance(value, list):
        return result + value
    return _deeper(result, value, name, strict=call.option("override", "error") == "error")


def _deeper(below: dict[Any, Any], above: Mapping[Any, Any], path: str, *, strict: bool) -> dict[Any, Any]:
    result = dict(below)
    for key, value in above.items():
        old = result.get(key)
        if isinstance(value, Mapping) and isinstance(old, Mapping):
            result[key] = _deeper(dict(old), value, f"{path}.{key}", strict=strict)
        elif isinstance(value, list) and isinstance(old, list):
            result[key] = old + value
        elif strict and key in result and old != value:
            raise LookupFailed(
                f"The key '{key}' with value '{old}' will be overwritten with value '{value}' "
                f"from '{path}.{key}'"
            )
        else:
            result[key] = value
    return result


NAMES = {"merge_variables": merge_variables}
