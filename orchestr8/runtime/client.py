"""The docker SDK's client for an engine that is reached by streams."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from docker import APIClient
from docker.utils import compare_version

from orchestr8.engine.ports import ByteStream
from orchestr8.runtime.stream_http import StreamAdapter

OLDEST_API = "1.40"
NEWEST_API = "1.47"
CALL_TIMEOUT = 30
_URL = "http://engine.invalid:80"


class EngineClient(APIClient):
    """An APIClient that opens no socket of its own; agrees on the API version at its first request."""

    def __init__(self, open_stream: Callable[[], ByteStream], timeout: float = CALL_TIMEOUT) -> None:
        super().__init__(base_url=_URL, version=OLDEST_API, timeout=int(timeout))
        self.trust_env = False
        self.mount(_URL, StreamAdapter(open_stream))

    def agree(self) -> dict[str, Any]:
        """Ask the engine for its versions and speak the newest that both know; return its answer."""
        answer: dict[str, Any] = self.version(api_version=False)
        theirs = str(answer.get("ApiVersion") or OLDEST_API)
        self._version = theirs if compare_version(theirs, NEWEST_API) > 0 else NEWEST_API
        return answer
