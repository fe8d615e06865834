"""Where an HAProxy on a host keeps its file, and how it takes up a new one: through the host's connection."""

from __future__ import annotations

import base64
import contextlib
import socket
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from orchestr8.core.errors import HostFailed
from orchestr8.core.secret import Secret
from orchestr8.engine.ports import Become, ByteStream, Connection, Request
from orchestr8.engine.services.traffic import TrafficError
from orchestr8.traffic.haproxy_config import HEAD
from orchestr8.traffic.haproxy_master import failed, failures, old_workers, workers
from orchestr8.traffic.haproxy_names import refused
from orchestr8.traffic.haproxy_socket import reason

MODULES = ("o8_edge", "command")
"""What a host must be able to run."""

_TIMEOUT = 30.0
_TAKEN_UP = 10.0
_READ = 65536
_ENDED = "Can't find the target PID"


@dataclass(frozen=True, slots=True)
class Kept:
    """What a host keeps: the file's text and digest, and the digests of certificates by their names."""

    text: str
    digest: str
    certificates: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Setup:
    """How an HAProxy was started: our file, the folder of what belongs to it, program, master's socket.

    files: all files it was started with, when there are others than ours.
    """

    path: str
    folder: str
    program: str = "haproxy"
    master: str = ""
    files: tuple[str, ...] = ()


class HostFiles:
    """HAProxy in master-worker mode (`-W -S FOLDER/master.sock`), with its file and sockets in one folder.

    `check` runs a command where HAProxy is and returns its exit code and output; by default on the host.
    `gateway` tells the host's address as its containers know it.
    """

    head: str | None
    """What stands before our section, where the whole file is ours."""

    def __init__(
        self,
        host: str,
        connection: Callable[[], Connection],
        folder: str,
        *,
        become: Become | None = None,
        check: Callable[[Sequence[str]], tuple[int, str]] | None = None,
        gateway: Callable[[], str] = str,
    ) -> None:
        self.host, self.socket = host, f"{folder}/admin.sock"
        self.head = HEAD.format(socket=self.socket)
        self._fixed = Setup(f"{folder}/haproxy.cfg", folder, master=f"{folder}/master.sock")
        self._connection, self._become = connection, become
        self._check = check or self._on_host
        self.gateway = gateway

    @property
    def setup(self) -> Setup:
        """How HAProxy was started."""
        return self._fixed

    @property
    def folder(self) -> str:
        """The folder of what belongs to the file."""
        return self.setup.folder

    def ready(self) -> None:
        """Have HAProxy running; somebody else sees to that."""

    def standing(self) -> bool:
        """Whether HAProxy should be running already."""
        return True

    def look(self) -> Kept:
        """Return what the host keeps."""
        answer = self._edge("look", {"path": self.setup.path, "certs": f"{self.setup.folder}/certs"})
        try:
            text = base64.b64decode(answer["text"]).decode()
        except UnicodeDecodeError:
            raise refused(f"{self.host}: {self.setup.path} is not UTF-8") from None
        return Kept(text, answer["digest"], answer["certificates"])

    def test(self, text: str) -> None:
        """Have HAProxy itself look at a file beforehand."""
        staged = str(self._edge("stage", {"path": self.setup.path}, text.encode())["staged"])
        try:
            code, said = self._check([self.setup.program, "-c", "-q", *self.files(staged)])
        finally:
            self._edge("drop", {"path": staged})
        if code:
            why = f"{self.host}: HAProxy does not take its new file: {shown(said)}"
            raise refused(why, "the file that HAProxy runs with was not changed", "O8-3502")

    def files(self, staged: str) -> list[str]:
        """Return HAProxy's arguments that name its files, with another one in the place of ours."""
        files = self.setup.files or (self.setup.path,)
        return [word for file in files for word in ("-f", staged if file == self.setup.path else file)]

    def place(self, text: str, over: str) -> bool:
        """Put the file in place; False when the one there is not the one of this digest."""
        answer = self._edge("place", {"path": self.setup.path, "expect": over}, text.encode())
        return not answer.get("conflict")

    def keep(self, certificates: Mapping[str, Secret]) -> None:
        """Keep certificates for the next start."""
        if certificates:
            put = [{"name": each, "text": pem.reveal()} for each, pem in certificates.items()]
            self._edge("keep", {"certs": f"{self.setup.folder}/certs", "put": put})

    def reload(self) -> None:
        """Have a new worker with the file; the old one ends with its last connection."""
        before = self._say("show proc")
        deadline = time.monotonic() + _TAKEN_UP
        try:
            answer = self._say("reload")
        except HostFailed:  # the master may hang up before it has answered
            answer = ""
        if why := failed(answer):
            raise self._not_taken(why)
        while not self._has_taken_over(before):
            if time.monotonic() > deadline:
                raise self._not_taken("no new worker after 10 s")
            time.sleep(0.05)

    def elders(self, command: str) -> list[str]:
        """Return what old workers, that still have connections, answer to a command."""
        answers = [self._say(f"@!{pid} {command}") for pid in old_workers(self._say("show proc"))]
        return [answer for answer in answers if answer and not answer.startswith(_ENDED)]

    def open(self) -> ByteStream:
        """Open the admin socket."""
        return self._connection().stream(f"unix:{self.socket}", become=self._become)

    def _has_taken_over(self, before: str) -> bool:
        """Whether other workers than before take new connections; for a moment the master answers nobody."""
        try:
            now = self._say("show proc")
        except HostFailed:
            return False
        if failures(now) > failures(before):
            raise self._not_taken("its log says why")
        return workers(now) - workers(before) != frozenset()

    def _not_taken(self, why: str) -> TrafficError:
        hint = "most often another program on the host listens on one of the ports"
        return refused(f"{self.host}: HAProxy did not take up its new file: {shown(why)}", hint, "O8-3502")

    def _say(self, command: str) -> str:
        try:
            opened = self._connection().stream(f"unix:{self.setup.master}", become=self._become)
            with contextlib.closing(opened) as stream:
                stream.settimeout(_TIMEOUT)
                stream.sendall(command.encode() + b"\n")
                stream.shutdown(socket.SHUT_WR)
                parts = []
                while data := stream.recv(_READ):
                    parts.append(data)
                return b"".join(parts).decode("utf-8", "replace")
        except (OSError, EOFError, HostFailed) as error:
            why = f"{self.host}: HAProxy's master does not answer: {reason(error)}"
            raise refused(why) from None

    def _on_host(self, command: Sequence[str]) -> tuple[int, str]:
        request = Request("command", {"argv": list(command)}, become=self._become, timeout=_TIMEOUT)
        answer = self._connection().call(request)
        said = "\n".join(str(answer.get(key) or "") for key in ("stderr", "stdout", "msg"))
        return int(answer.get("rc", 1 if answer.get("failed") else 0)), said

    def _edge(self, op: str, args: dict[str, Any], blob: bytes = b"") -> dict[str, Any]:
        request = Request("o8_edge", {"op": op, **args}, become=self._become, blob=blob, timeout=_TIMEOUT)
        answer = self._connection().call(request)
        if answer.get("failed"):
            raise refused(f"{self.host}: {answer.get('msg')}")
        return answer


def shown(said: str) -> str:
    """Return what HAProxy said in one line: its alerts, without times and process ids."""
    lines = [line.strip() for line in said.splitlines() if line.strip()]
    alerts = [line.partition(": ")[2] or line for line in lines if "[ALERT]" in line] or lines
    return "; ".join(alerts)[:600] or "it says nothing"
