"""debug: show a message or a variable."""

from __future__ import annotations

from typing import Any

from orchestr8.core.errors import O8Error
from orchestr8.core.span import Text
from orchestr8.engine.work import Work
from orchestr8.language.catalog import ModuleSpec
from orchestr8.remote.module import Arg

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
        return {str(expression): expression}
    try:
        return {str(expression): work.templar.evaluate(expression, work.scope)}
    except O8Error as error:
        hidden = work.verbosity == 0
        return {
            str(expression): "VARIABLE IS NOT DEFINED!"
            if hidden
            else f"VARIABLE IS NOT DEFINED!: {error.message}"
        }
