"""debug: show a message or a variable."""

from __future__ import annotations

from typing import Any

from orchestr8.core.errors import Diagnostic, HostFailed, O8Error
from orchestr8.core.span import Text
from orchestr8.engine.work import Work
from orchestr8.language.catalog import ModuleSpec
from orchestr8.remote.module import Arg
from orchestr8.template.omit import OMIT

SPEC = ModuleSpec(
    name="debug",
    controller=True,
    doc="Show a message or a variable.",
    args={
        "msg": Arg("raw", "What to show.", default="Hello world!"),
        "var": Arg("raw", "The name of a variable, or an expression, to show."),
        "verbosity": Arg("int", "Show only from this number of -v on.", default=0),
    },
    exclusive=(("msg", "var"),),
)

_UNDEFINED = "O8-1303"
_NOT_OMITTED = "The result of the `var` expression could not be omitted; a placeholder was used instead."


def run(work: Work) -> dict[str, Any]:
    """Return the message or the value under the expression's own text, as Ansible does."""
    if int(work.args.get("verbosity") or 0) > work.verbosity:
        return {"changed": False, "skipped": True, "skipped_reason": "Verbosity threshold not met."}
    shown: dict[str, Any] = {"changed": False, "_ansible_verbose_always": True}
    if "var" in work.args and work.args["var"] is not None:
        return shown | _variable(work)
    return shown | {"msg": work.args.get("msg", "Hello world!")}


def _variable(work: Work) -> dict[str, Any]:
    expression = work.args["var"]
    if not isinstance(expression, Text):
        raise HostFailed(_no_expression(expression, work))
    try:
        value = work.templar.evaluate(expression, work.scope)
    except O8Error as error:
        if any(each.code != _UNDEFINED for each in error.diagnostics):
            raise
        return {str(expression): f"<< error 1 - {error.message} >>", "warnings": [error.message]}
    if value is OMIT:
        return {str(expression): "<<Omit>>", "warnings": [_NOT_OMITTED]}
    return {str(expression): value}


def _no_expression(value: Any, work: Work) -> Diagnostic:
    """Return what is wrong with a `var` that nobody may evaluate."""
    span = work.task.action_span
    if isinstance(value, str):
        why = "what is tagged `!unsafe`, or came from a host, is never evaluated"
        return Diagnostic("O8-1302", "Encountered untrusted template or expression.", span, why)
    text = f"argument 'var' is of type {type(value).__name__} and we were unable to convert to str: "
    return Diagnostic("O8-1203", f"{text}{value!r} is not a string and conversion is not allowed", span)
