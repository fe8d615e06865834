"""A real HAProxy on a host, steered through the host's connection, under load."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest

from orchestr8.deploy.traffic import Member, Route, share
from orchestr8.engine.ports import Endpoint
from orchestr8.engine.services.traffic import TrafficError
from orchestr8.traffic.haproxy import HaproxyEdge
from orchestr8.traffic.haproxy_socket import HaproxySocket
from orchestr8.traffic.host_files import HostFiles
from orchestr8.transport.pool import Network
from tests.bed import Fleet
from tests.bed.load import Load

FOLDER = "/run/o8-edge"
PORT = 8899
IDLE = f"""\
global
    stats socket {FOLDER}/admin.sock mode 600 level admin
defaults
    timeout connect 1s
    timeout client 1s
    timeout server 1s
"""


@pytest.fixture
def edge(fleet: Fleet) -> Iterator[HaproxyEdge]:
    host = fleet.host("h1")
    for number in (1, 2, 3):
        run = ["docker", "run", "-d", "--rm", "--name", f"o8edge-{number}", "--label", "o8.test=edge"]
        version = "v2" if number == 3 else "v1"
        fleet.exec("h1", [*run, fleet.image(version)])
    fleet.exec("h1", ["mkdir", "-p", FOLDER])
    host.exec(["sh", "-c", f"cat > {FOLDER}/haproxy.cfg"], stdin=IDLE)
    fleet.exec(
        "h1",
        [
            "haproxy",
            "-W",
            "-D",
            "-S",
            f"{FOLDER}/master.sock",
            "-f",
            f"{FOLDER}/haproxy.cfg",
            "-p",
            f"{FOLDER}/pid",
        ],
    )
    network = Network(["copy", "slurp"])
    options = {"UserKnownHostsFile": str(host.known_hosts), "ConfigFile": "none"}
    way = Endpoint("h1", host.address, user="root", key_file=str(host.key), options=options)
    connection = network.connect(way)
    files = HostFiles("h1", lambda: connection, FOLDER)
    try:
        yield HaproxyEdge("edge", HaproxySocket("h1", files.open), files)
    finally:
        network.close()
        host.exec(
            [
                "sh",
                "-c",
                f"kill $(cat {FOLDER}/pid); rm -rf {FOLDER}; docker rm -f o8edge-1 o8edge-2 o8edge-3",
            ]
        )


def member(fleet: Fleet, number: int, weight: int = 100) -> Member:
    form = "{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}"
    found = fleet.exec("h1", ["docker", "inspect", "-f", form, f"o8edge-{number}"])
    return Member(f"o8edge-{number}", found.stdout.strip(), 8080, weight)


def test_weights_drain_and_removal_under_load(edge: HaproxyEdge, fleet: Fleet) -> None:
    one, two, canary = (member(fleet, number) for number in (1, 2, 3))
    routes = [Route("web", listen=PORT)]
    assert edge.ensure(routes, {"web": [one, two]})
    assert not edge.ensure(routes, {"web": [two, one]})
    split = share(10, 2, 1)
    url = f"http://{fleet.host('h1').address}:{PORT}"
    with Load([url], rate=200) as load:
        edge.add("web", canary)
        edge.set_weights("web", {one.name: split.stable, two.name: split.stable, canary.name: split.canary})
        time.sleep(0.5)
        before = dict(load.report.versions)
        time.sleep(5)
        after = dict(load.report.versions)
        edge.drain("web", one.name)
        deadline = time.monotonic() + 10
        while not edge.drained("web", one.name):
            assert time.monotonic() < deadline
            time.sleep(0.05)
        fleet.exec("h1", ["docker", "stop", "-t", "2", one.name])
        edge.remove("web", one.name)
        time.sleep(0.5)
    report = load.report
    assert report.failures == []
    assert report.retried == 0
    new, old = (after[v] - before.get(v, 0) for v in ("v2", "v1"))
    assert 100 * new / (new + old) == pytest.approx(10, abs=2)
    assert {seen.member.name for seen in edge.members("web")} == {two.name, canary.name}


def test_a_restart_comes_back_with_the_same_members(edge: HaproxyEdge, fleet: Fleet) -> None:
    one, two = member(fleet, 1), member(fleet, 2, 30)
    edge.ensure([Route("web", listen=PORT)], {"web": [one]})
    edge.add("web", two)
    edge.set_weights("web", {one.name: 7})
    fleet.host("h1").exec(["sh", "-c", f"kill -USR2 $(cat {FOLDER}/pid)"])
    deadline = time.monotonic() + 10
    wanted = {("o8edge-1", 7), ("o8edge-2", 30)}
    while True:
        try:
            if {(s.member.name, s.member.weight) for s in edge.members("web")} == wanted:
                break
        except TrafficError:
            assert time.monotonic() < deadline
        assert time.monotonic() < deadline
        time.sleep(0.1)


def test_a_file_that_haproxy_does_not_take_is_not_put_in_place(edge: HaproxyEdge, fleet: Fleet) -> None:
    edge.ensure([Route("web", listen=PORT)], {"web": [member(fleet, 1)]})
    before = fleet.exec("h1", ["cat", f"{FOLDER}/haproxy.cfg"]).stdout
    with pytest.raises(TrafficError, match="h1"):
        edge._keeper.write("global\n nonsense here\n")
    assert fleet.exec("h1", ["cat", f"{FOLDER}/haproxy.cfg"]).stdout == before
