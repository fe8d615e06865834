"""The connections of a run: one a host, opened when first needed, closed together."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from orchestr8.core.errors import Diagnostic
from orchestr8.core.secret import Secret
from orchestr8.engine.ports import Connection, Endpoint, Transport
from orchestr8.transport.failures import bad_endpoint
from orchestr8.transport.heartbeat import Heartbeat
from orchestr8.transport.payload import Payload
from orchestr8.transport.spared import spared

if TYPE_CHECKING:
    from orchestr8.transport.ssh import SshTransport


Key = tuple[str, str, Secret | None, tuple[tuple[str, str], ...]]


class Network:
    """A `Transport` that knows every kind of endpoint; SSH and its libraries are loaded when first used."""

    def __init__(
        self,
        modules: Iterable[str] = (),
        *,
        warn: Callable[[Diagnostic], None] | None = None,
        places: Mapping[str, tuple[str, Path]] | None = None,
    ) -> None:
        self.payload = Payload(modules, places)
        self._heartbeat = Heartbeat()
        self._warn = warn
        self._ssh: SshTransport | None = None
        self._warming: threading.Thread | None = None
        self._lock = threading.Lock()

    def connect(self, endpoint: Endpoint) -> Connection:
        """Connect to a host; raise AuthFailed, HostKeyRefused or Unreachable."""
        if endpoint.kind == "local":
            from orchestr8.transport.local import LocalTransport

            return LocalTransport(self.payload, self._heartbeat).connect(endpoint)
        if endpoint.kind != "ssh":
            raise bad_endpoint(f"{endpoint.name}: connection `{endpoint.kind}` is not known")
        return self.ssh().connect(endpoint)

    def warm(self) -> None:
        """Load the SSH libraries and pack the code in the background, while playbooks are read."""
        self._warming = threading.Thread(target=self.ssh, name="warm", daemon=True)
        self._warming.start()

    def ssh(self) -> SshTransport:
        """Return the SSH transport of the run."""
        with self._lock:
            if self._ssh is None:
                with spared():
                    from orchestr8.transport.ssh import SshTransport

                self._ssh = SshTransport(self.payload, self._heartbeat, self._warn)
            return self._ssh

    def close(self) -> None:
        """End what the connections share."""
        if self._warming is not None:
            # A process that ends while native code is still being loaded aborts instead.
            self._warming.join()
        self._heartbeat.stop()
        if self._ssh is not None:
            self._ssh.close()


class _Slot:
    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.connection: Connection | None = None


class Pool:
    """Open connections by endpoint; any thread may ask."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport
        self._slots: dict[Key, _Slot] = {}
        self._lock = threading.Lock()
        self._closed = False

    def connection(self, endpoint: Endpoint) -> Connection:
        """Return the connection to an endpoint, opening it when there is none or it was lost."""
        slot = self._slot(endpoint)
        with slot.lock:
            if slot.connection is not None and not slot.connection.alive:
                slot.connection.close()
                slot.connection = None
            if slot.connection is None:
                if self._closed:
                    raise bad_endpoint(f"{endpoint.name}: the run is over")
                slot.connection = self._transport.connect(endpoint)
            return slot.connection

    def drop(self, endpoint: Endpoint) -> None:
        """Close a connection, if there is one; the next call opens a new one."""
        slot = self._slot(endpoint)
        with slot.lock:
            if slot.connection is not None:
                slot.connection.close()
                slot.connection = None

    def close(self) -> None:
        """Close all connections; none waits for its host."""
        with self._lock:
            self._closed = True
            slots = list(self._slots.values())
        for slot in slots:
            if slot.connection is not None:
                slot.connection.close()

    def _slot(self, endpoint: Endpoint) -> _Slot:
        key = _key(endpoint)
        with self._lock:
            return self._slots.setdefault(key, _Slot())


def _key(endpoint: Endpoint) -> Key:
    plain = replace(endpoint, options={})
    return plain.name, repr(plain), endpoint.password, tuple(sorted(endpoint.options.items()))
