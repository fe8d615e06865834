"""Filters for dicts and lists of dicts."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from orchestr8.template.errors import LookupFailed


def combine(
    *terms: Any, recursive: bool = False, list_merge: str = "replace", **other: Any
) -> dict[Any, Any]:
    """Return dicts merged, later ones winning; lists by `list_merge`."""
    if other:
        raise TypeError("'recursive' and 'list_merge' are the only valid keyword arguments")
    if list_merge not in ("replace", "keep", "append", "prepend", "append_rp", "prepend_rp"):
        raise ValueError(f"list_merge '{list_merge}' is not valid")
    merged: dict[Any, Any] = {}
    flat = [each for term in terms for each in (term if isinstance(term, (list, tuple)) else (term,))]
    for term in _dicts(flat):
        merged = _merge(merged, term, list_merge, deep=recursive)
    return merged


def _dicts(terms: Any) -> list[Mapping[Any, Any]]:
    found: list[Mapping[Any, Any]] = []
    for term in terms:
        if isinstance(term, Mapping):
            found.append(term)
        elif term is not None and term != "":
            raise TypeError(f"failed to combine variables, expected dicts but got a '{type(term).__name__}'")
    return found


def _merge(below: Mapping[Any, Any], above: Mapping[Any, Any], lists: str, *, deep: bool) -> dict[Any, Any]:
    merged = dict(below)
    for key, value in above.items():
        old = merged.get(key)
        if deep and isinstance(old, Mapping) and isinstance(value, Mapping):
            merged[key] = _merge(old, value, lists, deep=True)
        elif isinstance(old, list) and isinstance(value, list):
            merged[key] = _lists(list(old), list(value), lists)
        else:
            merged[key] = value
    return merged


def _lists(old: list[Any], new: list[Any], how: str) -> list[Any]:
    if how == "keep":
        return old
    if how.startswith("append"):
        kept = [each for each in old if each not in new] if how.endswith("_rp") else old
        return kept + new
    if how.startswith("prepend"):
        return new + ([each for each in old if each not in new] if how.endswith("_rp") else old)
    return new


def dict2items(mapping: Any, key_name: str = "key", value_name: str = "value") -> list[dict[str, Any]]:
    """Return a dict's entries as a list of dicts."""
    if not isinstance(mapping, Mapping):
        raise TypeError(f"dict2items requires a dictionary, got {type(mapping)} instead.")
    return [{key_name: key, value_name: value} for key, value in mapping.items()]


def items2dict(items: Any, key_name: str = "key", value_name: str = "value") -> dict[Any, Any]:
    """Return a dict made from a list of dicts with keys and values."""
    if not isinstance(items, (list, tuple)):
        raise TypeError(f"items2dict requires a list, got {type(items)} instead.")
    if not all(isinstance(each, Mapping) for each in items):
        raise TypeError("items2dict requires a list of dictionaries")
    try:
        return {each[key_name]: each[value_name] for each in items}
    except KeyError:
        keys = f"'{key_name}' and '{value_name}'"
        message = f"items2dict requires each dictionary in the list to contain the keys {keys}"
        raise TypeError(f"{message}, got {list(items)} instead.") from None


def subelements(obj: Any, subelements: Any, skip_missing: bool = False) -> list[tuple[Any, Any]]:  # noqa: FBT001, FBT002
    """Return each item together with each entry of a list inside it."""
    if not isinstance(obj, (Mapping, list, tuple)):
        raise TypeError("obj must be a list of dicts or a nested dict")
    if not isinstance(subelements, (str, list)):
        raise TypeError("subelements must be a list or a string")
    items = list(obj.values()) if isinstance(obj, Mapping) else list(obj)
    path = subelements if isinstance(subelements, list) else subelements.split(".")
    return [(item, each) for item in items for each in _below(item, path, lenient=skip_missing)]


def _below(item: Any, path: list[str], *, lenient: bool) -> list[Any]:
    value = item
    for key in path:
        if not isinstance(value, Mapping):
            if lenient:
                return []
            raise LookupFailed(f"the key {key} should point to a dictionary, got '{value}'")
        if key not in value:
            if lenient:
                return []
            raise LookupFailed(f"could not find '{key}' key in iterated item")
        value = value[key]
    if not isinstance(value, (list, tuple)):
        raise LookupFailed(f"the key {'.'.join(path)} should point to a list")
    return list(value)


def rekey_on_member(data: Any, key: str, duplicates: str = "error") -> dict[Any, Any]:
    """Return a dict of dicts keyed by one of their members."""
    if duplicates not in ("error", "overwrite"):
        raise ValueError(f"duplicates parameter to rekey_on_member has unknown value: {duplicates}")
    if isinstance(data, str) or not isinstance(data, (Mapping, list, tuple)):
        raise TypeError("Type is not a valid list, set, or dict")
    items = list(data.values()) if isinstance(data, Mapping) else list(data)
    result: dict[Any, Any] = {}
    for item in items:
        if not isinstance(item, Mapping):
            raise TypeError("List item is not a valid dict")
        if key not in item:
            raise ValueError(f"Key {key} was not found")
        if duplicates == "error" and item[key] in result:
            raise ValueError(f"Key {item[key]} is not unique, cannot convert to dict")
        result[item[key]] = item
    return result


def dictionary(pairs: Any) -> dict[Any, Any]:
    """Return a dict of pairs of key and value."""
    return dict(pairs)


def keep_keys(data: Any, target: Any, matching_parameter: str = "equal") -> list[dict[Any, Any]]:
    """Return a list of dicts with only those keys that fit one of the targets."""
    fits = _fitting(target, matching_parameter)
    return [{key: value for key, value in each.items() if fits(str(key))} for each in data]


def remove_keys(data: Any, target: Any, matching_parameter: str = "equal") -> list[dict[Any, Any]]:
    """Return a list of dicts without those keys that fit one of the targets."""
    fits = _fitting(target, matching_parameter)
    return [{key: value for key, value in each.items() if not fits(str(key))} for each in data]


def replace_keys(data: Any, target: Any, matching_parameter: str = "equal") -> list[dict[Any, Any]]:
    """Return a list of dicts with keys renamed: the first target whose `before` fits gives its `after`."""
    renames = [(_fitting(each["before"], matching_parameter), each["after"]) for each in target]

    def renamed(key: Any) -> Any:
        return next((after for fits, after in renames if fits(str(key))), key)

    return [{renamed(key): value for key, value in each.items()} for each in data]


def dict_kv(value: Any, key: Any) -> dict[Any, Any]:
    """Return a dict of one key."""
    return {key: value}


def _fitting(target: Any, how: str) -> Callable[[str], bool]:
    """Return what tells whether a key fits: `equal`, `starts_with`, `ends_with` or `regex`."""
    words = [str(each) for each in (target if isinstance(target, (list, tuple)) else [target])]
    if how == "equal":
        return lambda key: key in words
    if how == "starts_with":
        return lambda key: key.startswith(tuple(words))
    if how == "ends_with":
        return lambda key: key.endswith(tuple(words))
    if how == "regex" and len(words) == 1:
        return lambda key: re.match(words[0], key) is not None
    raise ValueError(
        f"matching_parameter {how} is none of equal, starts_with, ends_with, and regex of one target"
    )


NAMES = {
    "dict": dictionary,
    "keep_keys": keep_keys,
    "remove_keys": remove_keys,
    "replace_keys": replace_keys,
    "dict_kv": dict_kv,
    "combine": combine,
    "dict2items": dict2items,
    "items2dict": items2dict,
    "subelements": subelements,
    "rekey_on_member": rekey_on_member,
}
