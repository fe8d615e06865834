"""`ansible.module_utils.common.validation`: relations between parameters, and conversions of their values."""

import json
import os
from typing import Any, Dict, List, Mapping, Optional, Sequence

from orchestr8.remote import values
from orchestr8.remote.own.booleans import boolean
from orchestr8.remote.own.formatters import human_to_bytes


def _where(message: str, options_context: Optional[Sequence[str]]) -> str:
    return message + (" found in %s" % " -> ".join(options_context) if options_context else "")


def _names(terms: Any) -> List[str]:
    return [terms] if isinstance(terms, str) else list(terms)


def count_terms(terms: Any, parameters: Mapping[str, Any]) -> int:
    """Return how many of the terms are among the parameters."""
    return len(set(_names(terms)).intersection(parameters))


def safe_eval(value: Any, *_: Any, **__: Any) -> Any:
    """Return a Python literal's value, or the text where it is none."""
    from ast import literal_eval

    try:
        return literal_eval(value) if isinstance(value, str) else value
    except (ValueError, SyntaxError):
        return value


def check_mutually_exclusive(
    terms: Any, parameters: Mapping[str, Any], options_context: Optional[Sequence[str]] = None
) -> List[Any]:
    """Raise TypeError when more than one of a group is given."""
    groups = [terms] if terms and isinstance(next(iter(terms)), str) else terms or ()
    found = [group for group in groups if count_terms(group, parameters) > 1]
    if found:
        shown = ", ".join("|".join(group) for group in found)
        raise TypeError(_where("parameters are mutually exclusive: %s" % shown, options_context))
    return found


def check_required_one_of(
    terms: Any, parameters: Mapping[str, Any], options_context: Optional[Sequence[str]] = None
) -> List[Any]:
    """Raise TypeError when none of a group is given."""
    found = [group for group in terms or () if not count_terms(group, parameters)]
    for group in found:
        message = "one of the following is required: %s" % ", ".join(_names(group))
        raise TypeError(_where(message, options_context))
    return found


def check_required_together(
    terms: Any, parameters: Mapping[str, Any], options_context: Optional[Sequence[str]] = None
) -> List[Any]:
    """Raise TypeError when only some of a group are given."""
    groups = terms or ()
    found = [group for group in groups if 0 < count_terms(group, parameters) < len(_names(group))]
    for group in found:
        message = "parameters are required together: %s" % ", ".join(_names(group))
        raise TypeError(_where(message, options_context))
    return found


def check_required_by(
    requirements: Any, parameters: Mapping[str, Any], options_context: Optional[Sequence[str]] = None
) -> Dict[str, List[str]]:
    """Raise TypeError when a parameter is given without those it needs."""
    found: Dict[str, List[str]] = {}
    for key, needed in (requirements or {}).items():
        if parameters.get(key) is None:
            continue
        lacking = [name for name in _names(needed) if parameters.get(name) is None]
        if lacking:
            message = "missing parameter(s) required by '%s': %s" % (key, ", ".join(lacking))
            raise TypeError(_where(message, options_context))
    return found


def check_required_arguments(
    argument_spec: Any, parameters: Mapping[str, Any], options_context: Optional[Sequence[str]] = None
) -> List[str]:
    """Raise TypeError when a required parameter is not given."""
    spec = argument_spec or {}
    lacking = sorted(name for name, each in spec.items() if each.get("required") and name not in parameters)
    if lacking:
        raise TypeError(_where("missing required arguments: %s" % ", ".join(lacking), options_context))
    return lacking


def check_required_if(
    requirements: Any, parameters: Mapping[str, Any], options_context: Optional[Sequence[str]] = None
) -> List[Dict[str, Any]]:
    """Raise TypeError when a parameter's value needs others that are not given."""
    for requirement in requirements or ():
        key, value, needed = requirement[:3]
        if key not in parameters or parameters[key] != value:
            continue
        some = bool(requirement[3]) if len(requirement) > 3 else False
        names = _names(needed)
        lacking = [name for name in names if parameters.get(name) is None]
        if lacking and (not some or len(lacking) == len(names)):
            text = "%s is %s but %s of the following are missing: %s"
            message = text % (key, value, "any" if some else "all", ", ".join(lacking))
            raise TypeError(_where(message, options_context))
    return []


def check_missing_parameters(
    parameters: Mapping[str, Any], required_parameters: Optional[Sequence[str]] = None
) -> List[str]:
    """Raise TypeError when one of these has no value."""
    lacking = [name for name in required_parameters or () if not parameters.get(name)]
    if lacking:
        raise TypeError("missing required arguments: %s" % ", ".join(lacking))
    return lacking


def check_type_str(value: Any, allow_conversion: bool = True, param: Any = None, prefix: str = "") -> str:
    """Return text."""
    if isinstance(value, str):
        return value
    if allow_conversion and value is not None:
        return str(value)
    raise TypeError("'%r' is not a string and conversion is not allowed" % (value,))


def check_type_list(value: Any) -> List[Any]:
    """Return a list; a text is cut at its commas."""
    if isinstance(value, list):
        return value
    if isinstance(value, str):
        return [item.strip() for item in value.split(",")]
    return list(_fit(values.sequence, value))


def check_type_dict(value: Any) -> Any:
    """Return a mapping; a text is JSON, a Python literal or `k=v` pairs."""
    if isinstance(value, Mapping):
        return value
    if isinstance(value, str) and value.startswith("{"):
        try:
            return json.loads(value)
        except ValueError:
            found = safe_eval(value)
            if isinstance(found, dict):
                return found
        raise TypeError("unable to evaluate string as dictionary")
    return _fit(values.mapping, value)


def check_type_bool(value: Any) -> bool:
    """Return a truth value."""
    if isinstance(value, (bool, str, int, float)):
        return boolean(value)
    raise TypeError("%s cannot be converted to a bool" % type(value))


def check_type_int(value: Any) -> Any:
    """Return a whole number."""
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    return _fit(values.integer, value)


def check_type_float(value: Any) -> Any:
    """Return a number."""
    return _fit(values.number, value)


def check_type_path(value: Any) -> str:
    """Return a path with ~ and variables filled in."""
    return os.path.expanduser(os.path.expandvars(check_type_str(value)))


def check_type_raw(value: Any) -> Any:
    """Return the value as it is."""
    return value


def check_type_bytes(value: Any) -> int:
    """Return bytes out of a size."""
    try:
        return human_to_bytes(value)
    except ValueError:
        raise TypeError("%s cannot be converted to a Byte value" % type(value)) from None


def check_type_bits(value: Any) -> int:
    """Return bits out of a size."""
    try:
        return human_to_bytes(value, isbits=True)
    except ValueError:
        raise TypeError("%s cannot be converted to a Bit value" % type(value)) from None


def check_type_jsonarg(value: Any) -> str:
    """Return JSON text."""
    if isinstance(value, (str, bytes)):
        return value.strip() if isinstance(value, str) else value.decode("utf-8").strip()
    if isinstance(value, (list, tuple, dict)):
        return json.dumps(value)
    raise TypeError("%s cannot be converted to a json string" % type(value))


def _fit(convert: Any, value: Any) -> Any:
    try:
        return convert(value)
    except ValueError as error:
        raise TypeError(str(error)) from None


CHECKERS: Dict[str, Any] = {
    "str": check_type_str,
    "list": check_type_list,
    "dict": check_type_dict,
    "bool": check_type_bool,
    "int": check_type_int,
    "float": check_type_float,
    "path": check_type_path,
    "raw": check_type_raw,
    "jsonarg": check_type_jsonarg,
    "json": check_type_jsonarg,
    "bytes": check_type_bytes,
    "bits": check_type_bits,
}
