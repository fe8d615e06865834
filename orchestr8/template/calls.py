"""Functions that templates may call: lookups, the time, a deliberate gap."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from jinja2 import pass_context

from orchestr8.core.errors import O8Error
from orchestr8.core.span import Text
from orchestr8.template.errors import MISTAKES, LookupFailed, PluginFailed
from orchestr8.template.guard import first_missing, takes_missing
from orchestr8.template.lookup import LookupCall
from orchestr8.template.omit import OMIT
from orchestr8.template.plain import plain
from orchestr8.template.run import Run
from orchestr8.template.tables import lookup_function
from orchestr8.template.undefined import Missing

_TERMS = frozenset(("items", "flattened", "list", "random_choice"))
"""Lookups for which a list that is their only term is one term, not the terms."""
_LENIENT = frozenset(("vars", "first_found"))
_MAY_LACK_OPTIONS = _LENIENT | {"env"}
"""Lookups that look at an option only when they need it, such as a default that is deliberately missing."""


def template_globals() -> dict[str, Any]:
    """Return the functions and values that every template knows."""
    return {
        "lookup": _lookup,
        "query": _query,
        "q": _query,
        "now": now,
        "undef": undef,
        "omit": OMIT,
    }


@takes_missing
@pass_context
def _lookup(context: Any, name: str, /, *terms: Any, wantlist: bool = False, **options: Any) -> Any:
    found = _tried(context, name, terms, options, wantlist=wantlist)
    if wantlist or not found or not isinstance(found, list):
        return found
    if len(found) == 1:
        return found[0]
    return ",".join(found) if all(isinstance(each, str) for each in found) else found


@takes_missing
@pass_context
def _query(context: Any, name: str, /, *terms: Any, wantlist: bool = True, **options: Any) -> Any:  # noqa: ARG001
    return _tried(context, name, terms, options, wantlist=True)


def _tried(
    context: Any, name: str, terms: tuple[Any, ...], options: dict[str, Any], *, wantlist: bool
) -> Any:
    mode = options.pop("errors", "strict")
    run = context.run
    if run is None:
        raise LookupFailed("lookups need the variables of a run")
    if (lost := first_missing((name, *terms))) is not None and name not in _LENIENT:
        return lost
    items = [run.resolve(term) if type(term) is Text else term for term in terms]
    try:
        return run_lookup(name, items[0] if _lists(name, items) else items, run, options)
    except (LookupFailed, PluginFailed, OSError, ValueError, O8Error):
        if mode == "strict":
            raise
        return [] if wantlist else None


def _lists(name: str, items: list[Any]) -> bool:
    return len(items) == 1 and isinstance(items[0], list) and name not in _TERMS


def run_lookup(name: str, terms: Any, run: Run, options: dict[str, Any]) -> list[Any]:
    """Return what a lookup finds for rendered terms."""
    function = lookup_function(name, run.templar.plugins)
    if function is None:
        raise LookupFailed(f"The lookup plugin '{name}' was not found.")
    bare = name.removeprefix("ansible.builtin.")
    listed = list(terms) if isinstance(terms, tuple) else terms if isinstance(terms, list) else [terms]
    settings = {key: _setting(bare, run.resolve(value)) for key, value in options.items()}
    try:
        return list(function(listed, LookupCall(run, settings)))
    except MISTAKES as failure:
        raise PluginFailed(f"The lookup plugin '{bare}' failed: {failure}") from failure


def _setting(lookup: str, value: Any) -> Any:
    return value if lookup in _MAY_LACK_OPTIONS else plain(value)


def now(utc: bool = False, fmt: str | None = None) -> Any:  # noqa: FBT001, FBT002
    """Return the date and time, or a text of it in a format."""
    moment = datetime.now(UTC).replace(tzinfo=None) if utc else datetime.now()  # noqa: DTZ005
    return moment.strftime(fmt) if fmt else moment


def undef(hint: str | None = None) -> Missing:
    """Return a value that must be overridden."""
    return Missing(hint=hint or "Mandatory variable has not been overridden")
