"""Calls filters and tests with care: missing values, secrets, one-shot iterators, absurd sizes."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from functools import wraps
from itertools import chain
from types import GeneratorType
from typing import Any

from jinja2.exceptions import FilterArgumentError, TemplateRuntimeError

from orchestr8.core.secret import Secret
from orchestr8.template import limits
from orchestr8.template.errors import MISTAKES, PluginFailed, TooBig
from orchestr8.template.secrets import reveal
from orchestr8.template.undefined import Failed, Missing, MissingUsed

_ONE_SHOT: tuple[type[Any], ...] = (
    GeneratorType,
    map,
    filter,
    zip,
    chain,
    reversed,
    type({}.keys()),
    type({}.values()),
)
_VIEWS: tuple[type[Any], ...] = (*_ONE_SHOT, type({}.items()), enumerate)
Function = Callable[..., Any]
_MISTAKES = (*MISTAKES, TemplateRuntimeError, FilterArgumentError, re.error)


def takes_missing(function: Function) -> Function:
    """Mark a filter or test that looks at missing values itself."""
    function.o8_takes_missing = True  # type: ignore[attr-defined]
    return function


def first_missing(args: Iterable[Any]) -> Missing | None:
    """Return the first argument that does not exist; one whose rendering failed raises."""
    for arg in args:
        if isinstance(arg, Missing):
            if isinstance(arg, Failed):
                arg.o8_trip()
            return arg
    return None


def settled(result: Any) -> Any:
    """Return a list in place of an iterator that could be read only once."""
    return list(result) if isinstance(result, _VIEWS) else result


def guard_filter(name: str, function: Function, full: str = "") -> Function:
    """Return a filter that hands missing values on, keeps secrets secret and refuses absurd sizes."""
    if getattr(function, "o8_takes_missing", False):
        return function
    check = limits.FILTERS.get(name)

    @wraps(function)
    def call(*args: Any, **kwargs: Any) -> Any:
        if (lost := first_missing(chain(args, kwargs.values()))) is not None:
            return lost
        if check is not None:
            check(args, kwargs)
        try:
            if any(type(arg) is Secret for arg in args):
                return _secretly(function, args, kwargs)
            return settled(function(*args, **kwargs))
        except MissingUsed as used:
            return used.missing
        except TooBig:
            raise
        except _MISTAKES as failure:
            raise PluginFailed(
                f"The filter plugin '{_full(full or name)}' failed: {_said(failure)}"
            ) from failure

    return call


def _full(name: str) -> str:
    return name if "." in name else f"ansible.builtin.{name}"


def _said(failure: BaseException) -> str:
    return f"no such key: {failure}" if isinstance(failure, KeyError) else str(failure)


def guard_test(name: str, function: Function, full: str = "") -> Function:
    """Return a test that needs its arguments to exist and sees secrets as they are."""
    if getattr(function, "o8_takes_missing", False):
        return function

    @wraps(function)
    def call(*args: Any, **kwargs: Any) -> Any:
        if (lost := first_missing(chain(args, kwargs.values()))) is not None:
            lost.o8_trip()
        if any(type(arg) is Secret for arg in args):
            args = tuple(reveal(arg) if type(arg) is Secret else arg for arg in args)
        try:
            return function(*args, **kwargs)
        except (MissingUsed, TooBig):
            raise
        except _MISTAKES as failure:
            raise PluginFailed(
                f"The test plugin '{_full(full or name)}' failed: {_said(failure)}"
            ) from failure

    return call


def _secretly(function: Function, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    shown = [reveal(arg) if type(arg) is Secret else arg for arg in args]
    return hidden(settled(function(*shown, **kwargs)))


def hidden(value: Any) -> Any:
    """Return what was made from a secret as secrets: every text in it."""
    if isinstance(value, str):
        return Secret(value)
    if isinstance(value, dict):
        return {key: hidden(each) for key, each in value.items()}
    if isinstance(value, list):
        return [hidden(each) for each in value]
    return value
