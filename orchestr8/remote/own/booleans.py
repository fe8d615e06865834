"""`ansible.module_utils.parsing.convert_bool`: which words are true."""

from typing import Any

BOOLEANS_TRUE = frozenset(("y", "yes", "on", "1", "true", "t", 1, 1.0, True))
BOOLEANS_FALSE = frozenset(("n", "no", "off", "0", "false", "f", 0, 0.0, False))
BOOLEANS = BOOLEANS_TRUE | BOOLEANS_FALSE


def boolean(value: Any, strict: bool = True) -> bool:
    """Return whether a word is true; raise TypeError for one that says neither, unless that is false then."""
    word = value.decode("utf-8", "replace") if isinstance(value, bytes) else value
    word = word.lower().strip() if isinstance(word, str) else word
    try:
        if word in BOOLEANS_TRUE:
            return True
        if word in BOOLEANS_FALSE or not strict:
            return False
    except TypeError:
        if not strict:
            return False
    message = "The value '%s' is not a valid boolean." % (value,)
    raise TypeError(message)
