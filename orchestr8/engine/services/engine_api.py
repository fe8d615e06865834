"""The Engine API of one host as actions speak it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Protocol

from orchestr8.engine.work import Work


class EngineApi(Protocol):
    """Sends requests of the Engine API (docs.docker.com/reference/api/engine); raises EngineError."""

    def ask(
        self,
        method: str,
        path: str,
        *,
        params: Mapping[str, Any] | None = None,
        body: Mapping[str, Any] | None = None,
        timeout: float | None = None,
    ) -> Any:
        """Return the answer's JSON, its text when it is none, {} when it is empty, None for 404."""
        ...

    def pull(self, reference: str, platform: str | None = None) -> None:
        """Have an image pulled with the controller's credentials, even if one of that name is there."""
        ...

    def logs(self, container: str) -> str:
        """Return what a container has written so far."""
        ...


DockerAction = Callable[[Work, EngineApi], dict[str, Any]]
