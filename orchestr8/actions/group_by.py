"""group_by: put a host into a group named by a value."""

from __future__ import annotations

from typing import Any

from orchestr8.engine.work import Work
from orchestr8.language.catalog import ModuleSpec
from orchestr8.remote.module import Arg

SPEC = ModuleSpec(
    name="group_by",
    controller=True,
    doc="Put a host into a group named by a value.",
    args={
        "key": Arg("str", "The group's name.", required=True),
        "parents": Arg("list", "The groups it belongs to.", default=["all"], elements="str"),
    },
)


def run(work: Work) -> dict[str, Any]:
    """Note the group."""
    name = str(work.args["key"]).replace(" ", "-")
    parents = work.args.get("parents") or ["all"]
    parents = [parents] if isinstance(parents, str) else parents
    parents = [str(parent).replace(" ", "-") for parent in parents]
    work.notes.new_groups.append((name, tuple(parents)))
    return {"changed": True, "add_group": name, "parent_groups": parents}
