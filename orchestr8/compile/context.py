"""What a task inherits from where it stands: keywords, variables and roles."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import dataclass, field, fields, replace
from typing import Any

from orchestr8.core.span import Text
from orchestr8.language.syntax import Keywords, RoleUse

_ADDING = ("when", "tags", "environment", "module_defaults")
_OWN = ("name", "vars", *_ADDING)
_OMITTED = frozenset(
    (
        *(
            "become",
            "become_user",
            "become_method",
            "become_flags",
            "become_exe",
            "connection",
            "remote_user",
        ),
        *("port", "ignore_errors", "ignore_unreachable", "no_log", "check_mode", "diff", "timeout"),
    )
)
_REPLACED = tuple(f.name for f in fields(Keywords) if f.name not in _OWN)


@dataclass(frozen=True, slots=True)
class Fallback:
    """A keyword whose template may turn out to be `omit`, and what it is then: what stands further out."""

    first: Any
    then: Any


def inherit(outer: Keywords, inner: Keywords) -> Keywords:
    """Return `inner` with what it does not say taken from `outer`; lists add up, outermost first."""
    changes: dict[str, Any] = {}
    for name in _REPLACED:
        value = getattr(inner, name)
        if type(value) is Text and "omit" in value and name in _OMITTED and getattr(outer, name) is not None:
            changes[name] = Fallback(value, getattr(outer, name))
        if (value is None or value == ()) and getattr(outer, name) is not value:
            changes[name] = getattr(outer, name)
    for name in _ADDING:
        if getattr(outer, name):
            changes[name] = (*getattr(outer, name), *getattr(inner, name))
    return replace(inner, **changes) if changes else inner


@dataclass(frozen=True, slots=True)
class Context:
    """Where a task stands.

    blocks: variables of the enclosing blocks, the innermost first. params: those of roles and includes,
    the innermost first. roles: the roles the task is in, the innermost first; the first role is the one whose
    files are looked at. runs: for each role block around, what it has in common with uses that do the same,
    and its number. rescuable: an enclosing block catches a failure here. handler: part of a handler.
    """

    keywords: Keywords = field(default_factory=Keywords)
    blocks: tuple[Mapping[str, Any], ...] = ()
    params: tuple[Mapping[str, Any], ...] = ()
    roles: tuple[RoleUse, ...] = ()
    runs: tuple[tuple[Hashable, int], ...] = ()
    rescuable: bool = False
    handler: bool = False

    def inside(self, keywords: Keywords, role: RoleUse | None = None) -> Context:
        """Return the context inside a block, or inside a role's tasks."""
        inner = replace(self, keywords=replace(inherit(self.keywords, keywords), name=None, vars=_NONE))
        if keywords.vars:
            inner = replace(inner, blocks=(keywords.vars, *inner.blocks))
        return inner.of_role(role) if role else inner

    def of_role(self, role: RoleUse) -> Context:
        """Return the context inside a role."""
        params = (role.params, *self.params) if role.params else self.params
        return replace(self, roles=(role, *self.roles), params=params)


_NONE = Keywords().vars
