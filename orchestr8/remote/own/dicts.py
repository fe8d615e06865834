"""`ansible.module_utils.common.dict_transformations`: names of keys, and merging."""

import re
from copy import deepcopy
from typing import Any, Dict, Mapping, MutableMapping, Optional, Sequence, Tuple


def camel_dict_to_snake_dict(
    camel_dict: Mapping[str, Any], reversible: bool = False, ignore_list: Sequence[str] = ()
) -> Dict[str, Any]:
    """Return a mapping whose keys are written_so rather than WrittenSo, at all levels."""
    found: Dict[str, Any] = {}
    for key, value in camel_dict.items():
        name = _camel_to_snake(key, reversible=reversible)
        found[name] = value if key in ignore_list else _snaked(value, reversible, ignore_list)
    return found


def _snaked(value: Any, reversible: bool, ignored: Sequence[str]) -> Any:
    if isinstance(value, dict):
        return camel_dict_to_snake_dict(value, reversible, ignored)
    if isinstance(value, list):
        return [_snaked(each, reversible, ignored) for each in value]
    return value


def _camel_to_snake(name: str, reversible: bool = False) -> str:
    def lowered(match: Any) -> str:
        return "_" + str(match.group(0)).lower()

    if reversible:
        text = re.sub(r"[A-Z]", lowered, name)
        return text[1:] if text.startswith("_") and not name.startswith("_") else text
    text = re.sub(r"[A-Z]{3,}s$", lowered, name)
    if text.startswith("_") and not name.startswith("_"):
        text = text[1:]
    text = re.sub(r"(.)([A-Z][a-z]+)", r"\1_\2", text)
    return re.sub(r"([a-z0-9])([A-Z])", r"\1_\2", text).lower()


def snake_dict_to_camel_dict(snake_dict: Any, capitalize_first: bool = False) -> Any:
    """Return a mapping whose keys are writtenSo rather than written_so, at all levels."""
    if isinstance(snake_dict, list):
        return [snake_dict_to_camel_dict(each, capitalize_first) for each in snake_dict]
    if not isinstance(snake_dict, dict):
        return snake_dict
    return {
        _snake_to_camel(key, capitalize_first): snake_dict_to_camel_dict(value, capitalize_first)
        for key, value in snake_dict.items()
    }


def _snake_to_camel(snake: str, capitalize_first: bool = False) -> str:
    first, *rest = snake.split("_")
    words = [word.capitalize() or "_" for word in rest]
    return ((first.capitalize() or "_") if capitalize_first else first) + "".join(words)


def dict_merge(a: Any, b: Any) -> Any:
    """Return one mapping of two, at all levels; values of the second count."""
    if not isinstance(b, dict):
        return b
    found = deepcopy(a)
    for key, value in b.items():
        if key in found and isinstance(found[key], dict):
            found[key] = dict_merge(found[key], value)
        else:
            found[key] = deepcopy(value)
    return found


def recursive_diff(dict1: Any, dict2: Any) -> Optional[Tuple[Dict[Any, Any], Dict[Any, Any]]]:
    """Return what is in one only, for both; None when they are equal."""
    if not all(isinstance(each, MutableMapping) for each in (dict1, dict2)):
        raise TypeError("Unable to diff 'dict1' %s and 'dict2' %s. Both must be a dictionary." % (
            type(dict1), type(dict2)))  # fmt: skip
    left = {key: dict1[key] for key in dict1 if key not in dict2}
    right = {key: dict2[key] for key in dict2 if key not in dict1}
    for key in set(dict1) & set(dict2):
        one, other = dict1[key], dict2[key]
        if isinstance(one, dict) and isinstance(other, dict):
            inner = recursive_diff(one, other)
            if inner:
                left[key], right[key] = inner
        elif one != other:
            left[key], right[key] = one, other
    return (left, right) if left or right else None
