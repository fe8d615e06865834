"""A task's arguments on a host: defaults of modules under the task's own, rendered, checked."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from orchestr8.core.errors import Diagnostic, HostFailed
from orchestr8.core.span import Text
from orchestr8.engine.cell import Cell
from orchestr8.language.catalog import ModuleSpec
from orchestr8.remote.arguments import checked, name_of
from orchestr8.template.omit import OMIT


def rendered(cell: Cell) -> dict[str, Any]:
    """Return the arguments of a task as its module gets them; what is `omit` is left out."""
    step, templar, scope = cell.step, cell.templar, cell.scope
    args: dict[str, Any] = {}
    for layer in (*_handed(cell), *step.defaults):
        args.update(_mapping(cell, layer))
    if step.task.args_template is not None:
        args.update(_mapping(cell, step.task.args_template))
    conditions = _conditions(cell)
    written = {name: value for name, value in step.task.args.items() if name not in conditions}
    args.update(templar.render(_with_keys(cell, written if conditions else step.task.args), scope))
    args.update(conditions)
    if step.task.free_form is not None:
        name = step.spec.free_form if step.spec and step.spec.free_form else "_raw_params"
        args[name] = templar.render(step.task.free_form, scope)
    return args


def _handed(cell: Cell) -> tuple[Any, ...]:
    """Return the defaults of the module that does the work on this host, as far as its facts are known."""
    if not cell.step.handed:
        return ()
    facts = cell.scope.get("ansible_facts") or {}
    found = [args for (fact, value), args in cell.step.handed.items() if facts.get(fact) == value]
    return found[0] if found else ()


def _conditions(cell: Cell) -> dict[str, Any]:
    """Return the arguments that are conditions: as written, but what is one template may give a list."""
    found: dict[str, Any] = {}
    for name in cell.step.spec.conditions if cell.step.spec else ():
        value = cell.step.task.args.get(name)
        if value is not None:
            listed = cell.templar.listed(value, cell.scope) if isinstance(value, Text) else None
            found[name] = value if listed is None else listed
    return found


def _with_keys(cell: Cell, written: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return arguments with the names that are templates rendered, as `set_fact` allows."""
    if not any("{{" in name for name in written):
        return written
    named = {name: cell.templar.render(Text(name), cell.scope) for name in written}
    for name, found in named.items():
        if not isinstance(found, str):
            message = f"Invalid variable name {str(found)!r} of type {type(found).__name__!r}"
            raise HostFailed(Diagnostic("O8-1203", message, cell.step.task.action_span, f"from `{name}`"))
    return {named[name]: value for name, value in written.items()}


def _mapping(cell: Cell, value: Any) -> Mapping[str, Any]:
    found = cell.templar.render(value, cell.scope)
    if found is OMIT:
        return {}
    if not isinstance(found, Mapping):
        name, kind = cell.step.task.action, type(found).__name__
        message = f"Finalization of task args for '{name}' failed: they have to be a mapping, not {kind}"
        raise HostFailed(Diagnostic("O8-1203", message, cell.step.task.action_span))
    if isinstance(found.get(cell.step.task.action), Mapping):
        return found[cell.step.task.action]  # type: ignore[no-any-return]
    return found


def for_action(spec: ModuleSpec | None, args: dict[str, Any]) -> dict[str, Any]:
    """Return an action's given arguments under their own names, converted; raise HostFailed."""
    if spec is None or spec.free:
        return args
    values, problems = checked(spec, args)
    unknown = {name: value for name, value in args.items() if name_of(spec.args, name) is None}
    if spec.checks_itself:
        values |= unknown
    elif unknown and not spec.on_hosts:
        message = f"Invalid options for {spec.name}: {', '.join(unknown)}"
        raise HostFailed(Diagnostic("O8-1204", message))
    elif problems:
        raise HostFailed(*(Diagnostic("O8-1204", message) for _, message in problems))
    given = {name_of(spec.args, name) or name for name in args}
    return {name: value for name, value in values.items() if name in given or value is not None} | {
        name: value for name, value in args.items() if name in spec.args and _stays(spec, name)
    }


def _stays(spec: ModuleSpec, name: str) -> bool:
    # A raw argument keeps what its author wrote: debug's `var` is an expression, not yet a value.
    # A path keeps its ~ and variables: they mean the home and the environment of the host's user.
    return spec.args[name].type in ("raw", "path")
