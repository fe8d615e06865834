"""One running Caddy: what it is told at run time stands in its file too, so that a restart keeps it."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from typing import Any, Protocol

from orchestr8.engine.services.traffic import TrafficError
from orchestr8.traffic.caddy_admin import CaddyAdmin, refused

_TRIES = 20
_BEGUN = 10.0
_PAUSE = 0.1


class Keeper(Protocol):
    """How the file that Caddy starts with is kept on a host."""

    def read(self) -> str:
        """Return the file's text, empty when there is none."""
        ...

    def write(self, text: str) -> None:
        """Put the file in place whole."""
        ...


class CaddyProcess:
    """Asks and changes a Caddy and its file together."""

    def __init__(self, admin: CaddyAdmin, keeper: Keeper) -> None:
        self._admin = admin
        self._keeper = keeper
        self.host = admin.host

    def wait(self) -> None:
        """Wait until it answers; it was started a moment ago."""
        deadline = time.monotonic() + _BEGUN
        while True:
            try:
                self._admin.config()
            except TrafficError:
                if time.monotonic() > deadline:
                    raise
                time.sleep(_PAUSE)
            else:
                return

    def config(self) -> Any:
        """Return what it has now."""
        return self._admin.config().value

    def upstreams(self) -> dict[str, tuple[int, int]]:
        """Return requests in flight and recent failures by address."""
        return self._admin.upstreams()

    def change(self, change: Callable[[Any], Any]) -> bool:
        """Change what Caddy has and then its file; done anew when somebody else was faster."""
        for _ in range(_TRIES):
            have = self._admin.config()
            wanted = change(have.value)
            live = wanted == have.value
            if live and self._keeper.read() == _text(wanted):
                return False
            if live or self._admin.replace(wanted, have.etag):
                self._keep(wanted)
                return True
            time.sleep(_PAUSE)
        raise self._contended()

    def _keep(self, config: Any) -> None:
        """Have the file hold what Caddy has: who of two changed that last may have written first."""
        for _ in range(_TRIES):
            self._keeper.write(_text(config))
            now = self._admin.config().value
            if now == config:
                return
            config = now
        raise self._contended()

    def _contended(self) -> TrafficError:
        return refused(f"{self.host}: somebody else changes Caddy's configuration all the time")


def _text(config: Any) -> str:
    return json.dumps(config, indent=1, sort_keys=True) + "\n"
