"""Wiring of services: Docker, records and probes behind each host's connection."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from orchestr8.engine.options import RunOptions
from orchestr8.engine.ports import Request
from orchestr8.engine.services.agreement import Agreement
from orchestr8.engine.services.play_services import PlayServices, Reached
from orchestr8.engine.services.ports import Answer, Runtime, Site, Target
from orchestr8.inventory.inventory import Inventory
from orchestr8.state.host_records import HostRecords

MODULES = ("o8_state", "o8_probe")
"""What hosts with services are sent."""

_SOCKET = "unix:/var/run/docker.sock"
_DULL = ("playbooks", "deploy", "ansible")


def service_step(
    inventory: Inventory,
    options: RunOptions,
    playbook: str,
    known: frozenset[str],
    agreed: Agreement | None = None,
) -> PlayServices:
    """Return what carries out the services of a playbook's plays."""
    return PlayServices(inventory, options, make_site, default_project(playbook), known, agreed)


def default_project(playbook: str) -> str:
    """Return a project's name from the folder of a playbook."""
    folder = Path(playbook).absolute().parent
    named = folder.parent if folder.name in _DULL and folder.parent.name else folder
    words = re.findall(r"[a-z0-9]+", named.name.lower())
    return "-".join(words)[:63].rstrip("-") or "default"


def make_site(reached: Reached) -> Site:
    """Return a host as a rollout uses it."""
    return Site(
        reached.name,
        docker_runtime(reached),
        HostRecords(reached.name, reached.project, reached.connection, reached.become, reached.state_dir),
        _Probe(reached),
        reached.labels,
    )


def docker_runtime(reached: Reached) -> Runtime:
    """Return the host's Docker engine; the SDK is loaded now."""
    from orchestr8.runtime.docker import DockerRuntime

    return DockerRuntime(reached.name, lambda: reached.connection().stream(_SOCKET, become=reached.become))


class _Probe:
    """Asks targets through the host's runner."""

    def __init__(self, reached: Reached) -> None:
        self._reached = reached

    def __call__(self, targets: Sequence[Target]) -> list[Answer]:
        timeout = max(target.timeout for target in targets) + 10
        asked = [
            {
                "kind": t.kind,
                "address": t.address,
                "port": t.port,
                "path": t.path,
                "host": t.host,
                "expect": [list(pair) for pair in t.expect],
                "timeout": t.timeout,
            }
            for t in targets
        ]
        answer = self._reached.connection().call(Request("o8_probe", {"targets": asked}, timeout=timeout))
        if answer.get("failed"):
            return [Answer(ok=False, detail=str(answer.get("msg"))) for _ in targets]
        return [Answer(bool(a["ok"]), str(a["detail"])) for a in answer["results"]]
