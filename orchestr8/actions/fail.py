"""fail: fail with a message."""

from __future__ import annotations

from typing import Any

from orchestr8.engine.work import Work
from orchestr8.language.catalog import ModuleSpec
from orchestr8.remote.module import Arg

SPEC = ModuleSpec(
    name="fail",
    controller=True,
    doc="Fail with a message.",
    args={"msg": Arg("raw", "What to say.", default="Failed as requested from task")},
)


def run(work: Work) -> dict[str, Any]:
    """Return a failure."""
    return {"changed": False, "failed": True, "msg": work.args.get("msg") or "Failed as requested from task"}
