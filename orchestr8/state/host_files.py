"""Configs and secrets kept on a host, put there through its connection."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any

from orchestr8.core.errors import Diagnostic
from orchestr8.deploy.model import Attached
from orchestr8.engine.ports import Become, Connection, Request
from orchestr8.state.asked import asked
from orchestr8.state.host_records import ROOT

MODULE = "o8_files"
_TIMEOUT = 60.0


class HostFiles:
    """One project's files on one host; each is sent once."""

    def __init__(
        self,
        host: str,
        project: str,
        connection: Callable[[], Connection],
        become: Become | None = None,
        root: str = "",
    ) -> None:
        self._host = host
        self._project = project
        self._connection = connection
        self._become = become
        self._root = root or ROOT
        self._sent: dict[tuple[str, str], str] = {}

    def put(self, service: str, files: Sequence[Attached]) -> Mapping[str, str]:
        """Have files on the host in one round trip; return their paths by name."""
        missing = [file for file in files if (service, file.name) not in self._sent]
        if missing:
            sent = [_encoded(file) for file in missing]
            folder = self._call({"op": "put", "service": service, "put": sent})["folder"]
            self._sent.update({(service, file.name): f"{folder}/{file.name}" for file in missing})
        return {file.name: self._sent[service, file.name] for file in files}

    def keep(self, service: str, names: Collection[str]) -> None:
        """Remove a service's files but some."""
        self._call({"op": "keep", "service": service, "names": sorted(names)})
        self._sent = {key: path for key, path in self._sent.items() if key[1] in names}

    def _call(self, args: Mapping[str, Any]) -> dict[str, Any]:
        sent = {**args, "root": self._root, "project": self._project}
        return asked(
            self._connection,
            Request(MODULE, sent, become=self._become, timeout=_TIMEOUT),
            lambda why, hint: Diagnostic(
                "O8-3331", f"{self._host}: configs and secrets cannot be put there: {why}", hint=hint
            ),
        )


def _encoded(file: Attached) -> dict[str, Any]:
    return {"name": file.name, "text": file.text, "mode": file.mode, "uid": file.uid, "gid": file.gid}
