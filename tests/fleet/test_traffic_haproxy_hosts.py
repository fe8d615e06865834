"""HAProxy as a container of ours, and as an installation of others: where its file is, and who reloads it."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import replace

import pytest

from orchestr8.deploy.model import labels_of
from orchestr8.deploy.traffic import Route
from orchestr8.engine.ports import Connection
from orchestr8.engine.services.traffic import TrafficError
from orchestr8.runtime.docker import DockerRuntime
from orchestr8.traffic.haproxy import HaproxyEdge
from orchestr8.traffic.haproxy_adopted import AdoptedFiles
from orchestr8.traffic.haproxy_managed import OWNER, ManagedFiles, container
from orchestr8.traffic.haproxy_socket import HaproxySocket
from tests import edge_bench
from tests.bed import Fleet
from tests.bed.load import Load
from tests.edge_bench import HOST, RealBench, stands
from tests.edge_contract import PORT, WEB, members
from tests.waiting import wait_for

ROOT = "/run/o8-managed"
THEIRS = "/etc/o8-theirs/haproxy.cfg"
ADMIN = "/run/o8-theirs/admin.sock"
WRITTEN = f"""\
global
    stats socket {ADMIN} mode 600 level admin expose-fd listeners
defaults
    mode http
    timeout connect 1s
    timeout client 1s
    timeout server 1s
frontend theirs
    bind :8898
    http-request return status 204
"""


def managed(fleet: Fleet, way: Connection, image: str = "") -> HaproxyEdge:
    runtime = DockerRuntime(HOST, lambda: way.stream("unix:/var/run/docker.sock"), way.call)
    files = ManagedFiles(HOST, lambda: way, runtime, ROOT, image=image)
    return HaproxyEdge("edge", HaproxySocket(HOST, files.open), files)


def listed(fleet: Fleet) -> list[str]:
    wanted = ["docker", "ps", "-aq", "--no-trunc", "--filter", f"label=o8.project={OWNER}"]
    return fleet.exec(HOST, wanted).stdout.split()


@pytest.fixture
def way(fleet: Fleet) -> Iterator[Connection]:
    with edge_bench.connection(fleet) as opened:
        yield opened


@pytest.fixture
def bench(fleet: Fleet, way: Connection) -> Iterator[RealBench]:
    try:
        yield RealBench(fleet, managed(fleet, way, fleet.edge_image("haproxy")), "haproxy")
    finally:
        if found := listed(fleet):
            fleet.exec(HOST, ["docker", "rm", "-f", *found])
        edge_bench.clean(fleet, "haproxy")
        fleet.exec(HOST, ["rm", "-rf", ROOT])


@pytest.fixture
def theirs(fleet: Fleet, way: Connection) -> Iterator[RealBench]:
    edge_bench.write(fleet, THEIRS, WRITTEN)
    fleet.exec(HOST, ["mkdir", "-p", "/run/o8-theirs"])
    started = fleet.exec(HOST, ["haproxy", "-W", "-D", "-f", THEIRS])
    assert started.rc == 0, started
    files = AdoptedFiles(HOST, lambda: way, ADMIN)
    try:
        yield RealBench(fleet, HaproxyEdge("edge", HaproxySocket(HOST, files.open), files), "haproxy")
    finally:
        edge_bench.clean(fleet, "haproxy")
        fleet.exec(HOST, ["pkill", "-9", "-x", "haproxy"])
        fleet.exec(HOST, ["rm", "-rf", "/etc/o8-theirs", "/run/o8-theirs"])


def test_a_container_is_made_comes_back_and_is_replaced_without_a_loss(
    bench: RealBench, fleet: Fleet, way: Connection
) -> None:
    one, two = bench.member(1), replace(bench.member(2), weight=40)
    assert bench.edge.ensure([WEB], {"web": [one, two]})
    assert not bench.edge.ensure([WEB], {"web": [one, two]})
    assert bench.status() == 200
    before = listed(fleet)
    assert len(before) == 1
    fleet.exec(HOST, ["pkill", "-9", "-x", "haproxy"])
    wait_for(lambda: stands(bench.edge))
    assert members(bench.edge) == {one, two}
    fleet.exec(HOST, ["docker", "tag", fleet.edge_image("haproxy"), "o8-test/haproxy:next"])
    slow: list[int] = []
    asking = threading.Thread(target=lambda: slow.append(bench.status("/?slow=4")))
    asking.start()
    with Load([bench.url], rate=100) as load:
        load.more(20)
        newer = managed(fleet, way, "o8-test/haproxy:next")
        newer.ensure([WEB], {"web": [one, two]})
        load.more(20)
    asking.join()
    assert slow == [200]
    assert load.report.failures == []
    assert listed(fleet) != before
    assert len(listed(fleet)) == 1
    assert not managed(fleet, way).ensure([WEB], {"web": [one, two]})
    newer.set_weights("web", {one.name: 5})
    assert replace(one, weight=5) in members(newer)


def test_containers_that_begin_in_one_second_are_told_apart(
    bench: RealBench, fleet: Fleet, way: Connection
) -> None:
    one = bench.member(1)
    assert bench.edge.ensure([WEB], {"web": [one]})
    tagged = fleet.exec(HOST, ["docker", "tag", fleet.edge_image("haproxy"), "o8-test/haproxy:next"])
    assert tagged.rc == 0, tagged
    for image in ("o8-test/haproxy:next", fleet.edge_image("haproxy")) * 3:
        managed(fleet, way, image).ensure([WEB], {"web": [one]})
    assert len(listed(fleet)) == 1
    assert bench.status() == 200


def older(way: Connection, image: str, name: str) -> None:
    """Leave a stopped container as earlier versions made it: without a name to say."""
    runtime = DockerRuntime(HOST, lambda: way.stream("unix:/var/run/docker.sock"), way.call)
    spec = container(image, f"{ROOT}/.edge/haproxy")
    runtime.remove(name)
    runtime.create(name, spec, labels_of(OWNER, spec, 1, 1, ""))


def test_a_stopped_container_that_has_no_name_to_say_is_replaced_or_taken_as_it_is(
    bench: RealBench, fleet: Fleet, way: Connection
) -> None:
    one = bench.member(1)
    assert bench.edge.ensure([WEB], {"web": [one]})
    name = fleet.exec(HOST, ["docker", "inspect", "-f", "{{.Name}}", *listed(fleet)]).stdout.strip("/\n")
    fleet.exec(HOST, ["docker", "rm", "-f", name])
    older(way, fleet.edge_image("haproxy"), name)
    before = listed(fleet)
    bench.edge.ensure([WEB], {"web": [one]})
    assert listed(fleet) != before
    assert bench.status() == 200
    fleet.exec(HOST, ["docker", "rm", "-f", name])
    older(way, fleet.edge_image("haproxy"), "o8-edge-haproxy-earlier")
    before = listed(fleet)
    managed(fleet, way).ensure([WEB], {"web": [one]})
    assert listed(fleet) == before
    assert bench.status() == 200


def test_what_others_wrote_is_never_touched(theirs: RealBench, fleet: Fleet) -> None:
    one = theirs.member(1)
    assert theirs.edge.ensure([WEB], {"web": [one]})
    theirs.edge.set_weights("web", {one.name: 9})
    assert theirs.status() == 200
    now = fleet.exec(HOST, ["cat", THEIRS]).stdout
    assert now.startswith(WRITTEN + "# BEGIN orchestr8")
    assert fleet.exec(HOST, ["curl", "-s", "-o", "/dev/null", "localhost:8898"]).rc == 0
    broken = now.replace("bind :8898", "bind nowhere at all")
    edge_bench.write(fleet, THEIRS, broken)
    with pytest.raises(TrafficError, match="does not take its new file"):
        theirs.edge.ensure([WEB, Route("api", listen=PORT, path="/api")], {"web": [one], "api": []})
    assert fleet.exec(HOST, ["cat", THEIRS]).stdout == broken
    assert theirs.status() == 200
    edge_bench.write(fleet, THEIRS, now)
    theirs.edge.ensure([], {})
    assert fleet.exec(HOST, ["cat", THEIRS]).stdout.startswith(WRITTEN)
    assert "backend o8" not in fleet.exec(HOST, ["cat", THEIRS]).stdout
