"""A real HAProxy on a host, steered through the host's connection, under load."""

from __future__ import annotations

import socket
import threading
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from orchestr8.deploy.traffic import Match, Member, Route, share
from orchestr8.deploy.traffic_counts import percentile, since, total
from orchestr8.engine.services.traffic import TrafficError
from orchestr8.traffic.haproxy import HaproxyEdge
from orchestr8.traffic.haproxy_socket import HaproxySocket
from orchestr8.traffic.host_files import MODULES, HostFiles
from tests.bed import Fleet
from tests.bed.load import Load
from tests.edge_stage import EdgeStage, eventually, made_certificate

FOLDER = "/run/o8-edge"
PORT = 8899
TLS_PORT = 8843
IDLE = f"""\
global
    stats socket {FOLDER}/admin.sock mode 600 level admin
defaults
    timeout connect 1s
    timeout client 1s
    timeout server 1s
"""
HOST = {"Host": "shop.example"}


class Bench(EdgeStage):
    """A host with HAProxy in master-worker mode and replicas behind it."""

    def begin(self) -> None:
        self.start(one="v1", two="v1", new="v2", echo="echo")
        self.fleet.exec(self.host.name, ["mkdir", "-p", FOLDER])
        self.host.exec(["sh", "-c", f"cat > {FOLDER}/haproxy.cfg"], stdin=IDLE)
        self.launch()
        connection = self.connection(MODULES)
        self.files = HostFiles("h1", lambda: connection, FOLDER)

    def launch(self) -> None:
        words = ["-S", f"{FOLDER}/master.sock", "-f", f"{FOLDER}/haproxy.cfg", "-p", f"{FOLDER}/pid"]
        started = self.fleet.exec(self.host.name, ["haproxy", "-W", "-D", *words])
        assert started.rc == 0, started

    def edge(self, project: str = "shop") -> HaproxyEdge:
        return HaproxyEdge(project, HaproxySocket("h1", self.files.open), self.files)

    def kill(self) -> None:
        """Kill HAProxy's master and workers at once."""
        self.host.exec(["pkill", "-9", "-x", "haproxy"])

    def end(self) -> None:
        self.close()
        self.kill()
        self.host.exec(["rm", "-rf", FOLDER])


@pytest.fixture(scope="module")
def bench(fleet: Fleet) -> Iterator[Bench]:
    made = Bench(fleet)
    try:
        made.begin()
        yield made
    finally:
        made.end()


@pytest.fixture
def edge(bench: Bench) -> Iterator[HaproxyEdge]:
    made = bench.edge()
    yield made
    made.ensure([], {})


def url(bench: Bench) -> str:
    return f"http://{bench.host.address}:{PORT}"


def has_gone(edge: HaproxyEdge, name: str) -> bool:
    return name not in {seen.member.name for seen in edge.members("web") if not seen.member.draining}


def test_weights_drain_and_removal_under_load(edge: HaproxyEdge, bench: Bench) -> None:
    one, two, canary = (bench.member(name) for name in ("one", "two", "new"))
    routes = [Route("web", listen=PORT)]
    assert edge.ensure(routes, {"web": [one, two]})
    assert not edge.ensure(routes, {"web": [two, one]})
    split = share(10, 2, 1)
    with Load([url(bench)], rate=200) as load:
        edge.add("web", canary)
        edge.set_weights("web", {one.name: split.stable, two.name: split.stable, canary.name: split.canary})
        time.sleep(0.5)
        before = dict(load.report.versions)
        time.sleep(4)
        after = dict(load.report.versions)
        edge.drain("web", one.name)
        eventually(lambda: edge.drained("web", one.name))
        edge.remove("web", one.name)
        time.sleep(0.3)
    report = load.report
    assert report.failures == []
    new, old = (after[v] - before.get(v, 0) for v in ("v2", "v1"))
    assert 100 * new / (new + old) == pytest.approx(10, abs=2)
    assert has_gone(edge, one.name)


def test_a_death_comes_back_with_the_same_members(edge: HaproxyEdge, bench: Bench) -> None:
    one, two = bench.member("one"), replace(bench.member("two"), weight=30)
    edge.ensure([Route("web", listen=PORT)], {"web": [one]})
    edge.add("web", two)
    edge.set_weights("web", {one.name: 7})
    before = edge.counts("web")
    bench.kill()
    bench.launch()
    eventually(
        lambda: (
            {(s.member.name, s.member.weight) for s in edge.members("web")} == {(one.name, 7), (two.name, 30)}
        )
    )
    assert since(before, edge.counts("web")) is None
    assert not edge.ensure([Route("web", listen=PORT)], {"web": [replace(one, weight=7), two]})


def test_a_file_that_haproxy_does_not_take_is_not_put_in_place(
    edge: HaproxyEdge, bench: Bench, tmp_path: Path
) -> None:
    tls = made_certificate(tmp_path, "x.example")
    edge.ensure([Route("web", listen=PORT)], {"web": [bench.member("one")]})
    before = bench.fleet.exec("h1", ["cat", f"{FOLDER}/haproxy.cfg"]).stdout
    with pytest.raises(TrafficError, match="h1: HAProxy does not take its new file"):
        bench.files.test("global\n nonsense here\n", {})
    with pytest.raises(TrafficError, match="either with TLS or without"):
        edge.ensure([Route("web", listen=PORT), Route("api", listen=PORT, host="a.b", tls=tls)], {})
    assert bench.fleet.exec("h1", ["cat", f"{FOLDER}/haproxy.cfg"]).stdout == before
    assert bench.fleet.exec("h1", ["ls", FOLDER]).stdout.split().count("haproxy.cfg") == 1


def test_stable_and_preview_change_places_at_one_instant(edge: HaproxyEdge, bench: Bench) -> None:
    old = bench.member("one")
    new = replace(bench.member("new"), group="preview")
    preview = Match("host", "next.example")
    edge.ensure([Route("web", listen=PORT, preview=preview)], {"web": [old, new]})
    assert bench.get(PORT).body["version"] == "v1"
    assert bench.get(PORT, headers={"Host": "next.example"}).body["version"] == "v2"
    seen: list[str] = []
    stop = threading.Event()

    def ask() -> None:
        while not stop.is_set():
            seen.append(bench.get(PORT).body["version"])

    asking = threading.Thread(target=ask)
    asking.start()
    time.sleep(0.2)
    edge.put("web", [replace(old, group="preview"), replace(new, group="stable")])
    time.sleep(0.2)
    stop.set()
    asking.join()
    assert seen == sorted(seen)
    assert set(seen) == {"v1", "v2"}
    assert bench.get(PORT, headers={"Host": "next.example"}).body["version"] == "v1"
    assert {s.member.name: s.member.group for s in edge.members("web")} == {
        old.name: "preview",
        new.name: "stable",
    }
    edge.put("web", [old, new])
    assert bench.get(PORT).body["version"] == "v1"


def test_some_users_reach_the_canary_alone(edge: HaproxyEdge, bench: Bench) -> None:
    canary = replace(bench.member("new"), group="canary", weight=0)
    match = (Match("header", "X-Tester", "yes"), Match("cookie", "beta"))
    edge.ensure([Route("web", listen=PORT, match=match)], {"web": [bench.member("one"), canary]})
    asked: list[dict[str, str]] = [
        {},
        {"X-Tester": "no"},
        {"X-Tester": "yes"},
        {"Cookie": "a=b; beta=1"},
        {"Cookie": "alpha=1"},
    ]
    assert [bench.get(PORT, headers=h).body["version"] for h in asked * 3] == [
        "v1",
        "v1",
        "v2",
        "v2",
        "v1",
    ] * 3
    edge.drain("web", canary.name)
    assert bench.get(PORT, headers={"X-Tester": "yes"}).body["version"] == "v1"


def test_a_client_stays_with_its_member_until_that_drains(edge: HaproxyEdge, bench: Bench) -> None:
    edge.ensure([Route("web", listen=PORT, sticky="seat")], {"web": [bench.member("one")]})
    edge.put("web", [bench.member("one"), bench.member("two")])
    answers = [bench.get(PORT) for _ in range(4)]
    cookies = {a.headers["set-cookie"].split(";")[0]: a.container for a in answers}
    assert len(cookies) == 2
    for cookie, container in cookies.items():
        again = {bench.get(PORT, headers={"Cookie": cookie}).container for _ in range(4)}
        assert again == {container}
    edge.drain("web", bench.member("one").name)
    found = {bench.get(PORT, headers={"Cookie": c}).container for c in cookies for _ in range(2)}
    assert found == {bench.id("two")}


def test_tls_redirect_and_a_new_certificate_without_a_reload(
    edge: HaproxyEdge, bench: Bench, tmp_path: Path
) -> None:
    first, second = (made_certificate(tmp_path, "shop.example") for _ in range(2))
    route = Route("web", listen=TLS_PORT, host="shop.example", tls=first, redirect=PORT)
    members = {"web": [bench.member("one")]}
    edge.ensure([route], members)
    told = bench.get(PORT, "/a?b=c", HOST)
    assert (told.status, told.headers["location"]) == (308, f"https://shop.example:{TLS_PORT}/a?b=c")
    assert bench.get(TLS_PORT, "/", HOST, trust=first.certificate.reveal()).body["version"] == "v1"
    assert bench.get(PORT, "/", {"Host": "other.example"}).status == 503
    epoch = edge.counts("web").epoch
    assert edge.ensure([replace(route, tls=second)], members)
    assert not edge.ensure([replace(route, tls=second)], members)
    assert edge.counts("web").epoch == epoch
    assert bench.get(TLS_PORT, "/", HOST, trust=second.certificate.reveal()).body["version"] == "v1"
    with pytest.raises(TrafficError, match="refuses `commit ssl cert"):
        edge.ensure([replace(route, tls=replace(first, key=second.key))], members)
    bench.kill()
    bench.launch()
    eventually(
        lambda: bench.get(TLS_PORT, "/", HOST, trust=second.certificate.reveal()).body["version"] == "v1"
    )
    modes = bench.fleet.exec("h1", ["stat", "-c", "%a", f"{FOLDER}/certs/shop.web.pem"]).stdout
    assert modes.strip() == "600"
    assert "PRIVATE" not in bench.fleet.exec("h1", ["cat", f"{FOLDER}/haproxy.cfg"]).stdout


def test_websockets_and_tcp_pass_through(edge: HaproxyEdge, bench: Bench) -> None:
    echo = bench.member("echo")
    edge.ensure(
        [Route("live", listen=PORT), Route("db", listen=PORT + 1, mode="tcp")], {"live": [echo], "db": [echo]}
    )
    lines = ["GET / HTTP/1.1", "Host: a", "Connection: Upgrade", "Upgrade: websocket"]
    lines += ["Sec-WebSocket-Version: 13", "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==", "", ""]
    upgrade = "\r\n".join(lines).encode()
    with socket.create_connection((bench.host.address, PORT), timeout=5) as client:
        client.sendall(upgrade)
        assert client.recv(4096).startswith(b"HTTP/1.1 101")
        client.sendall(b"ping")
        assert client.recv(4096) == b"ping"
        assert not edge.drained("live", echo.name)
        edge.drain("live", echo.name)
        client.sendall(b"still")
        assert client.recv(4096) == b"still"
    eventually(lambda: edge.drained("live", echo.name))
    with socket.create_connection((bench.host.address, PORT + 1), timeout=5) as client:
        client.sendall(b"hello")
        assert client.recv(4096) == b"hello"


def test_several_services_and_projects_share_a_port(edge: HaproxyEdge, bench: Bench) -> None:
    routes = [
        Route("web", listen=PORT, host="shop.example"),
        Route("api", listen=PORT, host="shop.example", path="/api"),
    ]
    edge.ensure(routes, {"web": [bench.member("one")], "api": [bench.member("new")]})
    other = bench.edge("other")
    other.ensure([Route("web", listen=PORT, host="*.example")], {"web": [bench.member("two")]})
    asked = [("/", "shop.example"), ("/api/x", "shop.example"), ("/apix", "shop.example"), ("/", "b.example")]
    found = [bench.get(PORT, path, {"Host": host}).container for path, host in asked]
    assert found == [bench.id(name) for name in ("one", "new", "one", "two")]
    edge.set_weights("web", {bench.member("one").name: 3})
    other.ensure([], {})
    assert bench.get(PORT, "/", {"Host": "b.example"}).status == 503
    assert edge.members("web")[0].member.weight == 3


def test_a_reload_loses_no_request_and_counts_those_in_flight(edge: HaproxyEdge, bench: Bench) -> None:
    one, two = bench.member("one"), bench.member("two")
    web = Route("web", listen=PORT)
    edge.ensure([web], {"web": [one]})
    slow: list[int] = []
    asking = threading.Thread(target=lambda: slow.append(bench.get(PORT, "/?slow=3").status))
    asking.start()
    eventually(lambda: not edge.drained("web", one.name))
    with Load([url(bench)], rate=100) as load:
        for path in ("/a", "/b", "/c"):
            edge.ensure([web, Route("api", listen=PORT, path=path)], {"web": [one, two], "api": [two]})
        edge.drain("web", one.name)
        assert not edge.drained("web", one.name)
        time.sleep(0.3)
    asking.join()
    assert slow == [200]
    assert load.report.failures == []
    eventually(lambda: edge.drained("web", one.name))


def test_what_was_counted_tells_failures_and_times(edge: HaproxyEdge, bench: Bench) -> None:
    good, canary = bench.member("one"), replace(bench.member("new"), group="canary")
    dead = Member("o8edge-dead", "127.0.0.1", 9, 0)
    edge.ensure([Route("web", listen=PORT)], {"web": [good, canary, dead]})
    mark = edge.counts("web")
    for _ in range(10):
        bench.get(PORT, "/?slow=0.06")
    found = since(mark, edge.counts("web"))
    assert found
    counted = Counter({tally.member: tally.requests for tally in found})
    assert counted == {good.name: 5, canary.name: 5, dead.name: 0}
    everything = total(found)
    assert everything.failures == 0
    middle = percentile(everything.times, 50)
    assert middle
    assert middle[0] >= 50
