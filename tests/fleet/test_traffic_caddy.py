"""A real Caddy on a host, steered through the host's connection, under load."""

from __future__ import annotations

import http.client
import json
import socket
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from orchestr8.core.secret import Secret
from orchestr8.deploy.traffic import Match, Route, Tls, share
from orchestr8.engine.services.traffic import TrafficError
from tests import edge_bench
from tests.bed import Fleet
from tests.bed.fleet import in_parallel
from tests.bed.load import Load
from tests.edge_bench import HOST, RealBench
from tests.edge_contract import PORT, WEB, members
from tests.waiting import wait_for

SECURE = 8843


@pytest.fixture(scope="module")
def standing(fleet: Fleet) -> Iterator[RealBench]:
    with edge_bench.caddy(fleet) as made:
        yield made


@pytest.fixture
def bench(standing: RealBench) -> Iterator[RealBench]:
    yield standing
    standing.edge.ensure([], {})


def test_weights_drain_and_removal_under_load(bench: RealBench) -> None:
    one, two, canary = (bench.member(number) for number in (1, 2, 3))
    edge = bench.edge
    edge.ensure([WEB], {"web": [one, two]})
    split = share(10, 2, 1)
    with Load([bench.url], rate=200) as load:
        edge.add("web", replace(canary, weight=0))
        edge.set_weights("web", {one.name: split.stable, two.name: split.stable, canary.name: split.canary})
        load.more(50)
        answered = load.more(500)
        edge.drain("web", one.name)
        wait_for(lambda: edge.drained("web", one.name))
        edge.remove("web", one.name)
        edge.put("web", [replace(canary, weight=100)])
        load.more(50)
    assert load.report.failures == []
    assert load.report.retried == 0
    assert 100 * answered["v2"] / answered.total() == pytest.approx(10, abs=2)
    assert {m for m in members(edge) if not m.draining} == {canary}


def test_what_was_put_last_comes_back_after_kill_9(bench: RealBench, fleet: Fleet) -> None:
    one, two = bench.member(1, 7), bench.member(2, 30)
    bench.edge.ensure([WEB], {"web": [one]})
    bench.edge.add("web", two)
    fleet.exec(HOST, ["sh", "-c", "kill -9 $(docker inspect -f '{{.State.Pid}}' caddy-front caddy-back)"])
    wait_for(lambda: told(bench) == {one, two})
    assert bench.status() == 200


def test_open_connections_stay_while_members_change(bench: RealBench) -> None:
    one, two = bench.member(1), bench.member(2)
    bench.edge.ensure([WEB], {"web": [one]})
    line = http.client.HTTPConnection(bench.fleet.host(HOST).address, PORT, timeout=30)
    line.connect()
    seat = line.sock
    for turn in range(20):
        bench.edge.put("web", [one, two] if turn % 2 else [two])
        line.request("POST", "/") if turn % 3 == 0 else line.request("GET", "/")
        answer = line.getresponse()
        answer.read()
        assert answer.status in (200, 501)
    assert line.sock is seat
    line.close()


def told(bench: RealBench) -> object:
    try:
        return members(bench.edge)
    except TrafficError:
        return None


def test_canary_users_and_previews_get_their_own_members(bench: RealBench) -> None:
    route = replace(
        WEB,
        match=(Match("header", "X-Canary", "yes"), Match("cookie", "beta")),
        preview=Match("host", "preview.example"),
    )
    one, canary = bench.member(1), replace(bench.member(3), weight=0, group="canary")
    bench.edge.ensure([route], {"web": [one, canary]})
    assert {bench.version() for _ in range(5)} == {"v1"}
    assert bench.version(X_Canary="yes") == bench.version(Cookie="a=b; beta=1") == "v2"
    assert bench.version(X_Canary="no") == bench.version(Cookie="alphabeta=1") == "v1"
    assert bench.status(Host="preview.example") == 503
    bench.edge.put("web", [one, replace(bench.member(3), group="preview")])
    assert bench.version(Host="preview.example") == "v2"
    assert {bench.version(X_Canary="yes"), bench.version()} == {"v1"}


def test_a_switch_loses_no_request_and_no_old_answer_follows_it(bench: RealBench) -> None:
    route = replace(WEB, preview=Match("header", "X-Preview"))
    old, new = bench.member(1), bench.member(3)
    bench.edge.ensure([route], {"web": [old, replace(new, group="preview")]})
    with Load([bench.url], rate=100) as load:
        wait_for(lambda: load.report.versions["v1"] > 20)
        bench.edge.put("web", [replace(old, group="preview"), new])
        assert {bench.version() for _ in range(20)} == {"v2"}
        wait_for(lambda: load.report.versions["v2"] > 20)
    assert load.report.failures == []
    assert load.report.retried == 0


def test_hosts_and_paths_choose_the_service(bench: RealBench) -> None:
    one, other = bench.member(1), bench.member(3)
    routes = [
        Route("web", listen=PORT, host="*.example.test"),
        Route("api", listen=PORT, host="shop.example.test", path="/api"),
        Route("shop", listen=PORT, host="shop.example.test"),
    ]
    bench.edge.ensure(routes, {"web": [one], "api": [other], "shop": [one]})
    assert bench.version("/api/x", Host="shop.example.test") == "v2"
    assert bench.version("/", Host=f"SHOP.example.test:{PORT}") == "v1"
    assert bench.version("/api", Host="a.b.example.test") == "v1"
    assert bench.status("/", Host="example.test") == 503


def test_sticky_clients_stay_with_their_member(bench: RealBench) -> None:
    pools = {"web": [bench.member(1), bench.member(3)]}
    bench.edge.ensure([replace(WEB, sticky="seat")], pools)
    _, body, headers = bench.ask()
    cookie = headers["Set-Cookie"].partition(";")[0]
    assert cookie.startswith("seat=")
    first = json.loads(body)["version"]
    assert {bench.version(Cookie=cookie) for _ in range(6)} == {first}
    gone = bench.member(1 if first == "v1" else 3)
    bench.edge.drain("web", gone.name)
    assert bench.version(Cookie=cookie) != first


def test_tls_ends_at_the_balancer_and_plain_requests_are_sent_there(bench: RealBench) -> None:
    route = Route("web", listen=SECURE, host="shop.test", tls=certified("shop.test"), redirect=PORT)
    bench.edge.ensure([route], {"web": [bench.member(1)]})
    status, _, headers = bench.ask("/a?b=c", Host=f"shop.test:{PORT}")
    assert (status, headers["Location"]) == (308, f"https://shop.test:{SECURE}/a?b=c")
    assert subject(bench, "shop.test") == "shop.test"
    with pytest.raises(TrafficError, match="not both"):
        bench.edge.ensure([route, Route("other", listen=SECURE)], {})
    bench.edge.ensure([replace(route, tls=certified("shop.test", "new"))], {"web": [bench.member(1)]})
    assert subject(bench, "shop.test") == "new"


def test_projects_and_what_others_configured_stay_apart(bench: RealBench, fleet: Fleet) -> None:
    with edge_bench.connection(fleet) as way:
        other = edge_bench.caddy_edge(way, "other")
        admin = other._front._admin
        have = admin.config()
        theirs = {"listen": [":8877"], "routes": [{"handle": [{"handler": "static_response", "body": "x"}]}]}
        servers = have.value.setdefault("apps", {}).setdefault("http", {}).setdefault("servers", {})
        assert admin.replace(
            {**have.value, "apps": {"http": {"servers": {**servers, "x": theirs}}}}, have.etag
        )
        bench.edge.ensure([WEB], {"web": [bench.member(1)]})
        other.ensure([replace(WEB, host="other.test")], {"web": [bench.member(3)]})
        assert not bench.edge.ensure([WEB], {"web": [bench.member(1)]})
        assert (bench.version(), bench.version(Host="other.test")) == ("v1", "v2")
        with pytest.raises(TrafficError, match="`x`"):
            other.ensure([Route("web", listen=8877)], {})
        assert not admin.replace({}, have.etag)
        other.ensure([], {})
        assert admin.config().value["apps"]["http"]["servers"]["x"] == theirs
        assert bench.version(Host="other.test") == "v1"


def test_projects_that_change_at_once_do_not_lose_each_others_part(bench: RealBench, fleet: Fleet) -> None:
    one, two = bench.member(1), bench.member(2)

    def changes(project: str) -> None:
        with edge_bench.connection(fleet) as way:
            edge = edge_bench.caddy_edge(way, project)
            edge.ensure([replace(WEB, host=f"{project}.test")], {"web": [one]})
            for turn in range(8):
                edge.put("web", [one, replace(two, weight=turn + 1)])

    in_parallel(changes, ["a", "b", "c"])
    with edge_bench.connection(fleet) as way:
        back = edge_bench.caddy_half(way, "back")
        assert json.loads(back._keeper.read()) == back.config()
        for project in ("a", "b", "c"):
            edge = edge_bench.caddy_edge(way, project)
            assert members(edge) == {one, replace(two, weight=8)}
            edge.ensure([], {})


def subject(bench: RealBench, name: str) -> str:
    """Return whose certificate the balancer shows for a host name, after a request under that name."""
    context = edge_bench._trusting()
    with (
        socket.create_connection((bench.fleet.host(HOST).address, SECURE), timeout=30) as plain,
        context.wrap_socket(plain, server_hostname=name) as line,
    ):
        line.sendall(f"GET / HTTP/1.1\r\nHost: {name}\r\nConnection: close\r\n\r\n".encode())
        assert b" 200 " in line.recv(100)
        shown = x509.load_der_x509_certificate(line.getpeercert(binary_form=True) or b"")
    return str(shown.subject.get_attributes_for_oid(NameOID.COMMON_NAME)[0].value)


def certified(host: str, name: str = "") -> Tls:
    """Return a certificate for a host, signed by itself."""
    key = ec.generate_private_key(ec.SECP256R1())
    named = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name or host)])
    now = datetime.now(UTC)
    made = x509.CertificateBuilder(named, named, key.public_key(), x509.random_serial_number())
    made = made.not_valid_before(now - timedelta(1)).not_valid_after(now + timedelta(1))
    made = made.add_extension(x509.SubjectAlternativeName([x509.DNSName(host)]), critical=False)
    pem = made.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)
    plain = serialization.NoEncryption()
    form = serialization.PrivateFormat.PKCS8
    private = key.private_bytes(serialization.Encoding.PEM, form, plain)
    return Tls(Secret(pem.decode()), Secret(private.decode()))
