"""assert: fail unless all conditions hold."""

from __future__ import annotations

from typing import Any

from orchestr8.engine.work import Work
from orchestr8.language.catalog import ModuleSpec
from orchestr8.remote.module import Arg

SPEC = ModuleSpec(
    name="assert",
    controller=True,
    conditions=("that",),
    doc="Fail unless all conditions hold.",
    args={
        "that": Arg("raw", "Conditions, in the form of `when`.", required=True),
        "fail_msg": Arg("raw", "What to say when one does not hold.", aliases=["msg"]),
        "success_msg": Arg("raw", "What to say when all hold."),
        "quiet": Arg("bool", "Say nothing when all hold.", default=False),
    },
)


def run(work: Work) -> dict[str, Any]:
    """Return the first condition that does not hold as `assertion`, or success."""
    conditions = work.args["that"]
    if not isinstance(conditions, list):
        conditions = [conditions]
    verbose = {} if work.args.get("quiet") else {"_ansible_verbose_always": True}
    for condition in conditions:
        if not work.templar.condition(condition, work.scope):
            message = work.args.get("fail_msg") or work.args.get("msg") or "Assertion failed"
            return {
                "changed": False,
                "failed": True,
                "evaluated_to": False,
                "assertion": condition,
                "msg": message,
                **verbose,
            }
    return {"changed": False, "msg": work.args.get("success_msg") or "All assertions passed", **verbose}
