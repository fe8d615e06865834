"""Values as Ansible converts them: yes and no, numbers in strings, lists with commas, `k=v` pairs, sizes."""

import os
from typing import Any, Callable, Dict, List, Sequence

TRUE = ("y", "yes", "on", "1", "true", "t")
FALSE = ("n", "no", "off", "0", "false", "f")
UNITS = {"K": 10, "M": 20, "G": 30, "T": 40, "P": 50, "E": 60, "Z": 70, "Y": 80}


class Unfit(ValueError):
    """A value that cannot be converted to its argument's type."""


def boolean(value: Any) -> bool:
    """Return a truth value; words are taken in any case."""
    if isinstance(value, bool):
        return value
    word = str(value).lower().strip()
    if word in TRUE or value == 1:
        return True
    if word in FALSE or value == 0:
        return False
    raise Unfit("The value '%s' is not a valid boolean." % (value,))


def string(value: Any) -> str:
    """Return text; structures are refused, since what they would look like is nobody's wish."""
    if isinstance(value, str):
        return value
    if isinstance(value, (dict, list, tuple)):
        import json

        return json.dumps(value)
    return str(value)


def integer(value: Any) -> int:
    """Return a whole number."""
    if isinstance(value, float) and not value.is_integer():
        raise Unfit("%r is not a whole number" % value) from None
    try:
        return int(value)
    except (TypeError, ValueError, OverflowError):
        raise Unfit('"%r" cannot be converted to an int' % (value,)) from None


def number(value: Any) -> float:
    """Return a number."""
    try:
        return float(value)
    except (TypeError, ValueError, OverflowError):
        raise Unfit("%s cannot be converted to a float" % type(value)) from None


def sequence(value: Any) -> List[Any]:
    """Return a list; a string is cut at its commas, a single number stands alone."""
    if isinstance(value, (list, tuple)):
        return list(value)
    if isinstance(value, str):
        return [item.strip() for item in value.split(",")] if value else []
    if isinstance(value, (int, float)):
        return [str(value)]
    raise Unfit("%s cannot be converted to a list" % type(value))


def mapping(value: Any) -> Dict[str, Any]:
    """Return a dict; a string is JSON or `k=v` pairs."""
    if isinstance(value, dict):
        return value
    if isinstance(value, str) and value.strip().startswith("{"):
        import json

        try:
            found = json.loads(value)
        except ValueError:
            raise Unfit("unable to evaluate string as dictionary") from None
        return dict(found)
    if isinstance(value, str) and "=" in value:
        import shlex

        try:
            pairs = [word.split("=", 1) for word in shlex.split(value.replace(",", " "))]
            return {pair[0]: pair[1] for pair in pairs}
        except (ValueError, IndexError):
            raise Unfit("dictionary requested, could not parse JSON or key=value") from None
    if not isinstance(value, str):
        raise Unfit("%s cannot be converted to a dict" % type(value))
    raise Unfit("dictionary requested, could not parse JSON or key=value")


def path(value: Any) -> str:
    """Return a path with ~ and variables of the environment filled in."""
    return os.path.expanduser(os.path.expandvars(string(value)))


def raw(value: Any) -> Any:
    """Return the value as it is."""
    return value


def bits(value: Any) -> Any:
    """Return a file mode: a number, or the text of a symbolic one; digits in a string are octal."""
    if isinstance(value, bool):
        raise Unfit("a file mode is no truth value") from None
    if isinstance(value, int):
        return value
    text = string(value).strip()
    if text and all(letter in "01234567" for letter in text.replace("0o", "", 1)):
        return int(text.replace("0o", "", 1), 8)
    return text


def size(value: Any) -> int:
    """Return bytes out of a size such as 10, 1M or 1.5GB; units are powers of 1024."""
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return int(value)
    text = string(value).strip()
    digits = text.rstrip("".join(letter for letter in text if letter.isalpha()))
    unit = text[len(digits) :].strip().upper()
    try:
        amount = float(digits)
    except ValueError:
        raise Unfit("%s is not a size" % text) from None
    if unit in ("", "B", "BYTES"):
        return int(amount)
    if unit[0] in UNITS and unit[1:] in ("", "B", "IB"):
        return int(amount * (1 << UNITS[unit[0]]))
    raise Unfit("%s has no known unit; known are K, M, G, T, P, E, Z, Y" % text)


def spelled(item: Any, choices: Sequence[Any]) -> List[Any]:
    """Return the choice that YAML hid from us: `yes` read as true, or a number in a string."""
    if item in ("True", "False") or isinstance(item, bool):
        words = TRUE if item in ("True", True) else FALSE
        found = [choice for choice in choices if str(choice).lower() in words]
        return found if len(found) == 1 else []
    return [choice for choice in choices if not isinstance(choice, bool) and str(choice) == str(item)]


CONVERT: Dict[str, Callable[[Any], Any]] = {
    "str": string,
    "bool": boolean,
    "int": integer,
    "float": number,
    "list": sequence,
    "dict": mapping,
    "path": path,
    "raw": raw,
    "bits": bits,
    "bytes": size,
    "json": string,
}
