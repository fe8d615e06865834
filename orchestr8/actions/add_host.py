"""add_host: add a host to the inventory of the running playbook."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from orchestr8.core.errors import Diagnostic, HostFailed
from orchestr8.engine.work import Work
from orchestr8.inventory.names import BadName, split_port
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
    written = next((str(work.args[key]) for key in _NAMES if work.args.get(key)), None)
    if written is None:
        raise HostFailed(Diagnostic("O8-1211", "name, host or hostname needs to be provided", work.task.span))
    groups = next((work.args[key] for key in _GROUPS if work.args.get(key)), ())
    if isinstance(groups, str):
        groups = [group.strip() for group in groups.split(",")]
    name, port = _host_and_port(written)
    variables = {k: v for k, v in work.args.items() if k not in _NAMES + _GROUPS}
    variables |= {"ansible_ssh_port": port} if port is not None else {}
    changed = _is_news(work, name, [str(group) for group in groups], variables)
    work.notes.new_hosts.append((name, tuple(map(str, groups)), variables))
    described = {"host_name": name, "groups": list(groups), "host_vars": variables}
    return {"changed": changed, "add_host": described}


def _host_and_port(written: str) -> tuple[str, int | None]:
    try:
        return split_port(written)
    except BadName as failure:
        raise HostFailed(Diagnostic("O8-1502", str(failure))) from None


def _is_news(work: Work, name: str, groups: list[str], variables: Mapping[str, Any]) -> bool:
    """Return whether the inventory does not know the host so yet."""
    if any((name, tuple(groups), variables) in notes.new_hosts for notes in work.earlier):
        return False
    known, hosts = work.scope.get("groups") or {}, work.scope.get("hostvars")
    if hosts is None or name not in hosts:
        return True
    if any(name not in known.get(group, ()) for group in groups):
        return True
    own = hosts[name]
    return any(key not in own or own[key] != value for key, value in variables.items())
