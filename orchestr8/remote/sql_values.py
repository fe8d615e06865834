"""Values in statements for databases, and out of their answers."""

import re
from typing import Any, Callable, Dict, List, Mapping, Union

from orchestr8.remote.module import Failure

_PLACE = re.compile(r"%%|%s|%\((\w+)\)s")
_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]{0,17})\Z")


def filled(query: str, given: Union[List[Any], Mapping[str, Any], None], quoted: Callable[[Any], str]) -> str:
    """Return a statement with values in the places of `%s` or `%(name)s`; raise Failure for one too few."""
    if not given:
        return query
    rest = iter(given) if isinstance(given, list) else iter(())

    def put(match: Any) -> str:
        if match.group(0) == "%%":
            return "%"
        try:
            found = given[match.group(1)] if isinstance(given, Mapping) else next(rest)
        except (KeyError, StopIteration):
            raise Failure("no value was given for %s in: %s" % (match.group(0), query)) from None
        return literal(found, quoted)

    return _PLACE.sub(put, query)


def literal(found: Any, quoted: Callable[[Any], str]) -> str:
    """Return a value as statements take it."""
    if found is None:
        return "NULL"
    if isinstance(found, bool):
        return "TRUE" if found else "FALSE"
    if isinstance(found, (int, float)):
        return repr(found)
    if isinstance(found, (list, tuple)):
        return ", ".join(literal(each, quoted) for each in found)
    return quoted(found)


def typed(row: Dict[str, Any]) -> Dict[str, Any]:
    """Return a row whose whole numbers are numbers."""
    return {
        key: int(word) if isinstance(word, str) and _NUMBER.match(word) else word for key, word in row.items()
    }
