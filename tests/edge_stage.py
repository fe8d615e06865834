"""A balancer on one host of the fleet with replicas behind it, and eyes that look at it from outside."""

from __future__ import annotations

import http.client
import json
import socket
import ssl
import subprocess
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from orchestr8.core.secret import Secret
from orchestr8.deploy.traffic import Member, Tls
from orchestr8.engine.ports import Connection, Endpoint
from orchestr8.engine.services.traffic import TrafficError
from orchestr8.transport.pool import Network
from tests.bed import Fleet

ECHO = """\
import socket
server = socket.create_server(("", 8080))
while True:
    peer, _ = server.accept()
    head = peer.recv(65536)
    if b"Upgrade" in head:
        lines = [b"HTTP/1.1 101 Switching Protocols", b"Upgrade: websocket", b"Connection: Upgrade"]
        lines += [b"Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=", b""]
        peer.sendall(b"".join(line + b"\\r\\n" for line in lines))
    else:
        peer.sendall(head)
    while data := peer.recv(65536):
        peer.sendall(data)
    peer.close()
"""


@dataclass
class Answer:
    """What a client got: status, headers in lower case, and the application's own words."""

    status: int
    headers: dict[str, str] = field(default_factory=dict)
    body: dict[str, Any] = field(default_factory=dict)

    @property
    def container(self) -> str:
        """The container that answered."""
        return str(self.body.get("container", ""))


class EdgeStage:
    """Replicas `o8edge-1` … on one host, reachable from a balancer there."""

    def __init__(self, fleet: Fleet, host: str = "h1") -> None:
        self.fleet, self.host = fleet, fleet.host(host)
        self._network: Network | None = None
        self._known: dict[str, Member] = {}

    def connection(self, modules: tuple[str, ...]) -> Connection:
        """Return a connection to the host."""
        self._network = Network(list(modules))
        options = {"UserKnownHostsFile": str(self.host.known_hosts), "ConfigFile": "none"}
        way = Endpoint(
            self.host.name, self.host.address, user="root", key_file=str(self.host.key), options=options
        )
        return self._network.connect(way)

    def start(self, **images: str) -> None:
        """Start replicas by name; `echo` speaks websockets and plain TCP."""
        self.stop()
        for name, tag in images.items():
            command = ["python3", "-c", ECHO] if tag == "echo" else []
            image = self.fleet.image("v1" if tag == "echo" else tag)
            run = ["docker", "run", "-d", "--name", f"o8edge-{name}", "--label", "o8.test=edge"]
            done = self.fleet.exec(self.host.name, [*run, image, *command])
            assert done.rc == 0, done
        self._known = {name: self._member(name) for name in images}

    def stop(self) -> None:
        """Remove the replicas."""
        listed = ["docker", "ps", "-aq", "--filter", "label=o8.test=edge"]
        if ids := self.fleet.exec(self.host.name, listed).stdout.split():
            self.fleet.exec(self.host.name, ["docker", "rm", "-f", *ids])

    def close(self) -> None:
        """End the connection and remove the replicas."""
        if self._network:
            self._network.close()
        self.stop()

    def member(self, name: str) -> Member:
        """Return a replica as a member."""
        return self._known[name]

    def id(self, name: str) -> str:
        """Return what a replica calls itself in its answers."""
        done = self.fleet.exec(
            self.host.name, ["docker", "inspect", "-f", "{{.Config.Hostname}}", f"o8edge-{name}"]
        )
        return done.stdout.strip()

    def _member(self, name: str) -> Member:
        form = "{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}"
        found = self.fleet.exec(self.host.name, ["docker", "inspect", "-f", form, f"o8edge-{name}"])
        return Member(f"o8edge-{name}", found.stdout.strip(), 8080)

    def get(
        self, port: int, path: str = "/", headers: Mapping[str, str] | None = None, trust: str = ""
    ) -> Answer:
        """Ask once; `trust` is the certificate that the balancer has to show."""
        connection: http.client.HTTPConnection = http.client.HTTPConnection(
            self.host.address, port, timeout=10
        )
        if trust:
            context = ssl.create_default_context(cadata=trust)
            host = (headers or {}).get("Host", "localhost")
            raw = socket.create_connection((self.host.address, port), timeout=10)
            connection.sock = context.wrap_socket(raw, server_hostname=host)
        try:
            connection.request("GET", path, headers=dict(headers or {}))
            reply = connection.getresponse()
            text = reply.read()
        finally:
            connection.close()
        found = {name.lower(): value for name, value in reply.getheaders()}
        return Answer(
            reply.status, found, json.loads(text) if found.get("content-type") == "application/json" else {}
        )


def eventually(true: Callable[[], bool], seconds: float = 20) -> None:
    """Wait until something is so."""
    deadline = time.monotonic() + seconds
    while True:
        try:
            if true():
                return
        except (TrafficError, OSError):
            pass
        assert time.monotonic() < deadline, "it did not come about"
        time.sleep(0.05)


def made_certificate(folder: Path, name: str) -> Tls:
    """Return a new certificate for a host name, signed by itself."""
    key, certificate = folder / "key.pem", folder / "cert.pem"
    options = ["-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2"]
    names = ["-subj", f"/CN={name}", "-addext", f"subjectAltName=DNS:{name}"]
    files = ["-keyout", str(key), "-out", str(certificate)]
    subprocess.run(["openssl", "req", *options, *names, *files], check=True, capture_output=True)
    return Tls(Secret(certificate.read_text()), Secret(key.read_text()))
