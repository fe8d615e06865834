"""`common.warnings` and `pycompat24`: warnings of what has no module at hand, and the exception at hand."""

import sys
from typing import Any, List, Tuple

_said: List[str] = []
_old: List[Any] = []


def warn(warning: str, **_: Any) -> None:
    """Keep a warning."""
    _said.append(warning)


def deprecate(msg: str, version: Any = None, date: Any = None, collection_name: Any = None, **_: Any) -> None:
    """Keep what will not work for ever."""
    _old.append({"msg": msg, "version": version, "date": date, "collection_name": collection_name})


def get_warning_messages() -> Tuple[str, ...]:
    """Return the warnings."""
    return tuple(_said)


def get_deprecation_messages() -> Tuple[Any, ...]:
    """Return what will not work for ever."""
    return tuple(_old)


def get_exception() -> Any:
    """Return the exception that is being handled."""
    return sys.exc_info()[1]
