"""validate_argument_spec: compare variables with a specification, as roles do when they start."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from orchestr8.core.errors import Diagnostic, HostFailed
from orchestr8.engine.work import Work
from orchestr8.language.argument_check import problems
from orchestr8.language.catalog import ModuleSpec
from orchestr8.language.checking import plain
from orchestr8.remote.module import Arg

SPEC = ModuleSpec(
    name="validate_argument_spec",
    controller=True,
    doc="Compare variables with an argument specification; fail with everything that does not fit.",
    args={
        "argument_spec": Arg("raw", "Options by name: type, required, choices, options …", required=True),
        "provided_arguments": Arg("raw", "Values that count more than the variables of the same names."),
        "validate_args_context": Arg("dict", "What the specification belongs to; part of the result."),
    },
)


def run(work: Work) -> dict[str, Any]:
    """Return success, or a failure with `argument_errors` and the specification."""
    spec = _mapping(work, "argument_spec")
    given = {name: work.scope[name] for name in spec if name in work.scope}
    values = work.templar.render(given, work.scope)
    context = work.args.get("validate_args_context") or {}
    found = problems(plain(spec), plain({**values, **_mapping(work, "provided_arguments")}))
    if not found:
        return {
            "changed": False,
            "msg": "The arg spec validation passed",
            "validate_args_context": context,
        }
    return {
        "failed": True,
        "msg": "Validation of arguments failed:\n" + "\n".join(found),
        "argument_spec_data": spec,
        "argument_errors": found,
        "validate_args_context": context,
    }


def _mapping(work: Work, name: str) -> dict[str, Any]:
    value = work.args.get(name)
    if name != "argument_spec" and value is None:
        return {}
    if not isinstance(value, Mapping):
        message = f"Incorrect type for {name}, expected dict and got {type(value)}"
        raise HostFailed(Diagnostic("O8-1203", message, work.task.action_span))
    return dict(value)
