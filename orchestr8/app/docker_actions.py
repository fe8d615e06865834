"""Gives actions that speak to a host's Docker engine their way to it."""

from __future__ import annotations

from typing import Any

from orchestr8.engine.services.engine_api import DockerAction
from orchestr8.engine.work import Action, Work

_SOCKET = "unix:/var/run/docker.sock"


def with_engine(run: DockerAction) -> Action:
    """Return an action that is called with the engine of the task's target."""

    def action(work: Work) -> dict[str, Any]:
        from orchestr8.runtime.api import DockerApi

        become = work.request("docker", {}).become
        return run(work, DockerApi(work.target, lambda: work.connection().stream(_SOCKET, become=become)))

    return action
