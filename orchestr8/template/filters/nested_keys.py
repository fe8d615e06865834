"""Filters of ansible.utils that keep, remove and rename keys however deep they are."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

_Fits = Callable[[str, str], bool]
_HOW: dict[str, _Fits] = {
    "equality": lambda key, target: key == target,
    "starts_with": lambda key, target: key.startswith(target),
    "ends_with": lambda key, target: key.endswith(target),
    "regex": lambda key, target: re.match(target, key) is not None,
}


def _is_list(value: Any) -> bool:
    return isinstance(value, (list, tuple))


def _fitting(how: str) -> _Fits:
    if how not in _HOW:
        raise ValueError(f"matching_parameter {how} is none of starts_with, ends_with, regex")
    return lambda key, target: _HOW[how](str(key), str(target))


def _checked(data: Any, what: str) -> None:
    if not (_is_list(data) or isinstance(data, Mapping)):
        raise TypeError(f"Input is not valid for {what}")


def keep_keys(data: Any, target: list[Any], matching_parameter: str = "equality") -> Any:
    """Return data with only the keys that fit, and what leads to them."""
    _checked(data, "keep operation")
    return _kept(data, target, _fitting(matching_parameter))


def _kept(data: Any, target: list[Any], fits: _Fits) -> Any:
    if _is_list(data):
        return [_kept(each, target, fits) for each in data]
    if not isinstance(data, Mapping):
        return data
    found: dict[Any, Any] = {}
    for key, value in data.items():
        if key in target:
            found[key] = value
        elif not (_is_list(value) or isinstance(value, Mapping)):
            if any(fits(key, each) for each in target):
                found[key] = value
        elif _filled(below := _filled(_kept(value, target, fits))):
            found[key] = below
    return found


def _filled(value: Any) -> Any:
    return [each for each in value if each not in ([], {})] if isinstance(value, list) else value


def remove_keys(data: Any, target: list[Any], matching_parameter: str = "equality") -> Any:
    """Return data without the keys that fit, and without what is empty in lists."""
    _checked(data, "attribute removal")
    return _removed(data, target, _fitting(matching_parameter))


def _removed(data: Any, target: list[Any], fits: _Fits) -> Any:
    if _is_list(data):
        return [each for each in (_removed(each, target, fits) for each in data) if each]
    if not isinstance(data, Mapping):
        return data
    gone = {key for key in data if any(fits(key, each) for each in target)}
    return {key: _removed(value, target, fits) for key, value in data.items() if key not in gone}


def replace_keys(data: Any, target: list[Any], matching_parameter: str = "equality") -> Any:
    """Return data with keys renamed, `before` to `after`."""
    _checked(data, "replace operation")
    return _replaced(data, target, _fitting(matching_parameter))


def _replaced(data: Any, target: list[Any], fits: _Fits) -> Any:
    if _is_list(data):
        return [_replaced(each, target, fits) for each in data]
    if not isinstance(data, Mapping):
        return data
    renamed = dict(data)
    for each in target:
        for key in [key for key in renamed if fits(key, each["before"])]:
            renamed[each["after"]] = renamed.pop(key)
    return {key: _replaced(value, target, fits) for key, value in renamed.items()}


NAMES: dict[str, Callable[..., Any]] = {
    "ansible.utils.keep_keys": keep_keys,
    "ansible.utils.remove_keys": remove_keys,
    "ansible.utils.replace_keys": replace_keys,
}
