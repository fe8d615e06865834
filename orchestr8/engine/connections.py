"""Connections of a run: one for each way to reach a host, opened when first used and when it was lost."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from typing import Any

from orchestr8.engine.ports import Connection, Endpoint, Transport

VARIABLES = tuple(
    f"ansible_{name}"
    for name in (
        "host", "port", "user", "password", "connection", "python_interpreter", "timeout", "ssh_host",
        "ssh_port", "ssh_user", "ssh_pass", "ssh_password", "ssh_private_key_file", "private_key_file",
        "ssh_common_args",
        "ssh_extra_args", "ssh_args", "ssh_timeout", "host_key_checking", "ssh_host_key_checking",
        "shell_executable",
    )
)  # fmt: skip
"""The variables that say how to reach a host."""

MakeEndpoint = Callable[[str, Mapping[str, Any]], Endpoint]
_Key = tuple[Any, ...]


class Connections:
    """Opens each connection once and keeps it until it is lost; safe to use from several threads."""

    def __init__(self, transport: Transport, endpoint: MakeEndpoint) -> None:
        self._transport = transport
        self._endpoint = endpoint
        self._lock = threading.Lock()
        self._opening: dict[_Key, threading.Lock] = {}
        self._open: dict[_Key, Connection] = {}

    def open(self, host: str, variables: Mapping[str, Any]) -> Connection:
        """Return the connection to a host, opened now if need be; raise Unreachable."""
        endpoint = self._endpoint(host, variables)
        key = _key(endpoint)
        found = self._open.get(key)
        if found is not None and found.alive:
            return found
        with self._lock:
            opening = self._opening.setdefault(key, threading.Lock())
        with opening:
            found = self._open.get(key)
            if found is not None and not found.alive:
                self._open.pop(key, None)
                found.close()
                found = None
            if found is None:
                found = self._open[key] = self._transport.connect(endpoint)
            return found

    def drop(self, host: str) -> None:
        """Close a host's connections; they are opened again when needed."""
        with self._lock:
            dropped = [self._open.pop(key) for key in list(self._open) if key[0] == host]
        for connection in dropped:
            connection.close()

    def close(self) -> None:
        """Close every connection."""
        with self._lock:
            closing, self._open = list(self._open.values()), {}
        for connection in closing:
            connection.close()


def _key(endpoint: Endpoint) -> _Key:
    options = tuple(sorted(endpoint.options.items()))
    return (
        endpoint.name, endpoint.address, endpoint.port, endpoint.user, endpoint.kind, endpoint.python,
        endpoint.key_file, options,
    )  # fmt: skip
