"""Where an HAProxy on a host keeps its file, and how it takes up a new one: through the host's connection."""

from __future__ import annotations

import base64
import contextlib
import socket
import time
from collections.abc import Callable
from typing import Any

from orchestr8.core.errors import HostFailed
from orchestr8.engine.ports import Become, ByteStream, Connection, Request
from orchestr8.traffic.haproxy_names import refused

_TIMEOUT = 30.0
_TAKEN_UP = 10.0
_READ = 65536


class HostFiles:
    """HAProxy in master-worker mode (`-W -S FOLDER/master.sock`), with its file and sockets in one folder."""

    def __init__(
        self,
        host: str,
        connection: Callable[[], Connection],
        folder: str,
        *,
        become: Become | None = None,
        program: str = "haproxy",
    ) -> None:
        self.socket = f"{folder}/admin.sock"
        self.path = f"{folder}/haproxy.cfg"
        self._master = f"{folder}/master.sock"
        self._host, self._connection, self._become, self._program = host, connection, become, program

    def read(self) -> str:
        """Return the file's text."""
        answer = self._connection().call(Request("slurp", {"src": self.path}, become=self._become))
        if answer.get("failed"):
            if "not found" in str(answer.get("msg")):
                return ""
            raise refused(f"{self._host}: {answer.get('msg')}")
        return base64.b64decode(answer["content"]).decode("utf-8", "replace")

    def write(self, text: str) -> None:
        """Put the file in place; HAProxy itself looks at it first."""
        args = {"dest": self.path, "mode": "0600", "validate": f"{self._program} -c -q -f %s"}
        self._call(Request("copy", args, become=self._become, blob=text.encode(), timeout=_TIMEOUT))

    def reload(self) -> None:
        """Have a new worker with the file; the old one ends with its last connection."""
        before = _workers(self._say("show proc"))
        deadline = time.monotonic() + _TAKEN_UP
        with contextlib.suppress(HostFailed):  # the master may hang up before it has answered
            self._say("reload")
        while not self._has_taken_over(before):
            if time.monotonic() > deadline:
                raise refused(f"{self._host}: HAProxy did not take up its new configuration")
            time.sleep(0.05)

    def open(self) -> ByteStream:
        """Open the admin socket."""
        return self._connection().stream(f"unix:{self.socket}", become=self._become)

    def _has_taken_over(self, before: frozenset[str]) -> bool:
        """Whether other workers than before take new connections; for a moment the master answers nobody."""
        try:
            return _workers(self._say("show proc")) - before != frozenset()
        except HostFailed:
            return False

    def _say(self, command: str) -> str:
        try:
            opened = self._connection().stream(f"unix:{self._master}", become=self._become)
            with contextlib.closing(opened) as stream:
                stream.settimeout(_TIMEOUT)
                stream.sendall(command.encode() + b"\n")
                stream.shutdown(socket.SHUT_WR)
                parts = []
                while data := stream.recv(_READ):
                    parts.append(data)
                return b"".join(parts).decode("utf-8", "replace")
        except (OSError, EOFError) as error:
            why = f"{self._host}: HAProxy's master does not answer: {error or type(error).__name__}"
            raise refused(why) from None

    def _call(self, request: Request) -> dict[str, Any]:
        answer = self._connection().call(request)
        if answer.get("failed"):
            raise refused(f"{self._host}: {answer.get('msg')}", answer.get("stderr") or None)
        return answer


def _workers(listing: str) -> frozenset[str]:
    """Return the process ids of the current workers in the master's `show proc`."""
    current = listing.partition("# workers\n")[2].partition("#")[0]
    return frozenset(line.split()[0] for line in current.splitlines() if " worker " in line)
