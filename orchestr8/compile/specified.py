"""Compares what roles are given with their specifications, as far as that is known before the run."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from orchestr8.compile.definitions import UNKNOWN, Definitions
from orchestr8.core.errors import Diagnostic
from orchestr8.core.span import Mapping, Span, span_of
from orchestr8.core.suggest import did_you_mean
from orchestr8.language.argument_check import problems
from orchestr8.language.argument_specs import ACTION
from orchestr8.language.checking import plain
from orchestr8.language.schema import has_template, place
from orchestr8.language.syntax import Task


def misfits(task: Task, definitions: Definitions) -> Iterator[Diagnostic]:
    """Yield what a role's own validation is bound to find, at the value or where the role is used."""
    spec, params = task.args.get("argument_spec"), task.args.get("provided_arguments")
    if task.action != ACTION or task.role is None or not isinstance(spec, dict):
        return
    values = {name: value for name in spec if (value := definitions.only(name)) is not UNKNOWN}
    values |= params if isinstance(params, dict) else {}
    role = task.role.role.name
    aliases = {a for option in spec.values() if isinstance(option, dict) for a in option.get("aliases") or ()}
    given = params if isinstance(params, Mapping) else Mapping()
    for name in given:
        if name not in spec and name not in aliases:
            message, hint = f"role `{role}` takes no `{name}`", did_you_mean(str(name), spec)
            yield Diagnostic("O8-1413", message, given.key_spans.get(name, task.span), hint)
    for name, option in spec.items():
        if not isinstance(option, dict):
            continue
        if name in values:
            yield from _value(role, name, option, values[name], _place(task, params, name, values[name]))
        elif option.get("required") and option.get("default") is None and not definitions.sets(name):
            message = f"role `{role}` needs `{name}`, which nothing defines"
            yield Diagnostic("O8-1413", message, task.span, _kind(option))


def _value(role: str, name: str, option: Any, value: Any, span: Span | None) -> Iterator[Diagnostic]:
    if has_template(value) or has_template(option):
        return
    for problem in problems({name: plain(option)}, {name: plain(value)}):
        yield Diagnostic("O8-1413", f"role `{role}`: {problem}", span)


def _place(task: Task, params: Any, name: str, value: Any) -> Span | None:
    own = place(params, name) if isinstance(params, Mapping) and name in params else None
    return own or span_of(value) or task.span


def _kind(option: Any) -> str:
    prose = option.get("description")
    text = str(prose[0] if isinstance(prose, list) and prose else prose or "")
    kind = str(option.get("type") or "str")
    return f"{kind}: {text}" if text else f"it has to be of type {kind}"
