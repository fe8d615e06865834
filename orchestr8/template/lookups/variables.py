"""Lookups of variables and hosts by computed names."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from orchestr8.template.errors import LookupFailed
from orchestr8.template.guard import first_missing
from orchestr8.template.lookup import LookupCall
from orchestr8.template.run import ABSENT
from orchestr8.template.undefined import Missing

_NONE = object()


def variables(terms: list[Any], call: LookupCall) -> Iterable[Any]:
    """Yield the values of variables named by texts; `default` for those not defined."""
    if (lost := first_missing(terms)) is not None:
        lost.o8_trip()
    default = call.option("default", _NONE)
    for term in terms:
        if not isinstance(term, str):
            raise LookupFailed(f"Variable name must be {str.__name__!r} not {type(term).__name__!r}.")
        value = call.run.lookup(term)
        if value is ABSENT or (isinstance(value, Missing) and default is not _NONE):
            gone = f"No variable named {term!r} was found."
            value = Missing(hint=gone) if default is _NONE else default
        yield value


def varnames(terms: list[Any], call: LookupCall) -> Iterable[str]:
    """Yield the names of variables that match regular expressions."""
    for term in terms:
        if not isinstance(term, str):
            raise LookupFailed(f'Invalid setting identifier, "{term}" is not a string, it is a {type(term)}')
        try:
            pattern = re.compile(term)
        except re.error as failure:
            raise LookupFailed(f'Unable to use "{term}" as a search parameter: {failure}') from None
        yield from (name for name in call.run.scope if pattern.search(name))


def inventory_hostnames(terms: list[Any], call: LookupCall) -> Iterable[str]:
    """Yield the hosts that a pattern selects."""
    select = call.run.templar.select_hosts
    if select is None:
        raise LookupFailed("inventory_hostnames needs an inventory")
    return list(select(",".join(map(str, terms))))


NAMES = {
    "vars": variables,
    "varnames": varnames,
    "inventory_hostnames": inventory_hostnames,
}
