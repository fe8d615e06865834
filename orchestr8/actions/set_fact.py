"""set_fact: define variables of a host for the rest of the run."""

from __future__ import annotations

import re
from keyword import kwlist
from typing import Any

from orchestr8.core.errors import Diagnostic, InvalidInput
from orchestr8.core.span import span_of
from orchestr8.engine.keyword_values import as_flag
from orchestr8.engine.work import Work
from orchestr8.language.catalog import ModuleSpec
from orchestr8.remote.module import Arg

SPEC = ModuleSpec(
    name="set_fact",
    controller=True,
    free=True,
    doc="Define variables of a host for the rest of the run.",
    args={"cacheable": Arg("bool", "Keep the values as facts too.", default=False)},
)

_NAME = re.compile(r"[A-Za-z_]\w*", re.ASCII)
_WORDS = frozenset((*kwlist, "true", "false", "none"))


def run(work: Work) -> dict[str, Any]:
    """Return the variables as `ansible_facts` and note them for the engine."""
    facts: dict[str, Any] = {}
    for key, value in work.args.items():
        name = str(work.templar.render(key, work.scope))
        if name == "cacheable":
            continue
        if not _NAME.fullmatch(name) or name in _WORDS:
            raise InvalidInput(_bad_name(name, work, key))
        facts[name] = value
    if not facts:
        return {
            "changed": False,
            "failed": True,
            "msg": "No key/value pairs provided, at least one is required",
        }
    work.notes.variables.update(facts)
    if as_flag(work.args.get("cacheable", False)):
        work.notes.facts.update(facts)
    return {"changed": False, "ansible_facts": facts}


def _bad_name(name: str, work: Work, key: str) -> Diagnostic:
    return Diagnostic(
        "O8-1210",
        f"Invalid variable name {name!r}.",
        span_of(key) or work.task.span,
        "a name has letters, digits and underscores, and does not begin with a digit",
    )
