"""package: manage packages by the manager that a variable, an argument or the host says."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import replace
from typing import Any

from orchestr8.core.errors import Diagnostic, HostFailed
from orchestr8.engine.ports import Request
from orchestr8.engine.work import Work
from orchestr8.language.catalog import remote_spec
from orchestr8.remote.other_packages import TOOLS

SPEC = replace(remote_spec("package"), controller=True, checks_itself=True)


def run(work: Work) -> Generator[Request, dict[str, Any], dict[str, Any]]:
    """Hand over to the host's module with the manager that `use` or `ansible_package_use` names."""
    use = str(work.args.get("use") or "auto")
    if use == "auto" and "ansible_package_use" in work.scope:
        use = str(work.templar.render(work.scope["ansible_package_use"], work.scope))
    if use.rpartition(".")[2] not in ("auto", "apt", *TOOLS):
        message = f'Could not find a matching action for the "{use}" package manager.'
        raise HostFailed(Diagnostic("O8-1203", message, work.task.action_span))
    return (yield work.request("package", {**work.args, "use": use}))
