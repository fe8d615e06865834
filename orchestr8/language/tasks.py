"""Reads one task or handler."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from orchestr8.core.errors import Diagnostic
from orchestr8.core.span import Mapping, Span, Text
from orchestr8.language import module_groups
from orchestr8.language.actions import Action, action_keys, read_action
from orchestr8.language.builtin import META
from orchestr8.language.checking import check_arguments
from orchestr8.language.findings import Findings
from orchestr8.language.keywords import HANDLER, LOOP_CONTROL, TASK, shared
from orchestr8.language.schema import is_template, key_place, kind_of, place, read
from orchestr8.language.session import Session, Where, nowhere
from orchestr8.language.syntax import Loop, Task


def read_task(source: Mapping, where: Where, session: Session) -> Task | None:
    """Return the task that a mapping describes, or None when it does not name what to do."""
    fields = HANDLER if where.handlers else TASK
    values = _keywords(source, fields, where, session)
    module_groups.check(values, session.findings)
    inside = where.under(values)
    action = read_action(source, fields, inside, session)
    loop = _loop(source, session)
    if action is None:
        return None
    check_arguments(action, inside, session)
    if action.canonical == "meta":
        _check_meta(action, session)
    if action.local:
        values.setdefault("delegate_to", Text("localhost", action.span))
    _check_register(values, source, session)
    return _task(source, values, action, loop, where)


def _keywords(source: Mapping, fields: Any, where: Where, session: Session) -> dict[str, Any]:
    own = set(action_keys(source, fields))
    declared = Mapping(
        ((k, v) for k, v in source.items() if k not in own and not str(k).startswith("with_")), source.span
    )
    declared.key_spans, declared.value_spans = source.key_spans, source.value_spans
    found = Findings()
    values = read(declared, fields, "a task", found)
    if where.under(values).tolerant:
        # Ansible fails such a task at run time only, and somebody expects that.
        values |= {n: v for n, v in source.items() if n in fields and n not in values and isinstance(v, Text)}
        session.findings.add(*(replace(d, severity="warning") for d in found.all))
    else:
        session.findings.add(*found.all)
    return values


def _task(source: Mapping, values: dict[str, Any], action: Action, loop: Loop | None, where: Where) -> Task:
    return Task(
        action=action.canonical,
        args=_arguments(action),
        keywords=shared(values),
        span=source.span or nowhere(where.source),
        source=where.source,
        free_form=action.free_form,
        args_template=action.args_template,
        loop=loop,
        register=values.get("register"),
        until=values.get("until", ()),
        retries=values.get("retries"),
        delay=values.get("delay"),
        changed_when=values.get("changed_when"),
        failed_when=values.get("failed_when"),
        notify=values.get("notify", where.notify),
        listen=values.get("listen", ()),
        async_seconds=values.get("async"),
        poll=values.get("poll"),
        needs=values.get("needs", ()),
        role=where.role,
        action_span=action.span,
        written=str(action.name),
        tells_facts=bool(action.spec and action.spec.own and action.spec.own.tells_facts()),
    )


def _arguments(action: Action) -> Mapping:
    """Return the arguments; an include's bare file name is its `file`."""
    if action.free_form is None or action.canonical not in ("include_tasks", "import_tasks"):
        return action.args
    args = Mapping({"file": action.free_form, **action.args}.items(), action.args.span)
    args.key_spans = dict(action.args.key_spans)
    args.value_spans = dict(action.args.value_spans)
    if action.free_form.span:
        args.value_spans["file"] = action.free_form.span
    return args


def _loop(source: Mapping, session: Session) -> Loop | None:
    names = [key for key in source if key == "loop" or str(key).startswith("with_")]
    if not names:
        return None
    name = str(names[0])
    if len(names) > 1:
        message = f"a task has one loop; this one has `{name}` and `{names[1]}`"
        session.findings.error("O8-1105", message, key_place(source, names[1]))
    items = source[name]
    if name == "loop" and not (isinstance(items, list) or is_template(items)) and items is not None:
        message = f"`loop` has to be a list, not {kind_of(items)}"
        hint = "write a list, or a template that gives one"
        if isinstance(items, dict):
            hint = "use `with_dict`, or `dict2items` in a template"
        session.findings.error("O8-1102", message, place(source, name), hint)
    control = source.get("loop_control")
    if isinstance(control, Mapping):
        read(control, LOOP_CONTROL, "`loop_control`", session.findings)
    kind = "loop" if name == "loop" else name.removeprefix("with_")
    return Loop(kind, items, control if isinstance(control, Mapping) else Mapping(), place(source, name))


def _check_register(values: dict[str, Any], source: Mapping, session: Session) -> None:
    name = values.get("register")
    if name is None or (isinstance(name, str) and name.isidentifier() and name.isascii()):
        return
    message = f"Invalid variable name {str(name)!r}: `register` cannot set it"
    hint = "letters, digits and underscores, not starting with a digit"
    session.findings.error("O8-1104", message, place(source, "register"), hint)
    values["register"] = None


def _check_meta(action: Action, session: Session) -> None:
    word = action.free_form or action.args.get("action")
    if word is None:
        session.findings.error("O8-1202", "`meta` does not say what to do", action.span, ", ".join(META))
    elif not is_template(word) and word not in META:
        message = f"`meta` cannot `{word}`"
        span: Span | None = getattr(word, "span", None) or action.span
        session.findings.unknown("O8-1104", message, str(word), META, span)


def only_dynamic(task: Task, session: Session) -> bool:
    """Note a loop on a static import, which is read before there are items; return whether it has none."""
    if task.loop is None:
        return True
    dynamic = task.action.replace("import_", "include_")
    message = f"`{task.action}` cannot be repeated: it is read before the run"
    session.findings.add(Diagnostic("O8-1105", message, task.loop.span, f"use `{dynamic}`"))
    return False
