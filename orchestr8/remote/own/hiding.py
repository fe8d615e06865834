"""Takes values that must not be logged out of results: what modules give back and what they say."""

import os
import re
from typing import Any, Iterable, Mapping, Set

from orchestr8.remote.own.mistakes import AnsibleFallbackNotFound

MARK = "VALUE_SPECIFIED_IN_NO_LOG_PARAMETER"
STARS = "********"
_NAMES = re.compile(
    r"(?:^|[_\W])(?:pass(?!ive)(?:word|wd|phrase)?|secret|token|cryptkey|passphrase)(?:$|[_\W])",
    re.IGNORECASE,
)


def env_fallback(*names: str, **_: Any) -> str:
    """Return the first of these variables of the environment; raise AnsibleFallbackNotFound."""
    for name in names:
        if name in os.environ:
            return os.environ[name]
    raise AnsibleFallbackNotFound


def texts(value: Any) -> Set[str]:
    """Return the texts that a value which must not be logged consists of."""
    if isinstance(value, (str, bytes)):
        word = value if isinstance(value, str) else value.decode("utf-8", "surrogateescape")
        return {word} if word else set()
    if isinstance(value, Mapping):
        return set().union(*map(texts, value.values())) if value else set()
    if isinstance(value, Iterable):
        return {text for each in value for text in texts(each)}
    if isinstance(value, bool) or value is None:
        return set()
    if isinstance(value, (int, float)):
        return {str(value)}
    raise TypeError("Value of unknown type: %s, %s" % (type(value), value))


def remove_values(value: Any, no_log_strings: Iterable[str]) -> Any:
    """Return a result in which no such value is left."""
    words = sorted({str(word) for word in no_log_strings}, key=len, reverse=True)
    return _removed(value, words) if words else value


def _removed(value: Any, words: Any) -> Any:
    if isinstance(value, bytes):
        value = value.decode("utf-8", "surrogateescape")
    if isinstance(value, str):
        if value in words:
            return MARK
        for word in words:
            value = value.replace(word, STARS)
        return value
    if isinstance(value, Mapping):
        return {key: _removed(each, words) for key, each in value.items()}
    if isinstance(value, (list, tuple, set, frozenset)):
        return [_removed(each, words) for each in value]
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        shown = str(value)
        return MARK if shown in words else STARS if any(word in shown for word in words) else value
    return value


def sanitize_keys(obj: Any, no_log_strings: Iterable[str], ignore_keys: Iterable[str] = frozenset()) -> Any:
    """Return a structure whose keys show no such value."""
    words = sorted({str(word) for word in no_log_strings}, key=len, reverse=True)
    return _sanitized(obj, words, frozenset(ignore_keys))


def _sanitized(obj: Any, words: Any, spared: Any) -> Any:
    if isinstance(obj, Mapping):
        return {
            key if key in spared or str(key).startswith("_ansible") else _removed(key, words): _sanitized(
                each, words, spared
            )
            for key, each in obj.items()
        }
    if isinstance(obj, (list, tuple, set, frozenset)):
        return type(obj)(_sanitized(each, words, spared) for each in obj)
    return obj


def sounds_secret(name: str) -> bool:
    """Return whether a parameter's name lets one expect that its value is not for everybody."""
    return bool(_NAMES.search(name))


def heuristic_log_sanitize(data: Any, no_log_values: Any = None) -> Any:
    """Return a text in which passwords of addresses and such values are covered."""
    shown = re.sub(r"(\w+://[^:/\s]*:)[^@/\s]+@", r"\1%s@" % STARS, str(data))
    return remove_values(shown, no_log_values) if no_log_values else shown
