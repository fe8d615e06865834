"""Checks the arguments of a task against what its module takes, as far as they are known before the run."""

from __future__ import annotations

from typing import Any

from orchestr8.core.errors import Diagnostic
from orchestr8.core.span import Mapping, Span, Text
from orchestr8.core.suggest import did_you_mean
from orchestr8.core.vaulted import Vaulted
from orchestr8.language.actions import Action
from orchestr8.language.catalog import ModuleSpec
from orchestr8.language.schema import has_template, key_place, place
from orchestr8.language.session import Session, Where
from orchestr8.remote.arguments import checked

_DELEGATING = frozenset(["package", "service"])

_RESERVED = "_ansible_"


def check_arguments(action: Action, where: Where, session: Session) -> None:
    """Note unknown, missing and wrong arguments of a task."""
    spec = action.spec
    if spec is None:
        return
    _free_form(action, spec, where, session)
    _reserved(action, spec, session)
    if spec.free:
        return
    if spec.name in _DELEGATING:
        # Whatever they do not know goes to the module that the host turns out to need.
        return
    _names(action, spec, where, session)
    _modes(action, spec, session)
    complete = action.args_template is None and not where.defaulted
    if complete:
        _missing(action, spec, where, session)
    _values(action, spec, where, session, complete=complete)


def _free_form(action: Action, spec: ModuleSpec, where: Where, session: Session) -> None:
    if action.free_form is None or spec.free_form or spec.free:
        return
    message = f"module `{action.name}` takes no bare text: `{action.free_form.strip()[:40]}`"
    hint = "write its arguments as a mapping, or as key=value"
    where.report(session, Diagnostic("O8-1205", message, action.free_form.span or action.span, hint))


def _reserved(action: Action, spec: ModuleSpec, session: Session) -> None:
    """Refuse what Ansible refuses before the run, whatever becomes of the task."""
    for name in action.args if not spec.free_form else ():
        if str(name).startswith(_RESERVED):
            message = f"`{name}` of `{action.name}`: `{_RESERVED}` is reserved for internal use only."
            session.findings.error("O8-1204", message, action.args.key_spans.get(name, action.span))


def _words(spec: ModuleSpec) -> dict[str, str]:
    return {word: name for name, arg in spec.args.items() for word in (name, *arg.aliases)}


def _names(action: Action, spec: ModuleSpec, where: Where, session: Session) -> None:
    known = _words(spec)
    for word in action.args:
        if word not in known:
            message = f"module `{action.name}` has no argument `{word}`"
            hint = did_you_mean(str(word), known) or _choices(spec)
            where.report(session, Diagnostic("O8-1204", message, key_place(action.args, word), hint))


def _choices(spec: ModuleSpec) -> str:
    names = ", ".join(sorted(spec.args))
    return f"it has {names}" if names else "it has none"


def _missing(action: Action, spec: ModuleSpec, where: Where, session: Session) -> None:
    for name, arg in spec.args.items():
        given = any(word in action.args for word in (name, *arg.aliases))
        if arg.required and not given and not (action.free_form and spec.free_form == name):
            message = f"module `{action.name}` needs the argument `{name}`"
            found = Diagnostic("O8-1202", message, action.span, arg.doc or None)
            where.report(session, found, spared=where.tolerant or where.conditional)


def _values(action: Action, spec: ModuleSpec, where: Where, session: Session, *, complete: bool) -> None:
    known = _words(spec)
    constant = {
        word: plain(value)
        for word, value in action.args.items()
        if word in known and not has_template(value) and not _holds_vault(value)
    }
    everything = complete and len(constant) == sum(1 for word in action.args if word in known)
    if action.free_form is not None and spec.free_form in spec.args:
        constant.setdefault(str(spec.free_form), str(action.free_form))
    for name, message in checked(spec, constant)[1]:
        about_others = "required" in message or "are missing" in message
        about_value = bool(_given_word(name, constant, spec)) and not about_others
        missing = message.startswith("missing required arguments") and "." not in name and not name
        if missing or not (about_value or everything):
            continue
        span = _argument_place(action.args, name, constant, spec) or action.span
        found = Diagnostic("O8-1203", f"module `{action.name}`: {message}", span)
        where.report(session, found, spared=where.tolerant or (where.conditional and not about_value))


def plain(value: Any) -> Any:
    """Return a value whose strings are ordinary ones, as the module will get them."""
    if isinstance(value, dict):
        return {plain(key): plain(item) for key, item in value.items()}
    if isinstance(value, list):
        return [plain(item) for item in value]
    return str(value) if isinstance(value, Text) else value


def _holds_vault(value: Any) -> bool:
    if isinstance(value, dict):
        return any(map(_holds_vault, value.values()))
    return any(map(_holds_vault, value)) if isinstance(value, list) else isinstance(value, Vaulted)


def _given_word(path: str, given: dict[str, Any], spec: ModuleSpec) -> str | None:
    name = path.partition(".")[0]
    words = (name, *spec.args[name].aliases) if name in spec.args else ()
    return next((word for word in words if word in given), None)


def _argument_place(args: Mapping, path: str, given: dict[str, Any], spec: ModuleSpec) -> Span | None:
    word = _given_word(path, given, spec)
    if word is None:
        return None
    inner = path.rpartition(".")[2]
    value = args.get(word)
    if inner != path and isinstance(value, Mapping):
        return value.key_spans.get(inner) or value.span
    return place(args, word)


def _modes(action: Action, spec: ModuleSpec, session: Session) -> None:
    """Warn of `mode: 644`, which is not 0644."""
    for word in action.args:
        value = action.args[word]
        name = _words(spec).get(word)
        if name is None or spec.args[name].type != "bits" or isinstance(value, bool):
            continue
        span = place(action.args, word)
        if isinstance(value, int) and span and not session.files.word(span).startswith("0"):
            message = f"`{word}: {value}` is the decimal number {value}, which is the mode {value:04o}"
            session.findings.warn("O8-1207", message, span, f'write "{value:04d}"')
