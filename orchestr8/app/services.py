"""Wiring of services: Docker, records and probes behind each host's connection."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from orchestr8.app.failpoints import failpoint
from orchestr8.app.gate_asks import gate_asks
from orchestr8.app.lock_terms import lock_terms
from orchestr8.deploy.ingress import Ingress
from orchestr8.engine.options import RunOptions
from orchestr8.engine.ports import Fence, Request
from orchestr8.engine.services.agreement import Agreement
from orchestr8.engine.services.play_services import PlayServices, Reached
from orchestr8.engine.services.ports import Answer, Executed, Runtime, Site, Target
from orchestr8.engine.services.traffic import Edge
from orchestr8.inventory.inventory import Inventory
from orchestr8.state.host_files import HostFiles
from orchestr8.state.host_lock import HostLock
from orchestr8.state.host_records import ROOT, HostRecords

if TYPE_CHECKING:
    from orchestr8.app.fleet import Fleet
    from orchestr8.runtime.log_stream import LogStream

MODULES = ("o8_state", "o8_probe", "o8_lock", "o8_look", "o8_edge", "copy", "file", "slurp")
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
    terms, at = lock_terms(options, f"o8 run {playbook}"), failpoint(os.environ)
    project = default_project(playbook)
    return PlayServices(
        inventory, options, make_site, make_edge, project, known, agreed, terms=terms, at=at, asks=gate_asks()
    )


def default_project(playbook: str) -> str:
    """Return a project's name from the folder of a playbook."""
    folder = Path(playbook).absolute().parent
    named = folder.parent if folder.name in _DULL and folder.parent.name else folder
    words = re.findall(r"[a-z0-9]+", named.name.lower())
    return "-".join(words)[:63].rstrip("-") or "default"


def make_site(reached: Reached, token: int | None = None) -> Site:
    """Return a host as a rollout uses it: as the holder of a token, or as somebody who only looks."""
    root = reached.state_dir or ROOT
    host, project, become = reached.name, reached.project, reached.become
    return Site(
        host,
        docker_runtime(reached, None if token is None else Fence(f"{root}/{project}", token)),
        HostRecords(host, project, reached.connection, become, root, token),
        _Probe(reached),
        HostFiles(host, project, reached.connection, become, root),
        reached.labels,
        HostLock(host, project, reached.connection, become, root),
        lambda fresh: make_site(reached, fresh),
        lambda words, timeout: _execute(reached, words, timeout),
        reached.address,
    )


def _execute(reached: Reached, words: Sequence[str], timeout: float) -> Executed:
    """Run a program on a host and return how it ended."""
    args = {"argv": list(words), "expand_argument_vars": False}
    answer = reached.connection().call(Request("command", args, become=reached.become, timeout=timeout))
    said = str(answer.get("stderr") or ("" if "rc" in answer else answer.get("msg", "")))
    return Executed(int(answer.get("rc", 255)), str(answer.get("stdout") or ""), said)


def make_edge(reached: Reached, ingress: Ingress) -> Edge:
    """Return the balancer of a host as a service's ingress names it."""
    if ingress.via == "caddy":
        from orchestr8.app.caddy_edges import caddy_edge

        return caddy_edge(reached, ingress, docker_runtime(reached))
    from orchestr8.app.haproxy_edges import haproxy_edge

    return haproxy_edge(reached, ingress, docker_runtime(reached))


def docker_runtime(reached: Reached, fence: Fence | None = None) -> Runtime:
    """Return the host's Docker engine; the SDK is loaded now. A fence lets the lease's holder in alone."""
    from orchestr8.runtime.docker import DockerRuntime

    become = reached.become
    return DockerRuntime(
        reached.name,
        lambda: reached.connection().stream(_SOCKET, become=become, fence=fence),
        lambda request: reached.connection().call(replace(request, become=become)),
    )


def log_stream(fleet: Fleet, host: str) -> LogStream:
    """Return what reads the logs of a host's containers."""
    from orchestr8.runtime.log_stream import LogStream

    become = fleet.become_of(host)
    return LogStream(host, lambda: fleet.connection_of(host).stream(_SOCKET, become=become))


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
                "headers": dict(t.headers),
                "shown": t.shown,
            }
            for t in targets
        ]
        answer = self._reached.connection().call(Request("o8_probe", {"targets": asked}, timeout=timeout))
        if answer.get("failed"):
            return [Answer(ok=False, detail=str(answer.get("msg"))) for _ in targets]
        return [
            Answer(bool(a["ok"]), str(a["detail"]), a.get("status"), a.get("body"), a.get("seconds"))
            for a in answer["results"]
        ]
