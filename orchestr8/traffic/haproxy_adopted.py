"""An HAProxy that others installed and started: only a section of its file is ours."""

from __future__ import annotations

import posixpath
import time
from collections.abc import Callable, Sequence
from functools import cached_property
from typing import Any

from orchestr8.core.errors import HostFailed
from orchestr8.engine.ports import Become, Connection, Request
from orchestr8.traffic.haproxy_names import refused
from orchestr8.traffic.haproxy_socket import HaproxySocket
from orchestr8.traffic.host_files import HostFiles, Setup

_TAKEN_UP = 15.0
_FILE_HINT = "start it with an absolute path as well: -f /etc/haproxy/orchestr8.cfg (the file may be empty)"
_HINT = "run it on the host in master-worker mode (-W or -Ws), with its file given by -f"


class AdoptedFiles(HostFiles):
    """Finds by the admin socket how HAProxy was started, and from that where its file is."""

    def __init__(
        self, host: str, connection: Callable[[], Connection], socket: str, *, become: Become | None = None
    ) -> None:
        super().__init__(host, connection, posixpath.dirname(socket), become=become)
        self.socket, self.head = socket, None
        self._admin = HaproxySocket(host, self.open)

    @property
    def setup(self) -> Setup:
        """How HAProxy was started."""
        return self._found

    @cached_property
    def _found(self) -> Setup:
        """Return where our section goes: the last file that HAProxy was started with."""
        told = self._process()
        words: list[str] = told["parent_argv"] if _is_haproxy(told["parent_argv"]) else told["argv"]
        if not _is_haproxy(words):
            raise refused(f"{self.host}: the process of HAProxy is not to be seen on the host", _HINT)
        files = _values(words, "-f")
        path = next((file for file in reversed(files) if file.endswith(".cfg") and file.startswith("/")), "")
        if not path:
            raise refused(f"{self.host}: HAProxy was started without a file of its own for us", _FILE_HINT)
        master = next(iter(_values(words, "-S")), "").split(",")[0]
        folder = posixpath.join(posixpath.dirname(path), "orchestr8")
        return Setup(path, folder, words[0], master, tuple(files))

    def reload(self) -> None:
        """Have a new worker, by the master's socket or by the signal that service managers send."""
        if self.setup.master:
            super().reload()
            return
        told = self._process()
        if not _is_haproxy(told["parent_argv"]):
            raise refused(f"{self.host}: HAProxy runs without a master, so that it cannot be reloaded", _HINT)
        argv = ["kill", "-USR2", str(told["parent"])]
        self._connection().call(Request("command", {"argv": argv}, become=self._become))
        deadline = time.monotonic() + _TAKEN_UP
        while self._pid() in ("", str(told["pid"])):
            if time.monotonic() > deadline:
                raise self._not_taken("no new worker after 15 s")
            time.sleep(0.1)

    def elders(self, command: str) -> list[str]:
        """Return what old workers answer; without the master's socket nobody can ask them."""
        return super().elders(command) if self.setup.master else []

    def _process(self) -> dict[str, Any]:
        pid = self._admin.ask("show info").partition("\nPid: ")[2].split("\n")[0]
        return {**self._edge("process", {"pid": int(pid) if pid.isdigit() else 0}), "pid": pid}

    def _pid(self) -> str:
        try:
            return self._admin.ask("show info").partition("\nPid: ")[2].split("\n")[0]
        except HostFailed:
            return ""


def _is_haproxy(words: Sequence[str]) -> bool:
    return bool(words) and posixpath.basename(words[0]).startswith("haproxy")


def _values(words: Sequence[str], option: str) -> list[str]:
    """Return what follows an option, as often as it is there; HAProxy takes several files after one `-f`."""
    found: list[str] = []
    taking = False
    for word in words[1:]:
        if word.startswith("-"):
            taking = word == option
        elif taking:
            found.append(word)
    return found
