"""The Engine API of one host, request by request."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from docker.auth import load_config, resolve_repository_name
from docker.utils import parse_repository_tag

from orchestr8.core.errors import Diagnostic
from orchestr8.engine.ports import ByteStream
from orchestr8.engine.services.ports import EngineRefused
from orchestr8.runtime.client import EngineClient
from orchestr8.runtime.errors import engine_errors
from orchestr8.runtime.output import demultiplex

_MISSING = 404


class DockerApi:
    """Fulfils EngineApi over streams; connects at the first request."""

    def __init__(self, host: str, open_stream: Callable[[], ByteStream], timeout: float = 30.0) -> None:
        self._host = host
        self._open_stream = open_stream
        self._timeout = timeout
        self._known: Any = None

    def _client(self) -> Any:
        if self._known is None:
            client = EngineClient(self._open_stream, self._timeout)
            client.agree()
            self._known = client
        return self._known

    def ask(
        self,
        method: str,
        path: str,
        *,
        params: Mapping[str, Any] | None = None,
        body: Mapping[str, Any] | None = None,
        timeout: float | None = None,
    ) -> Any:
        """Return what the engine answers; None for what it does not have."""
        with engine_errors(self._host, f"{method} {path}"):
            client = self._client()
            answer = client.request(
                method,
                f"{client.base_url}/v{client.api_version}{path}",
                params=params,
                json=body,
                timeout=timeout or self._timeout,
            )
            if answer.status_code == _MISSING and method in ("GET", "DELETE"):
                return None
            client._raise_for_status(answer)  # noqa: SLF001 -- turns the engine's message into an error
            if "json" in answer.headers.get("Content-Type", ""):
                return answer.json() if answer.content else {}
            return answer.content

    def pull(self, reference: str, platform: str | None = None) -> None:
        """Pull an image."""
        repository, tag = parse_repository_tag(reference)
        registry, _ = resolve_repository_name(repository)
        with engine_errors(self._host, f"pull {reference}"):
            auth = load_config().resolve_authconfig(registry)
            stream = self._client().pull(
                repository,
                tag or "latest",
                stream=True,
                decode=True,
                auth_config=auth,
                platform=platform,
            )
            for line in stream:
                if error := line.get("error"):
                    raise EngineRefused(
                        Diagnostic("O8-3102", f"{self._host}: cannot pull {reference}: {error}")
                    )

    def logs(self, container: str) -> str:
        """Return what a container has written so far."""
        with engine_errors(self._host, f"read the log of {container}"):
            client = self._client()
            url = client._url("/containers/{0}/logs", container)  # noqa: SLF001
            raw = client._get(url, params={"stdout": 1, "stderr": 1}, stream=True).raw  # noqa: SLF001
            return demultiplex(raw).decode("utf-8", "replace")
