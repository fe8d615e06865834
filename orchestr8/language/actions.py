"""Finds out which action a task names, and what it is given."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from orchestr8.core.errors import Diagnostic, InvalidInput
from orchestr8.core.span import Mapping, Span, Text, span_of
from orchestr8.core.suggest import did_you_mean
from orchestr8.language import builtin
from orchestr8.language.catalog import ModuleSpec
from orchestr8.language.collection_roles import collection_of
from orchestr8.language.former import former_include
from orchestr8.language.own_code import action_refused
from orchestr8.language.own_modules import OwnModule
from orchestr8.language.schema import Fields, is_template, key_place, kind_of, place
from orchestr8.language.session import Session, Where
from orchestr8.language.splitting import COMMAND_KEYS, Split, Unbalanced, split

RAW = frozenset(["command", "shell", "script", "raw", "win_command", "win_shell"])


@dataclass(frozen=True, slots=True)
class Action:
    """What a task does: the action's name as written and canonical, its spec, its arguments."""

    name: str
    spec: ModuleSpec | None
    span: Span | None
    args: Mapping
    free_form: Text | None = None
    args_template: Any = None
    local: bool = False

    @property
    def canonical(self) -> str:
        """The name everything else uses; the written one for a module that nobody knows."""
        return self.spec.name if self.spec else builtin.bare(self.name)


def action_keys(task: Mapping, fields: Fields) -> list[str]:
    """Return the keys of a task that can only be its action."""
    return [key for key in task if key not in fields and not str(key).startswith("with_")]


def read_action(task: Mapping, fields: Fields, where: Where, session: Session) -> Action | None:
    """Return what a task does, or None when it does not say; mistakes are noted."""
    named = _named(task, fields, session)
    if named is None:
        return None
    key, name, thing, span = named
    spec = _found(name, where, session)
    if spec is not None and spec.own is not None:
        _check_own(spec.own, span, where, session)
    if spec is None and not is_template(name):
        _unknown(name, span, where, session, former_include(task, thing))
    if isinstance(thing, Mapping) and key not in ("action", "local_action"):
        args, free, template = thing, None, None
    else:
        args, free, template = _given(name, thing, session)
    return _with_args(task, Action(name, spec, span, args, free, template, key == "local_action"), session)


def _check_own(own: OwnModule, span: Span | None, where: Where, session: Session) -> None:
    """Note what keeps a user's own module from running: it is no module, or it cannot be read."""
    found: tuple[Diagnostic, ...] = ()
    if own.action:
        found = (action_refused(own.name, own.action, span),)
    else:
        try:
            own.pack()
        except InvalidInput as error:
            found = tuple(replace(each, span=span) for each in error.diagnostics)
    for diagnostic in found:
        where.report(session, diagnostic, spared=where.tolerant or where.conditional)


def _found(name: str, where: Where, session: Session) -> ModuleSpec | None:
    """Return the spec of a module by its name, short for those of the collections that are listed."""
    if "." not in name:
        own = [each for role in where.role_paths[:1] if (each := collection_of(role))]
        listed = [each for each in map(str, where.collections) if each.count(".") == 1]
        for collection in dict.fromkeys([*own, *listed]):
            spec = session.catalog.find(f"{collection}.{name}") if collection != "ansible.builtin" else None
            if spec is not None:
                return spec
    return builtin.find(session.catalog, name)


def _named(task: Mapping, fields: Fields, session: Session) -> tuple[str, str, Any, Span | None] | None:
    """Return key, the action's name, what it is given, and where the name stands."""
    old = [key for key in ("action", "local_action") if task.get(key) is not None]
    new = action_keys(task, fields)
    known = [key for key in new if isinstance(key, str) and builtin.find(session.catalog, key)]
    if len(old) + len(known) > 1:
        both = [*old, *known]
        message = f"a task does one thing; this one names `{both[0]}` and `{both[1]}`"
        session.findings.error("O8-1106", message, key_place(task, both[1]), "make two tasks of it")
        return None
    if old:
        _unknown_keys(task, new, fields, session)
        return _old_style(task, old[0], session)
    if known or len(new) == 1:
        _unknown_keys(task, [key for key in new if known and key != known[0]], fields, session)
        key = known[0] if known else str(new[0])
        return key, key, task[key], key_place(task, key)
    if new:
        _unknown_keys(task, new, {**fields, **dict.fromkeys(session.catalog.names())}, session)
    else:
        session.findings.error("O8-1106", "the task names no module", task.span, "add one, such as `debug:`")
    return None


def _unknown_keys(task: Mapping, keys: list[str], fields: Any, session: Session) -> None:
    for key in keys:
        message = f"`{key}` is not a keyword of a task"
        session.findings.unknown("O8-1101", message, str(key), fields, key_place(task, key))


def _old_style(task: Mapping, key: str, session: Session) -> tuple[str, str, Any, Span | None] | None:
    thing = task[key]
    if isinstance(thing, Mapping) and isinstance(thing.get("module"), str):
        rest = _without(thing, "module")
        module, *text = _first_word(thing["module"]) or [""]
        if text:
            rest = _merged(split(text[0], None).named, rest)
        return key, module, rest, place(thing, "module")
    if isinstance(thing, str) and thing.strip():
        word = _first_word(thing)
        offset = thing.index(word[1]) if len(word) > 1 else 0
        span = span_of(thing)
        at = span.at(thing.count("\n", 0, offset), offset) if span else None
        rest_text = Text(word[1].rstrip(), at) if len(word) > 1 else None
        named = Span(span.file, span.line, span.column, len(word[0])) if span else None
        return key, word[0], rest_text, named
    message = f"`{key}` names a module and its arguments; this is {kind_of(thing)}"
    session.findings.error("O8-1106", message, place(task, key))
    return None


def _first_word(text: str) -> list[str]:
    """Return the name of a module, which may be a template, and what follows it."""
    stripped = text.strip()
    end = stripped.find("}}") + 2 if stripped.startswith("{{") else 0
    if end < 2:
        return stripped.split(None, 1)
    # More of the name may stand right behind the template.
    rest = stripped[end:].split(None, 1) if not stripped[end : end + 1].isspace() else ["", stripped[end:]]
    return [stripped[:end] + "".join(rest[:1]), *(each.strip() for each in rest[1:] if each.strip())]


def _unknown(name: str, span: Span | None, where: Where, session: Session, include: str) -> None:
    known = [*session.catalog.names(), *builtin.SPECS]
    hint = did_you_mean(builtin.bare(name), known) or "`o8 doc --list` shows the modules there are"
    if builtin.bare(name) == "include":
        hint = include
    if "." in builtin.bare(name):
        hint = (
            did_you_mean(name.rpartition(".")[2], known)
            or "none of ours; the modules of installed collections are found in COLLECTIONS_PATH"
        )
    diagnostic = Diagnostic("O8-1201", f"there is no module `{name}`", span, hint)
    where.report(session, diagnostic, spared=where.tolerant or where.conditional)


def _given(name: str, thing: Any, session: Session) -> tuple[Mapping, Text | None, Any]:
    """Return arguments, bare text and a template of arguments from what stands after the action's name."""
    if thing is None:
        return Mapping(), None, None
    if isinstance(thing, Mapping):
        args = _without(thing, "args")
        inner = thing.get("args")
        return (_merged(args, inner) if isinstance(inner, Mapping) else args), None, None
    if isinstance(thing, Text):
        return _text(name, thing, session)
    if isinstance(thing, str | int | float) and not isinstance(thing, bool):
        return Mapping(), Text(str(thing)), None
    session.findings.error(
        "O8-1203", f"`{name}` takes a mapping or text, not {kind_of(thing)}", span_of(thing)
    )
    return Mapping(), None, None


def _text(name: str, thing: Text, session: Session) -> tuple[Mapping, Text | None, Any]:
    bare = builtin.bare(name)
    raw = bare in RAW
    spec = builtin.find(session.catalog, name)
    if not raw and _whole_template(thing) and not (spec and spec.free_form):
        return Mapping((), thing.span), None, thing
    try:
        found = split(thing, thing.span, COMMAND_KEYS if raw else None)
    except Unbalanced:
        if raw:
            return Mapping((), thing.span), thing, None
        message = "quotes or braces are opened and not closed"
        session.findings.error("O8-1206", message, thing.span, "write the arguments as a mapping")
        found = Split()
    return found.named, (Text(found.rest, thing.span) if found.rest else None), None


def _whole_template(text: str) -> bool:
    stripped = text.strip()
    return stripped.startswith("{{") and stripped.endswith("}}") and stripped.count("{{") == 1


def _with_args(task: Mapping, action: Action, session: Session) -> Action:
    """Return the action with the task's `args:` under its own arguments."""
    extra = task.get("args")
    args, free, template = action.args, action.free_form, action.args_template
    if isinstance(extra, Mapping):
        args = _merged(extra, args)
    elif is_template(extra):
        template = extra
    elif extra is not None:
        message = f"`args` has to be a mapping, not {kind_of(extra)}"
        session.findings.error("O8-1102", message, place(task, "args"))
    if "_raw_params" in args:
        free = free if free is not None else _as_text(args["_raw_params"])
        args = _without(args, "_raw_params")
    return Action(action.name, action.spec, action.span, args, free, template, action.local)


def _as_text(value: Any) -> Text:
    return value if isinstance(value, Text) else Text(str(value))


def _without(source: Mapping, key: str) -> Mapping:
    result = Mapping(((k, v) for k, v in source.items() if k != key), source.span)
    result.key_spans, result.value_spans = source.key_spans, source.value_spans
    return result


def _merged(under: Mapping, over: Mapping) -> Mapping:
    result = Mapping({**under, **over}.items(), over.span or under.span)
    result.key_spans = {**under.key_spans, **over.key_spans}
    result.value_spans = {**under.value_spans, **over.value_spans}
    return result
