"""S34: registries and disks that do not give a host its image, before any container is touched."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import ClassVar

from tests.services_stage import Stage

STALL = 2.0
"""Seconds; an engine itself gives up after 15."""


class Locked(BaseHTTPRequestHandler):
    """A registry that lets nobody in."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        self.send_response(401)
        self.send_header("WWW-Authenticate", 'Basic realm="bed"')
        self.send_header("Content-Length", "0")
        self.end_headers()

    do_HEAD = do_GET  # noqa: N815 -- the name the server looks for

    def log_message(self, *_: object) -> None:
        """Say nothing."""


class Stalling(Locked):
    """A registry that keeps whoever asks waiting, and then says nothing; notes who waited together."""

    waiting: ClassVar[list[str]] = []
    together: ClassVar[set[frozenset[str]]] = set()

    def do_GET(self) -> None:
        name = str(self.client_address[0])
        self.waiting.append(name)
        time.sleep(STALL)
        self.together.add(frozenset(self.waiting))
        self.waiting.remove(name)
        self.close_connection = True

    do_HEAD = do_GET  # noqa: N815


@contextmanager
def registry(stage: Stage, kind: type[BaseHTTPRequestHandler]) -> Iterator[str]:
    """Give the address at which such a registry answers the hosts."""
    with ThreadingHTTPServer((str(stage.fleet.bed.address(1)), 0), kind) as server:
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"{server.server_address[0]}:{server.server_address[1]}"
        server.shutdown()


def test_s34_bad_credentials_are_told_with_what_helps(stage: Stage) -> None:
    stage.deploy()
    mark = stage.mark()
    with registry(stage, Locked) as address:
        stage.web(image=f"{address}/app:v2")
        ran = stage.run()
    assert ran.rc == 2, ran.out
    assert "no basic auth credentials" in ran.out
    assert "docker login" in ran.out
    assert "nothing was touched" in ran.out
    assert stage.events(mark) == []


def test_s34_a_registry_that_stalls_costs_its_time_once_and_stops_nothing(stage: Stage) -> None:
    """The first host asks alone, then all others at the same time."""
    stage.deploy()
    mark = stage.mark()
    with registry(stage, Stalling) as address:
        stage.web(image=f"{address}/app:v2")
        ran = stage.run()
    assert ran.rc == 2, ran.out
    assert f"{', '.join(stage.hosts)}: cannot resolve" in ran.out, ran.out
    assert max(map(len, Stalling.together)) > 1
    assert stage.events(mark) == []


def large(stage: Stage) -> str:
    """Put an image into the registry with a layer that no host but h4 has."""
    image = f"{stage.fleet.registry.address}/app:large"
    for words in (
        ("create", "--name", "o8-large", stage.fleet.image("v2")),
        ("cp", "/bin/bash", "o8-large:/large"),
        ("commit", "o8-large", image),
        ("rm", "o8-large"),
        ("push", "-q", image),
        ("rmi", image),
    ):
        stage.docker("h4", *words)
    return image


def test_s34_a_disk_that_is_full_on_one_host_stops_no_container_on_any(stage: Stage) -> None:
    stage.deploy(placement={"hosts": "h2,h3,h4"})
    image, mark, place = large(stage), stage.mark(), "/var/lib/docker/tmp"
    assert stage.fleet.exec("h1", ["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", place]).rc == 0
    try:
        stage.web(image=image, replicas=4)
        ran = stage.run()
    finally:
        stage.fleet.exec("h1", ["umount", place])
    assert ran.rc == 2, ran.out
    assert "h1" in ran.out
    assert "no space left on device" in ran.out
    assert [e for e in stage.events(mark) if e[2] in ("create", "start", "stop", "die", "destroy")] == []
