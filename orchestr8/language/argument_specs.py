"""The argument specifications of roles, and the task by which a role checks what it is given."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Any

from orchestr8.core.span import Mapping, Text
from orchestr8.language.argument_check import TYPES
from orchestr8.language.schema import key_place, kind_of, place
from orchestr8.language.session import Session
from orchestr8.language.syntax import Keywords, RoleUse, Task

ACTION = "validate_argument_spec"
_PROSE = ("description", "default", "version_added")


def read(path: str, meta: Mapping, session: Session) -> Mapping:
    """Return a role's specifications by the names of its files of tasks; mistakes in them are noted."""
    for ending in (".yml", ".yaml"):
        file = os.path.join(path, "meta", "argument_specs" + ending)
        if os.path.isfile(file):
            value = session.document(file)
            meta = value if isinstance(value, Mapping) else Mapping()
            break
    found = meta.get("argument_specs")
    if not isinstance(found, Mapping):
        return Mapping()
    for entry, spec in found.items():
        if not isinstance(spec, Mapping):
            _refuse(found, entry, "a mapping", session)
        elif spec.get("options") is not None:
            _check_options(spec, session)
    return found


def _check_options(owner: Mapping, session: Session) -> None:
    options = owner["options"]
    if not isinstance(options, Mapping):
        return _refuse(owner, "options", "a mapping", session)
    for name, option in options.items():
        if not isinstance(option, Mapping):
            _refuse(options, name, "a mapping", session)
            continue
        if option.get("type", "str") not in TYPES:
            message = f"an option's `type` cannot be `{option['type']}`"
            session.findings.unknown("O8-1104", message, str(option["type"]), TYPES, place(option, "type"))
        if option.get("options") is not None:
            _check_options(option, session)
    return None


def _refuse(owner: Mapping, key: str, wanted: str, session: Session) -> None:
    message = f"`{key}` has to be {wanted}, not {kind_of(owner[key])}"
    session.findings.error("O8-1102", message, place(owner, key) or key_place(owner, key))


def validation(use: RoleUse, entry: str) -> Iterator[Task]:
    """Yield the task that checks what a role is given before the tasks of `entry`, if that is specified."""
    name = os.path.splitext(entry)[0]
    spec = use.role.argument_specs.get(name)
    if not isinstance(spec, Mapping) or not spec:
        return
    short = spec.get("short_description")
    title = f"Validating arguments against arg spec '{name}'" + (f" - {short}" if short else "")
    context = {
        "type": "role",
        "name": use.role.short,
        "argument_spec_name": name,
        "path": os.path.abspath(use.role.path),
    }
    args = Mapping(
        (
            ("argument_spec", _literal(spec.get("options") or Mapping())),
            ("provided_arguments", use.params),
            ("validate_args_context", context),
        ),
        spec.span,
    )
    keywords = Keywords(name=Text(title), tags=("always",))
    yield Task(ACTION, args, keywords, use.span, use.span.file, role=use, action_span=use.span)


def _literal(options: Mapping) -> Mapping:
    """Return options whose prose and defaults are no templates: examples in them are to be read."""
    result = Mapping((), options.span)
    result.key_spans, result.value_spans = options.key_spans, options.value_spans
    for name, option in options.items():
        result[name] = _option(option) if isinstance(option, Mapping) else option
    return result


def _option(option: Mapping) -> Mapping:
    result = Mapping((), option.span)
    result.key_spans, result.value_spans = option.key_spans, option.value_spans
    for key, value in option.items():
        result[key] = _words(value) if key in _PROSE else value
    if isinstance(option.get("options"), Mapping):
        result["options"] = _literal(option["options"])
    return result


def _words(value: Any) -> Any:
    if isinstance(value, list):
        return [_words(item) for item in value]
    return str(value) if isinstance(value, str) else value
