"""Turns failures inside templates into errors that name the place and what could be meant."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from jinja2.exceptions import TemplateNotFound, TemplateSyntaxError
from jinja2.utils import missing as absent

from orchestr8.core.errors import Diagnostic, O8Error
from orchestr8.core.span import Mapping, Origin, Span
from orchestr8.core.suggest import did_you_mean
from orchestr8.template.analysis import Use
from orchestr8.template.errors import (
    FAILED,
    LOOKUP,
    SYNTAX,
    TOO_BIG,
    UNDEFINED,
    LookupFailed,
    PluginFailed,
    TooBig,
    UndefinedVariable,
    template_error,
)
from orchestr8.template.lazy import source_of, type_name
from orchestr8.template.places import place_in
from orchestr8.template.scope import Flattened
from orchestr8.template.undefined import Missing, MissingUsed

if TYPE_CHECKING:
    from orchestr8.template.environment import Environment
    from orchestr8.template.program import Compiled
    from orchestr8.template.run import Run

_SHOWN = 12


def explain(failure: BaseException, program: Compiled, run: Run) -> O8Error:
    """Return the error for what was raised while `program` ran."""
    if isinstance(failure, MissingUsed):
        return missing_error(failure.missing, failure.missing.program or program, run)
    if isinstance(failure, TemplateSyntaxError):
        return syntax_error(failure, program.text, program.environment)
    span = _included(failure, program) or program.place(_line(failure, program))
    if isinstance(failure, (LookupFailed, PluginFailed)):
        return template_error(LOOKUP, str(failure), span, hint_of(failure))
    if isinstance(failure, TooBig):
        return template_error(TOO_BIG, f"Error rendering template: {failure}", span)
    if isinstance(failure, RecursionError):
        return template_error(FAILED, "Recursive loop detected in template: it calls itself endlessly", span)
    if isinstance(failure, TemplateNotFound):
        return template_error(FAILED, f"Error rendering template: {failure.message}", span)
    what = str(failure) or type(failure).__name__
    if isinstance(failure, KeyError):
        what = f"no such key: {what}"
    return template_error(FAILED, f"Error rendering template: {what}", span)


def hint_of(failure: BaseException) -> str | None:
    """Return what else is known of a failure: where in a plugin's file it was raised."""
    return failure.hint if isinstance(failure, PluginFailed) else None


def syntax_error(failure: TemplateSyntaxError, text: str, environment: Environment) -> O8Error:
    """Return the error for a text that Jinja cannot parse."""
    span = (
        Span(str(failure.filename), failure.lineno) if _is_file(failure) else place_in(text, failure.lineno)
    )
    message = f"Syntax error in template: {failure.message}"
    return template_error(SYNTAX, message, span, name_hint(message, environment))


def _is_file(failure: TemplateSyntaxError) -> bool:
    return bool(failure.filename) and not str(failure.filename).startswith("<")


def name_hint(message: str, environment: Environment) -> str | None:
    """Return what an unknown filter or test may mean, or which plugin's file is broken."""
    if "No filter named" not in message and "No test named" not in message:
        return None
    table: Any = environment.filters if "No filter" in message else environment.tests
    broken = "; ".join(map(str, table.plugins.broken.values()))
    return broken or did_you_mean(message.split("'")[1], table.names())


def _line(failure: BaseException, program: Compiled) -> int:
    trace, line = failure.__traceback__, 1
    while trace is not None:
        if trace.tb_frame.f_globals.get("__jinja_template__") is program.template:
            line = program.template.get_corresponding_lineno(trace.tb_lineno)
        trace = trace.tb_next
    return line


def _included(failure: BaseException, program: Compiled) -> Span | None:
    """Return the place in an included template file where a failure was raised, if it was in one."""
    trace, span = failure.__traceback__, None
    while trace is not None:
        template = trace.tb_frame.f_globals.get("__jinja_template__")
        if template is not None and template is not program.template and template.filename:
            span = Span(str(template.filename), template.get_corresponding_lineno(trace.tb_lineno))
        trace = trace.tb_next
    return span if span is None or not span.file.startswith("<") else None


def missing_error(missing: Missing, program: Compiled, run: Run) -> UndefinedVariable:
    """Return the error for a value that does not exist: place, what there is, where it was set."""
    hint, holder, name = missing.o8_subject
    template, line = _met(missing, program)
    use = _use_of(program, name, holder, line)
    span = program.place(use.line, use.column, len(str(name))) if use else program.place(line)
    if template is not program.template and not str(template.filename).startswith("<"):
        span = Span(str(template.filename), line)
    if hint is not None:
        return UndefinedVariable(Diagnostic(UNDEFINED, hint, span))
    if holder is absent:
        return UndefinedVariable(
            Diagnostic(UNDEFINED, f"'{name}' is undefined", span, did_you_mean(str(name), run.scope))
        )
    base = use.name if use and use.path else ""
    notes = tuple(note for note in (_contents(holder, base), _origin(holder, base, run)) if note)
    message = f"object of type '{type_name(holder)}' has no attribute {name!r}"
    if isinstance(name, int):
        message = f"{type_name(holder)} object has no element {name}"
    near = did_you_mean(str(name), map(str, holder)) if isinstance(holder, dict) else None
    return UndefinedVariable(Diagnostic(UNDEFINED, message, span, near, notes=notes))


def _met(missing: Missing, program: Compiled) -> tuple[Any, int]:
    """Return the template in which a missing value was met, and its line."""
    if missing.where is None:
        return program.template, 1
    template, line = missing.where
    known = template is program.template or template.filename not in (None, "<template>")
    return (template, template.get_corresponding_lineno(line)) if known else (program.template, 1)


def _use_of(program: Compiled, name: str | None, holder: Any, line: int) -> Use | None:
    uses = sorted(program.analysis().uses, key=lambda use: use.line != line)
    for use in uses:
        if holder is absent and use.name == name and not use.guarded:
            return use
        if holder is not absent and name in use.path:
            return use.at(use.path.index(str(name)))
    return None


def _contents(holder: Any, base: str) -> str | None:
    if not isinstance(holder, dict) or not base:
        return None
    keys = [str(key) for key in list(dict.keys(holder))[:_SHOWN]]
    more = ", …" if len(holder) > _SHOWN else ""
    return f"`{base}` has {', '.join(keys)}{more}" if keys else f"`{base}` is empty"


def _origin(holder: Any, base: str, run: Run) -> str | None:
    places = origins_of(base, run) if base else []
    if places:
        over = "".join(f", over {place}" for place in places[1:])
        return f"`{base}` is set at {places[0]}{over}"
    source = source_of(holder)
    span = source.span if isinstance(source, Mapping) else None
    return f"it is set at {span}" if span else None


def origins_of(name: str, run: Run) -> list[str]:
    """Return the places at which a variable is set, the one that counts first."""
    places = []
    for layer in _setting(name, run):
        if isinstance(layer, Mapping):
            span = layer.key_spans.get(name) or layer.value_spans.get(name)
            if span:
                places.append(str(Origin(getattr(layer, "source", ""), span)).removesuffix(" ()"))
    return list(dict.fromkeys(places))


def _setting(name: str, run: Run) -> Iterator[Any]:
    for layer in run.scope.layers:
        if isinstance(layer, Flattened):
            yield from layer.setting(name)
        elif name in layer:
            yield layer
