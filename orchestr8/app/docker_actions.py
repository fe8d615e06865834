"""Gives actions that speak to a host's Docker engine their way to it."""

from __future__ import annotations

from typing import Any

from orchestr8.actions.docker_connection import stream_of
from orchestr8.engine.ports import ByteStream
from orchestr8.engine.services.engine_api import DockerAction
from orchestr8.engine.work import Action, Work


def with_engine(run: DockerAction) -> Action:
    """Return an action that is called with the engine of the task's target."""

    def action(work: Work) -> dict[str, Any]:
        from orchestr8.runtime.api import DockerApi

        request = work.request("docker", {})
        place = stream_of(work.args, request.environ)
        seconds = float(work.args.get("timeout") or 60)

        def opened() -> ByteStream:
            return work.connection().stream(place, become=request.become)

        return run(work, DockerApi(work.target, opened, timeout=seconds))

    return action
