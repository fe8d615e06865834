"""How a task reaches its host: connection variables, as whom to act, environment."""

from __future__ import annotations

from collections.abc import Mapping
from getpass import getuser
from typing import Any

from orchestr8.core.secret import Secret
from orchestr8.engine.assumed import Assumed
from orchestr8.engine.connections import VARIABLES
from orchestr8.engine.keyword_values import Values, as_flag
from orchestr8.engine.options import RunOptions
from orchestr8.engine.ports import Become
from orchestr8.engine.step import Step
from orchestr8.language.syntax import Keywords
from orchestr8.template.errors import UndefinedVariable
from orchestr8.template.scope import Scope

_BECOME = tuple(
    f"ansible_{name}"
    for name in (
        "become", "become_user", "become_method", "become_flags", "become_password", "become_pass",
        "sudo_pass", "sudo_user", "become_exe", "sudo_exe", "sudo_chdir",
    )
)  # fmt: skip
_LOGINS = ("ansible_ssh_user", "ansible_user")
_NAMES = frozenset((*VARIABLES, *_BECOME))


def defines_connection(step: Step) -> bool:
    """Return whether the task's own layers say how to reach a host, so that hosts' values do not do."""
    layers = (*step.layers.upper, *step.layers.middle, *step.layers.base)
    return any(not _NAMES.isdisjoint(layer) for layer in layers)


def connection_variables(
    scope: Scope, values: Values, keywords: Keywords, options: RunOptions
) -> dict[str, Any]:
    """Return the rendered variables that say how to reach a host; they outweigh keywords, these options."""
    said = {
        "ansible_connection": values.text(keywords.connection),
        "ansible_user": values.text(keywords.remote_user),
        "ansible_port": values.raw(keywords.port),
    }
    found = {**options.connection_vars, **{name: value for name, value in said.items() if value is not None}}
    found.update(_looked_up(VARIABLES, scope, values))
    return found


def become(scope: Scope, values: Values, keywords: Keywords, options: RunOptions) -> Become | None:
    """Return as whom to act, or None to stay who we are; variables outweigh keywords."""
    found = _looked_up(_BECOME, scope, values)
    wanted = found.get("ansible_become", keywords.become)
    if wanted is None:
        wanted = options.become
    if not (values.flag(wanted) if wanted is keywords.become else as_flag(wanted)):
        return None
    password = found.get(
        "ansible_become_password", found.get("ansible_become_pass", found.get("ansible_sudo_pass"))
    )
    password = password if password is not None else options.connection_vars.get("ansible_become_password")
    return Become(
        user=str(
            _first(
                found.get("ansible_become_user"),
                values.text(keywords.become_user),
                options.become_user,
                "root",
            )
        ),
        method=str(
            _first(
                found.get("ansible_become_method"),
                values.text(keywords.become_method),
                options.become_method,
                "sudo",
            )
        ).rpartition(".")[2],
        password=password if isinstance(password, Secret) or password is None else Secret(str(password)),
        flags=str(
            _first(
                found.get("ansible_become_flags"), values.text(keywords.become_flags), options.become_flags
            )
        ),
        program=str(
            _first(
                found.get("ansible_become_exe"),
                found.get("ansible_sudo_exe"),
                values.text(keywords.become_exe),
                options.become_exe,
            )
        ),
        folder=str(_first(found.get("ansible_sudo_chdir"))),
    )


def acting_on(scope: Scope, values: Values, keywords: Keywords, options: RunOptions) -> Become | None:
    """Return as whom to act on a host of this scope, or None to stay who logged in."""
    variables = connection_variables(scope, values, keywords, options)
    return unless_same(become(scope, values, keywords, options), variables, options)


def unless_same(acting: Become | None, variables: Mapping[str, Any], options: RunOptions) -> Become | None:
    """Return as whom to act, or None where that is who logs in: hosts of root's need no sudo."""
    if acting is None or acting.folder or options.become_same_user:
        return acting
    kind = str(variables.get("ansible_connection") or "ssh").rpartition(".")[2]
    login = getuser() if kind == "local" else _first(*(variables.get(name) for name in _LOGINS))
    return None if str(login) == acting.user else acting


def without_its_own(layers: tuple[Any, ...], values: Values) -> tuple[Any, ...]:
    """Return the layers of an environment without what needs facts of the environment itself."""
    found = (_pieces(layer) for layer in layers)
    return tuple(piece for pieces in found for piece in pieces if not _needs_itself(piece, values))


def _pieces(layer: Any) -> list[Any]:
    """Return the parts of a layer that can be told apart: each entry of a mapping, each item of a list."""
    if isinstance(layer, Mapping):
        return [{name: value} for name, value in layer.items()]
    return [each for item in layer for each in _pieces(item)] if isinstance(layer, list) else [layer]


def _needs_itself(piece: Any, values: Values) -> bool:
    try:
        values.raw(piece)
    except UndefinedVariable as error:
        return "ansible_env" in error.message or "'env'" in error.message
    return False


def environment(layers: tuple[Any, ...], values: Values) -> dict[str, str]:
    """Return the environment of a task, inner layers over outer ones."""
    found: dict[str, str] = {}
    for layer in layers:
        rendered = values.raw(layer)
        for each in rendered if isinstance(rendered, list) else (rendered,):
            if isinstance(each, Mapping):
                found.update({str(name): _as_text(value) for name, value in each.items()})
    return found


def _as_text(value: Any) -> str:
    return value.reveal() if isinstance(value, Secret) else str(value)


def _looked_up(names: tuple[str, ...], scope: Scope, values: Values) -> dict[str, Any]:
    scope = Scope(*(layer for layer in scope.layers if not isinstance(layer, Assumed)))
    return {name: values.raw(scope[name]) for name in names if name in scope}


def _first(*values: Any) -> Any:
    return next((value for value in values if value not in (None, "")), "")
