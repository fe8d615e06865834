"""A real HAProxy on a host, steered through the host's connection, under load."""

from __future__ import annotations

import socket
import ssl
import threading
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from orchestr8.deploy.traffic import Match, Member, Route, Tls, share
from orchestr8.deploy.traffic_counts import percentile, since, total
from orchestr8.engine.services.traffic import TrafficError
from tests import edge_bench
from tests.bed import Fleet
from tests.bed.load import Load
from tests.certificates import made_certificate
from tests.edge_bench import HAPROXY, HOST, HaproxyBench
from tests.edge_contract import PORT, members
from tests.waiting import wait_for

SECURE = 8843


@pytest.fixture(scope="module")
def standing(fleet: Fleet) -> Iterator[HaproxyBench]:
    with edge_bench.haproxy(fleet) as made:
        yield made


@pytest.fixture
def bench(standing: HaproxyBench) -> Iterator[HaproxyBench]:
    yield standing
    standing.edge.ensure([], {})


def shown(bench: HaproxyBench, name: str) -> str:
    """Return the certificate that the balancer shows for a host name, in PEM."""
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    raw = socket.create_connection((bench.fleet.host(HOST).address, SECURE), timeout=30)
    with context.wrap_socket(raw, server_hostname=name) as secured:
        return ssl.DER_cert_to_PEM_cert(secured.getpeercert(binary_form=True) or b"")


def same(one: Tls, pem: str) -> bool:
    return "".join(one.certificate.reveal().split()) == "".join(pem.split())


def written(bench: HaproxyBench) -> str:
    return bench.fleet.exec(HOST, ["cat", f"{HAPROXY}/haproxy.cfg"]).stdout


def test_weights_drain_and_removal_under_load(bench: HaproxyBench) -> None:
    one, two, canary = (bench.member(number) for number in (1, 2, 3))
    routes = [Route("web", listen=PORT)]
    assert bench.edge.ensure(routes, {"web": [one, two]})
    assert not bench.edge.ensure(routes, {"web": [two, one]})
    assert bench.edge.routes() == {"web": routes[0].digest}
    split = share(10, 2, 1)
    with Load([bench.url], rate=200) as load:
        bench.edge.add("web", canary)
        bench.edge.set_weights(
            "web", {one.name: split.stable, two.name: split.stable, canary.name: split.canary}
        )
        load.more(100)
        answered = load.more(500)
        bench.edge.drain("web", one.name)
        wait_for(lambda: bench.edge.drained("web", one.name))
        bench.edge.remove("web", one.name)
        load.more(50)
    assert load.report.failures == []
    assert 100 * answered["v2"] / answered.total() == pytest.approx(10, abs=2)
    assert {member.name for member in members(bench.edge)} == {two.name, canary.name}


def test_a_death_comes_back_with_the_same_members(bench: HaproxyBench) -> None:
    one, two = bench.member(1), replace(bench.member(2), weight=30)
    bench.edge.ensure([Route("web", listen=PORT)], {"web": [one]})
    bench.edge.add("web", two)
    bench.edge.set_weights("web", {one.name: 7})
    before = bench.edge.counts("web")
    bench.die()
    assert members(bench.edge) == {replace(one, weight=7), two}
    assert since(before, bench.edge.counts("web")) is None
    assert not bench.edge.ensure([Route("web", listen=PORT)], {"web": [replace(one, weight=7), two]})


def test_routes_whose_port_somebody_has_leave_the_file_as_it_was(bench: HaproxyBench) -> None:
    """sshd has port 22; an HAProxy that died with a file that wants it would not come back."""
    pools = {"web": [bench.member(1)]}
    bench.edge.ensure([Route("web", listen=PORT)], pools)
    before = written(bench)
    with pytest.raises(TrafficError, match="did not take up its new file"):
        bench.edge.ensure([Route("web", listen=PORT), Route("other", listen=22)], {**pools, "other": []})
    assert written(bench) == before
    assert bench.edge.routes() == {"web": Route("web", listen=PORT).digest}
    bench.die()
    assert members(bench.edge) == {bench.member(1)}


def test_a_file_that_haproxy_does_not_take_is_not_put_in_place(bench: HaproxyBench, tmp_path: Path) -> None:
    tls = made_certificate(tmp_path, "x.example")
    bench.edge.ensure([Route("web", listen=PORT)], {"web": [bench.member(1)]})
    before = written(bench)
    with pytest.raises(TrafficError, match="h1: HAProxy does not take its new file"):
        bench.keeper.test("global\n nonsense here\n")
    with pytest.raises(TrafficError, match="either with TLS or without"):
        bench.edge.ensure([Route("web", listen=PORT), Route("api", listen=PORT, host="a.b", tls=tls)], {})
    assert written(bench) == before
    assert "o8-" not in bench.fleet.exec(HOST, ["ls", HAPROXY]).stdout


def test_stable_and_preview_change_places_at_one_instant(bench: HaproxyBench) -> None:
    old = bench.member(1)
    new = replace(bench.member(3), group="preview")
    preview = Match("host", "next.example")
    bench.edge.ensure([Route("web", listen=PORT, preview=preview)], {"web": [old, new]})
    assert bench.version() == "v1"
    assert bench.version(Host="next.example") == "v2"
    seen: list[str] = []
    stop = threading.Event()

    def ask() -> None:
        while not stop.is_set():
            seen.append(bench.version())

    asking = threading.Thread(target=ask)
    asking.start()
    wait_for(lambda: "v1" in seen)
    bench.edge.put("web", [replace(old, group="preview"), replace(new, group="stable")])
    wait_for(lambda: "v2" in seen)
    stop.set()
    asking.join()
    assert seen == sorted(seen)
    assert set(seen) == {"v1", "v2"}
    assert bench.version(Host="next.example") == "v1"
    assert {s.member.name: s.member.group for s in bench.edge.members("web")} == {
        old.name: "preview",
        new.name: "stable",
    }
    bench.edge.put("web", [old, new])
    assert bench.version() == "v1"


def test_some_users_reach_the_canary_alone(bench: HaproxyBench) -> None:
    canary = replace(bench.member(3), group="canary", weight=0)
    match = (Match("header", "X-Tester", "yes"), Match("cookie", "beta"))
    bench.edge.ensure([Route("web", listen=PORT, match=match)], {"web": [bench.member(1), canary]})
    asked: list[dict[str, str]] = [
        {},
        {"X_Tester": "no"},
        {"X_Tester": "yes"},
        {"Cookie": "a=b; beta=1"},
        {"Cookie": "alpha=1"},
    ]
    assert [bench.version(**h) for h in asked * 3] == [
        "v1",
        "v1",
        "v2",
        "v2",
        "v1",
    ] * 3
    bench.edge.drain("web", canary.name)
    assert bench.version(X_Tester="yes") == "v1"


def test_a_client_stays_with_its_member_until_that_drains(bench: HaproxyBench) -> None:
    bench.edge.ensure([Route("web", listen=PORT, sticky="seat")], {"web": [bench.member(1)]})
    bench.edge.put("web", [bench.member(1), bench.member(2)])
    cookies = {str(bench.ask()[2]["set-cookie"]).split(";")[0] for _ in range(4)}
    seats = {cookie: {bench.container(Cookie=cookie) for _ in range(3)} for cookie in cookies}
    assert sorted(map(len, seats.values())) == [1, 1]
    assert set.union(*seats.values()) == {bench.member(1).name, bench.member(2).name}
    bench.edge.drain("web", bench.member(1).name)
    assert {bench.container(Cookie=cookie) for cookie in cookies} == {bench.member(2).name}


def test_tls_redirect_and_a_new_certificate_without_a_reload(bench: HaproxyBench, tmp_path: Path) -> None:
    first, second = (made_certificate(tmp_path, "shop.example") for _ in range(2))
    route = Route("web", listen=SECURE, host="shop.example", tls=first, redirect=PORT)
    pools = {"web": [bench.member(1)]}
    bench.edge.ensure([route], pools)
    status, _, headers = bench.ask("/a?b=c", Host="shop.example")
    assert (status, headers["location"]) == (308, f"https://shop.example:{SECURE}/a?b=c")
    assert bench.status(Host="other.example") == 503
    secure = bench.url.replace("http:", "https:").replace(str(PORT), str(SECURE))
    assert bench.ask(url=secure, Host="shop.example")[0] == 200
    assert same(first, shown(bench, "shop.example"))
    epoch = bench.edge.counts("web").epoch
    assert bench.edge.ensure([replace(route, tls=second)], pools)
    assert not bench.edge.ensure([replace(route, tls=second)], pools)
    assert bench.edge.counts("web").epoch == epoch
    assert same(second, shown(bench, "shop.example"))
    with pytest.raises(TrafficError, match="refuses `commit ssl cert"):
        bench.edge.ensure([replace(route, tls=replace(first, key=second.key))], pools)
    bench.die()
    assert same(second, shown(bench, "shop.example"))
    mode = bench.fleet.exec(HOST, ["stat", "-c", "%a", f"{HAPROXY}/certs/edge.web.pem"]).stdout
    assert mode.strip() == "600"
    assert "PRIVATE" not in written(bench)


def test_websockets_and_tcp_pass_through(bench: HaproxyBench) -> None:
    echo = bench.member(4)
    bench.edge.ensure(
        [Route("live", listen=PORT), Route("db", listen=PORT + 1, mode="tcp")], {"live": [echo], "db": [echo]}
    )
    lines = ["GET / HTTP/1.1", "Host: a", "Connection: Upgrade", "Upgrade: websocket"]
    lines += ["Sec-WebSocket-Version: 13", "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==", "", ""]
    upgrade = "\r\n".join(lines).encode()
    with socket.create_connection((bench.fleet.host(HOST).address, PORT), timeout=30) as client:
        client.sendall(upgrade)
        assert client.recv(4096).startswith(b"HTTP/1.1 101")
        client.sendall(b"ping")
        assert client.recv(4096) == b"ping"
        assert not bench.edge.drained("live", echo.name)
        bench.edge.drain("live", echo.name)
        client.sendall(b"still")
        assert client.recv(4096) == b"still"
    wait_for(lambda: bench.edge.drained("live", echo.name))
    with socket.create_connection((bench.fleet.host(HOST).address, PORT + 1), timeout=30) as client:
        client.sendall(b"hello")
        assert client.recv(4096) == b"hello"


def test_several_services_and_projects_share_a_port(bench: HaproxyBench) -> None:
    routes = [
        Route("web", listen=PORT, host="shop.example"),
        Route("api", listen=PORT, host="shop.example", path="/api"),
    ]
    bench.edge.ensure(routes, {"web": [bench.member(1)], "api": [bench.member(3)]})
    other = bench.other("other")
    other.ensure([Route("web", listen=PORT, host="*.example")], {"web": [bench.member(2)]})
    asked = [("/", "shop.example"), ("/api/x", "shop.example"), ("/apix", "shop.example"), ("/", "b.example")]
    found = [bench.container(path, Host=host) for path, host in asked]
    assert found == [bench.member(number).name for number in (1, 3, 1, 2)]
    bench.edge.set_weights("web", {bench.member(1).name: 3})
    other.ensure([], {})
    assert bench.status(Host="b.example") == 503
    assert bench.edge.members("web")[0].member.weight == 3


def test_a_reload_loses_no_request_and_counts_those_in_flight(bench: HaproxyBench) -> None:
    one, two = bench.member(1), bench.member(2)
    web = Route("web", listen=PORT)
    bench.edge.ensure([web], {"web": [one]})
    slow: list[int] = []
    asking = threading.Thread(target=lambda: slow.append(bench.status("/?slow=6")))
    asking.start()
    wait_for(lambda: not bench.edge.drained("web", one.name))
    with Load([bench.url], rate=100) as load:
        for path in ("/a", "/b"):
            bench.edge.ensure([web, Route("api", listen=PORT, path=path)], {"web": [one, two], "api": [two]})
        bench.edge.drain("web", one.name)
        assert not bench.edge.drained("web", one.name)
        load.more(30)
    asking.join()
    assert slow == [200]
    assert load.report.failures == []
    wait_for(lambda: bench.edge.drained("web", one.name))


def test_what_was_counted_tells_failures_and_times(bench: HaproxyBench) -> None:
    good, canary = bench.member(1), replace(bench.member(3), group="canary")
    dead = Member("o8edge-dead", "127.0.0.1", 9, 0)
    bench.edge.ensure([Route("web", listen=PORT)], {"web": [good, canary, dead]})
    mark = bench.edge.counts("web")
    for _ in range(10):
        bench.status("/?slow=0.06")
    found = since(mark, bench.edge.counts("web"))
    assert found
    counted = Counter({tally.member: tally.requests for tally in found})
    assert counted == {good.name: 5, canary.name: 5, dead.name: 0}
    everything = total(found)
    assert everything.failures == 0
    middle = percentile(everything.times, 50)
    assert middle
    assert middle[0] >= 50
