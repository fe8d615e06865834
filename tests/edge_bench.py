"""Real load balancers on a host of the fleet, with replicas of the application behind them."""

from __future__ import annotations

import json
import ssl
import threading
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.message import Message
from typing import Any

from orchestr8.deploy.traffic import Member
from orchestr8.engine.ports import Connection, Endpoint
from orchestr8.engine.services.traffic import Edge, TrafficError
from orchestr8.traffic.caddy import CaddyEdge
from orchestr8.traffic.caddy_admin import CaddyAdmin
from orchestr8.traffic.caddy_files import CaddyFiles, first_config
from orchestr8.traffic.caddy_process import CaddyProcess
from orchestr8.traffic.haproxy import HaproxyEdge
from orchestr8.traffic.haproxy_socket import HaproxySocket
from orchestr8.traffic.host_files import MODULES, HostFiles
from orchestr8.transport.pool import Network
from tests.bed import Fleet
from tests.edge_contract import PORT
from tests.edges import begin
from tests.waiting import PATIENCE, wait_for

HOST = "h1"
GATEWAY = "172.17.0.1"
FOLDER = "/run/o8-edge-caddy"
HAPROXY = "/run/o8-edge"
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
_ADDRESS = "{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}"


@dataclass
class RealBench:
    """A balancer on a host; replicas 1 and 2 are of version v1, 3 is of v2, 4 speaks websockets and tcp."""

    fleet: Fleet
    edge: Edge
    kind: str
    members: dict[int, Member] = field(default_factory=dict)

    @property
    def url(self) -> str:
        return f"http://{self.fleet.host(HOST).address}:{PORT}"

    def member(self, number: int, weight: int = 100) -> Member:
        if number not in self.members:
            named = f"{self.kind}-{number}"
            version = "v2" if number == 3 else "v1"
            run = ["docker", "run", "-d", "--rm", "--name", named, "--label", f"o8.test={self.kind}"]
            echo = ["python3", "-c", ECHO] if number == 4 else []
            done = self.fleet.exec(HOST, [*run, self.fleet.image(version), *echo])
            assert done.rc == 0, done
            found = self.fleet.exec(HOST, ["docker", "inspect", "-f", _ADDRESS, named])
            self.members[number] = Member(named, found.stdout.strip(), 8080)
            knock = ["curl", "-s", "-m", "1", "-o", "/dev/null", found.stdout.strip() + ":8080"]
            wait_for(lambda: self.fleet.exec(HOST, knock).rc != 7)
        made = self.members[number]
        return Member(made.name, made.address, made.port, weight)

    @contextmanager
    def busy(self, member: Member) -> Iterator[None]:
        """Have a slow request in flight, begun before the block and ended by its end."""
        answers: list[int] = []
        thread = threading.Thread(target=lambda: answers.append(self.status("/?slow=1.5")))
        thread.start()
        wait_for(lambda: self.current(member) == 1)
        yield
        thread.join(PATIENCE)
        assert answers == [200]
        wait_for(lambda: self.current(member) == 0)

    def current(self, member: Member) -> int:
        """Return the number of requests in flight at a member."""
        return sum(s.current for s in self.edge.members("web") if s.member.name == member.name)

    def status(self, path: str = "/", **headers: str) -> int:
        return self.ask(path, **headers)[0]

    def ask(self, path: str = "/", url: str = "", **headers: str) -> tuple[int, str, Message]:
        """Return status, body and headers of an answer; redirects are not followed."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        request = urllib.request.Request(f"{url or self.url}{path}", headers=named)
        opener = urllib.request.build_opener(_Stay, urllib.request.HTTPSHandler(context=_trusting()))
        try:
            with opener.open(request, timeout=PATIENCE) as reply:
                return int(reply.status), reply.read().decode(), reply.headers
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode(), error.headers

    def container(self, path: str = "/", **headers: str) -> str:
        """Return which replica answers, by its container's name."""
        named = str(json.loads(self.ask(path, **headers)[1])["container"])
        return self.fleet.exec(HOST, ["docker", "inspect", "-f", "{{.Name}}", named]).stdout.strip(" /\n")

    def version(self, path: str = "/", **headers: str) -> str:
        """Return which version answers."""
        return str(json.loads(self.ask(path, **headers)[1])["version"])


class _Stay(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_: Any, **__: Any) -> None:
        return None


def _trusting() -> ssl.SSLContext:
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    return context


@contextmanager
def caddy(fleet: Fleet, project: str = "edge") -> Iterator[RealBench]:
    """A pair of Caddys in containers on the host, without routes."""
    for half in ("front", "back"):
        write(fleet, f"{FOLDER}/{half}.json", first_config(f"{FOLDER}/{half}"))
        run = ["docker", "run", "-d", "--name", f"caddy-{half}", "--label", "o8.test=caddy"]
        room = ["--restart", "always", "--network", "host", "-v", f"{FOLDER}:{FOLDER}"]
        start = [fleet.edge_image("caddy"), "caddy", "run", "--config", f"{FOLDER}/{half}.json"]
        done = fleet.exec(HOST, [*run, *room, *start])
        assert done.rc == 0, done
    with connection(fleet) as way:
        edge = caddy_edge(way, project)
        try:
            wait_for(lambda: answers(edge))
            yield RealBench(fleet, edge, "caddy")
        finally:
            clean(fleet, "caddy")
            fleet.exec(HOST, ["rm", "-rf", FOLDER])


def caddy_edge(way: Connection, project: str) -> CaddyEdge:
    """Return a project's part of the Caddys."""
    return CaddyEdge(project, (caddy_half(way, "front"), caddy_half(way, "back")), FOLDER, lambda: GATEWAY)


def caddy_half(way: Connection, half: str) -> CaddyProcess:
    """Return one of the Caddys."""
    files = CaddyFiles(HOST, lambda: way, f"{FOLDER}/{half}")
    return CaddyProcess(CaddyAdmin(HOST, files.open), files)


@dataclass
class HaproxyBench(RealBench):
    """A host's own HAProxy, in master-worker mode."""

    way: Connection | None = None

    @property
    def keeper(self) -> HostFiles:
        """What keeps its file."""
        return haproxy_files(self.way)

    def other(self, project: str) -> HaproxyEdge:
        """Return another project's part of the same HAProxy."""
        return HaproxyEdge(project, HaproxySocket(HOST, self.keeper.open), self.keeper)

    def die(self) -> None:
        """Kill master and workers at once, and start HAProxy again as its supervisor would."""
        self.fleet.exec(HOST, ["pkill", "-9", "-x", "haproxy"])
        begin(self.fleet, HOST, HAPROXY)
        wait_for(lambda: stands(self.edge))


def haproxy_files(way: Connection | None) -> HostFiles:
    """Return what keeps the file of the host's HAProxy."""
    assert way
    return HostFiles(HOST, lambda: way, HAPROXY, gateway=lambda: GATEWAY)


@contextmanager
def haproxy(fleet: Fleet, project: str = "edge") -> Iterator[HaproxyBench]:
    """The host's HAProxy, without routes."""
    begin(fleet, HOST, HAPROXY)
    with connection(fleet) as way:
        files = haproxy_files(way)
        edge = HaproxyEdge(project, HaproxySocket(HOST, files.open), files)
        try:
            yield HaproxyBench(fleet, edge, "haproxy", way=way)
        finally:
            clean(fleet, "haproxy")
            fleet.exec(HOST, ["pkill", "-9", "-x", "haproxy"])
            fleet.exec(HOST, ["rm", "-rf", HAPROXY])


@contextmanager
def connection(fleet: Fleet) -> Iterator[Connection]:
    """The host's own connection, as a run has it."""
    host = fleet.host(HOST)
    network = Network(["copy", "slurp", "o8_look", *MODULES])
    options = {"UserKnownHostsFile": str(host.known_hosts), "ConfigFile": "none"}
    try:
        yield network.connect(
            Endpoint(HOST, host.address, user="root", key_file=str(host.key), options=options)
        )
    finally:
        network.close()


def write(fleet: Fleet, path: str, text: str) -> None:
    """Write a file on the host, its folder made before."""
    done = fleet.exec(HOST, ["sh", "-c", 'mkdir -p "${0%/*}" && cat > "$0"', path], stdin=text)
    assert done.rc == 0, done


def clean(fleet: Fleet, kind: str) -> None:
    """Remove the containers of a bench."""
    script = 'docker ps -aq --filter "label=o8.test=$0" | xargs -r docker rm -f'
    fleet.exec(HOST, ["sh", "-c", script, kind])


def answers(edge: Edge) -> bool:
    """Whether a balancer can be asked."""
    try:
        edge.ensure([], {})
    except TrafficError:
        return False
    return True


def stands(edge: Edge) -> bool:
    """Whether a balancer tells of its members again."""
    try:
        return bool(edge.members("web"))
    except TrafficError:
        return False
