"""Calls plugins with plain values, keeps secrets secret, and says where in a plugin something failed."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import wraps
from itertools import chain
from typing import Any

from orchestr8.core.errors import O8Error
from orchestr8.template.errors import PluginFailed, TooBig
from orchestr8.template.guard import first_missing, hidden, settled
from orchestr8.template.lookup import Lookup, LookupCall
from orchestr8.template.plain import plain
from orchestr8.template.plugins.places import failing_line
from orchestr8.template.plugins.shape import FILTER, LOOKUP
from orchestr8.template.secrets import holds_secret, reveal
from orchestr8.template.undefined import MissingUsed

Function = Callable[..., Any]


def guarded(kind: str, name: str, function: Function, path: str) -> Function:
    """Return a filter or test of a plugin that templates can call."""
    # Jinja marks functions that want its context, environment or settings first.
    first = 1 if getattr(function, "jinja_pass_arg", None) else 0

    @wraps(function)
    def call(*args: Any, **kwargs: Any) -> Any:
        if (lost := first_missing(chain(args[first:], kwargs.values()))) is not None:
            if kind == FILTER:
                return lost
            lost.o8_trip()
        given = [plain(each) for each in args[first:]]
        named = {key: plain(each) for key, each in kwargs.items()}
        secret = holds_secret(given) or holds_secret(named)
        work = lambda: settled(function(*args[:first], *reveal(given), **reveal(named)))  # noqa: E731
        result = _tried(work, kind, name, path)
        return hidden(result) if secret and kind == FILTER else result

    return call


def looking(name: str, kind: Any, path: str) -> Lookup:
    """Return a lookup of a plugin: its class is made anew for each call."""

    def lookup(terms: list[Any], call: LookupCall) -> Iterable[Any]:
        from orchestr8.template.plugins.rendering import Files, Rendering

        given, options = plain(terms), {key: plain(each) for key, each in call.options.items()}
        variables = call.run.templar.variables(call.run.scope)
        secret = holds_secret(given) or holds_secret(options)

        def work() -> Any:
            made = kind(loader=Files(), templar=Rendering(call))
            made._load_name = name  # noqa: SLF001 -- what lookups know themselves by
            return settled(made.run(reveal(given), variables=variables, **reveal(options)))

        found: list[Any] = list(_tried(work, LOOKUP, name, path) or ())
        return hidden(found) if secret else found

    return lookup


def _tried(work: Callable[[], Any], kind: str, name: str, path: str) -> Any:
    try:
        return work()
    except MissingUsed as used:
        if kind == FILTER:
            return used.missing
        raise
    except (O8Error, TooBig):
        raise
    except Exception as failure:  # the boundary to the user's own code: whatever it raises
        line = failing_line(failure, path)
        said = f"no such key: {failure}" if isinstance(failure, KeyError) else str(failure)
        where = f"{type(failure).__name__} at {path}:{line}" if line else f"in {path}"
        raise PluginFailed(
            f"The {kind} plugin '{name}' failed: {said or type(failure).__name__}", where
        ) from failure
