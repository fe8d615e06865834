"""set_stats: leave statistics of one's own for the end of the run."""

from __future__ import annotations

import re
from typing import Any

from orchestr8.core.errors import Diagnostic, HostFailed
from orchestr8.engine.work import Work
from orchestr8.language.catalog import ModuleSpec
from orchestr8.remote.module import Arg

SPEC = ModuleSpec(
    name="set_stats",
    controller=True,
    checks_itself=True,
    doc="Leave statistics of one's own for the end of the run.",
    args={
        "data": Arg("raw", "Names and values.", required=True),
        "per_host": Arg("raw", "Count for each host rather than for the run.", default=False),
        "aggregate": Arg("raw", "Add to what is there rather than replace it.", default=True),
    },
)

_NAME = re.compile(r"[A-Za-z_]\w*")
_TRUE = ("y", "yes", "on", "1", "true", "t")


def run(work: Work) -> dict[str, Any]:
    """Return the statistics as `ansible_stats` and note them for the run."""
    data = work.args.get("data", {})
    if not isinstance(data, dict):
        message = "The 'data' option needs to be a dictionary/hash"
        raise HostFailed(Diagnostic("O8-1203", message, work.task.action_span))
    for name in data:
        if not _NAME.fullmatch(str(name)):
            raise HostFailed(Diagnostic("O8-1210", f"Invalid variable name '{name}'.", work.task.action_span))
    per_host, aggregate = _flag(work, "per_host", "no"), _flag(work, "aggregate", "yes")
    work.notes.stats.append((data, per_host, aggregate))
    return {
        "changed": False,
        "ansible_stats": {"data": data, "per_host": per_host, "aggregate": aggregate},
    }


def _flag(work: Work, name: str, default: str) -> bool:
    """Return an option's value; what is no word for true means false, as Ansible reads it here."""
    value = work.args.get(name)
    return str(default if value is None else value).lower() in _TRUE
