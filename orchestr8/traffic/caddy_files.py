"""Where a Caddy on a host keeps its file and its socket: in one folder, through the host's connection."""

from __future__ import annotations

import base64
import json
import posixpath
from collections.abc import Callable

from orchestr8.engine.ports import Become, ByteStream, Connection, Request
from orchestr8.traffic.caddy_admin import refused

MODULES = ("copy", "file", "slurp")
"""What a host must be able to run."""

_TIMEOUT = 30.0


class CaddyFiles:
    """A Caddy that runs as `caddy run --config STEM.json`, its admin socket beside that file."""

    def __init__(
        self, host: str, connection: Callable[[], Connection], stem: str, become: Become | None = None
    ) -> None:
        self.socket = f"{stem}.sock"
        self.path = f"{stem}.json"
        self._host, self._connection, self._become = host, connection, become

    def begin(self, text: str) -> None:
        """Have a file to start with, in a folder that is its owner's alone; one that is there stays."""
        folder = {"path": posixpath.dirname(self.path), "state": "directory", "mode": "0700"}
        self._call(Request("file", folder, become=self._become))
        if not self.read():
            self.write(text)

    def read(self) -> str:
        """Return the file's text."""
        answer = self._connection().call(Request("slurp", {"src": self.path}, become=self._become))
        if answer.get("failed"):
            if "not found" in str(answer.get("msg")):
                return ""
            raise refused(f"{self._host}: {answer.get('msg')}")
        return base64.b64decode(answer["content"]).decode("utf-8", "replace")

    def write(self, text: str) -> None:
        """Put the file in place; it holds private keys, so it is its owner's alone."""
        args = {"dest": self.path, "mode": "0600"}
        self._call(Request("copy", args, become=self._become, blob=text.encode(), timeout=_TIMEOUT))

    def open(self) -> ByteStream:
        """Open the admin socket."""
        return self._connection().stream(f"unix:{self.socket}", become=self._become)

    def _call(self, request: Request) -> None:
        answer = self._connection().call(request)
        if answer.get("failed"):
            raise refused(f"{self._host}: {answer.get('msg')}")


def first_config(stem: str) -> str:
    """Return the file that a Caddy starts with before it has any route."""
    admin = {"listen": f"unix/{stem}.sock|0600", "config": {"persist": False}}
    return json.dumps({"admin": admin}) + "\n"
