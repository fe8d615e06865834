"""add_host: add a host to the inventory of the running playbook."""

from __future__ import annotations

from typing import Any

from orchestr8.core.errors import Diagnostic, HostFailed
from orchestr8.engine.work import Work
from orchestr8.language.catalog import ModuleSpec
from orchestr8.remote.module import Arg

SPEC = ModuleSpec(
    name="add_host",
    controller=True,
    free=True,
    doc="Add a host to the inventory of the running playbook.",
    args={
        "name": Arg("str", "The host's name.", aliases=["host", "hostname"]),
        "groups": Arg("raw", "Groups it joins.", aliases=["group", "groupname"]),
    },
)
_NAMES = ("name", "host", "hostname")
_GROUPS = ("groups", "group", "groupname")


def run(work: Work) -> dict[str, Any]:
    """Note the host with its groups; every other argument is a variable of it."""
    name = next((str(work.args[key]) for key in _NAMES if work.args.get(key)), None)
    if name is None:
        raise HostFailed(Diagnostic("O8-1211", "name, host or hostname needs to be provided", work.task.span))
    groups = next((work.args[key] for key in _GROUPS if work.args.get(key)), ())
    if isinstance(groups, str):
        groups = [group.strip() for group in groups.split(",")]
    variables = {k: v for k, v in work.args.items() if k not in _NAMES + _GROUPS}
    work.notes.new_hosts.append((name, tuple(map(str, groups)), variables))
    described = {"host_name": name, "groups": list(groups), "host_vars": variables}
    return {"changed": True, "add_host": described}
