"""Requests come to services by two real balancers while the services change; none of them may fail."""

from __future__ import annotations

import http.client
import json
import ssl
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from socket import create_connection
from typing import Any
from urllib.request import Request, urlopen

import pytest

from tests.bed.load import Load, fetch
from tests.certificates import made_certificate
from tests.edges import standing

pytestmark = pytest.mark.fleet

EDGES = ("h1", "h2")
PORT = 8898
HOST = "shop.example"


@pytest.fixture
def socket(stage: Any) -> Iterator[str]:
    with standing(stage.fleet, EDGES, f"/run/o8-{stage.project}") as found:
        yield found
        stage.clean()


def ingress(socket: str, **more: Any) -> dict[str, Any]:
    return {"on": "h1,h2", "socket": socket, "port": 8080, "listen": PORT, **more}


def urls(stage: Any) -> list[str]:
    return [f"http://{stage.fleet.host(edge).address}:{PORT}" for edge in EDGES]


def answer(url: str, headers: dict[str, str] | None = None) -> str:
    with urlopen(Request(url, headers=headers or {}), timeout=30) as reply:
        return str(json.load(reply)["version"])


def seen(url: str, headers: dict[str, str] | None = None) -> set[str]:
    """Return who answers ten requests."""
    return {answer(url, headers) for _ in range(10)}


def share(url: str, version: str, number: int = 300) -> float:
    """Return the percentage of requests that a version answers."""
    with ThreadPoolExecutor(4) as pool:
        found = [each["version"] for each in pool.map(fetch, [url] * number)]
    return 100 * found.count(version) / number


@contextmanager
def one_after_the_other(url: str) -> Iterator[list[str]]:
    """Ask all the time, each time after the answer; yield who answered."""
    found: list[str] = []
    ended = threading.Event()

    def ask() -> None:
        while not ended.wait(0.005):
            found.append(fetch(url)["version"])

    thread = threading.Thread(target=ask)
    thread.start()
    try:
        yield found
    finally:
        ended.set()
        thread.join()


def test_a_rolling_update_loses_no_request(stage: Any, socket: str) -> None:
    first = stage.deploy(replicas=5, ingress=ingress(socket))
    assert len(stage.live()) == 5, first.out
    with Load(urls(stage), rate=50) as load:
        mark = stage.mark()
        ran = stage.deploy("v2", replicas=5, ingress=ingress(socket))
        running = stage.running_over_time(mark, 5)
    assert (load.report.failures, load.report.retried) == ([], 0), ran.out
    assert set(load.report.versions) == {"v1", "v2"}
    assert (min(running), max(running)) == (5, 6)
    mark = stage.mark()
    again = stage.run()
    assert "unchanged" in again.out, again.out
    assert stage.events(mark) == []
    pruned = stage.verb("prune", "web", "-y")
    assert pruned.rc == 0, pruned.out
    assert pruned.out.index("route web on h1") < pruned.out.index("container")
    assert stage.containers() == []
    for edge in EDGES:
        file = stage.fleet.exec(edge, ["cat", socket.replace("admin.sock", "haproxy.cfg")]).stdout
        assert f":{PORT}" not in file


def test_a_balancer_is_run_for_the_user_and_made_again(stage: Any) -> None:
    image = stage.fleet.edge_image("haproxy")
    asked = {"on": "h1", "image": image, "port": 8080, "listen": PORT + 1}
    owned = ["ps", "-aq", "--filter", "label=o8.project=o8.edge"]
    try:
        stage.deploy(replicas=2, ingress=asked)
        assert stage.docker("h1", *owned).split()
        assert fetch(f"{urls(stage)[0][:-4]}{PORT + 1}")["version"] == "v1"
        stage.docker("h1", "rm", "-f", *stage.docker("h1", *owned).split())
        ran = stage.run()
        assert ran.rc == 0, ran.out
        assert fetch(f"{urls(stage)[0][:-4]}{PORT + 1}")["version"] == "v1"
    finally:
        stage.docker("h1", "rm", "-f", *stage.docker("h1", *owned).split())
        stage.fleet.exec("h1", ["rm", "-rf", "/var/lib/orchestr8/.edge"])


def test_a_canary_gets_its_share_on_every_edge_and_loses_it_before_it_stops(stage: Any, socket: str) -> None:
    steps = [{"scale": 1}, {"weight": 10}, {"pause": "approval"}, {"weight": 50}, {"pause": "approval"}]
    how = {"update": {"strategy": "canary", "steps": steps}, "ingress": ingress(socket)}
    stage.deploy(**how)
    stage.web("v2", **how)
    with Load(urls(stage), rate=50) as load:
        ran = stage.run()
        assert ran.rc == 22, ran.out
        for url in urls(stage):
            assert share(url, "v2") == pytest.approx(10, abs=2)
        promoted = stage.verb("promote", "web", "-y")
        assert promoted.rc == 22, promoted.out
        for url in urls(stage):
            assert share(url, "v2") == pytest.approx(50, abs=3)
        aborted = stage.verb("abort", "web", "-y")
    assert aborted.rc == 0, aborted.out
    assert (load.report.failures, load.report.retried) == ([], 0)
    assert stage.versions() == stage.versions()[:1] * 3


def test_blue_green_shows_a_preview_switches_at_once_and_back(stage: Any, socket: str) -> None:
    steps = [{"scale": "100%"}, {"weight": 0}, {"pause": "approval"}, {"weight": 100}, {"pause": "approval"}]
    preview = {"header": "X-Preview", "value": "yes"}
    how = {"update": {"strategy": "blue_green", "steps": steps}, "ingress": ingress(socket, preview=preview)}
    stage.deploy(**how)
    stage.web("v2", **how)
    ran = stage.run()
    assert ran.rc == 22, ran.out
    for url in urls(stage):
        assert seen(url) == {"v1"}
        assert seen(url, {"X-Preview": "yes"}) == {"v2"}
        assert seen(url, {"X-Preview": "no"}) == {"v1"}
    one, two = urls(stage)
    with one_after_the_other(one) as first, one_after_the_other(two) as second:
        promoted = stage.verb("promote", "web", "-y")
    assert promoted.rc == 22, promoted.out
    for found in (first, second):
        assert found == sorted(found)
        assert set(found) == {"v1", "v2"}
    assert [seen(url) for url in urls(stage)] == [{"v2"}, {"v2"}]
    mark = stage.mark()
    back = stage.verb("abort", "web", "-y")
    assert back.rc == 0, back.out
    assert [seen(url) for url in urls(stage)] == [{"v1"}, {"v1"}]
    assert not [e for e in stage.events(mark) if e[2] == "start"]


def test_a_check_that_fails_after_the_switch_switches_back(stage: Any, socket: str) -> None:
    check = {"exec": ["false"], "from": "controller"}
    steps = [{"scale": "100%"}, {"weight": 0}, {"weight": 100}, {"check": check}]
    how = {"update": {"strategy": "blue_green", "steps": steps}, "ingress": ingress(socket), "replicas": 2}
    stage.deploy(**{**how, "update": {"strategy": "blue_green"}})
    stage.web("v2", **how)
    mark = stage.mark()
    with Load(urls(stage), rate=50) as load:
        ran = stage.run()
    assert ran.rc == 20, ran.out
    assert (load.report.failures, load.report.retried) == ([], 0)
    assert set(load.report.versions) == {"v1", "v2"}
    assert [seen(url) for url in urls(stage)] == [{"v1"}, {"v1"}]
    started = [name for _, _, action, name in stage.events(mark) if action == "start"]
    assert sorted(started) == [f"{stage.project}-web-{slot}-2" for slot in (1, 2)]


def test_users_come_by_https_and_canary_users_to_the_canary(stage: Any, socket: str) -> None:
    made_certificate(stage.folder, HOST)
    tls = {"cert": {"file": str(stage.folder / "cert.pem")}, "key": {"file": str(stage.folder / "key.pem")}}
    match = {"header": "X-Canary", "value": "yes"}
    how = {"ingress": ingress(socket, host=HOST, tls=tls, redirect=PORT + 2, match=match), "replicas": 2}
    first = stage.deploy(**how)
    assert (stage.folder / "key.pem").read_text().splitlines()[1] not in first.out
    steps = [{"scale": 1}, {"weight": 0}, {"pause": "approval"}]
    stage.web("v2", update={"strategy": "canary", "steps": steps}, **how)
    ran = stage.run()
    assert ran.rc == 22, ran.out
    for edge in EDGES:
        address = stage.fleet.host(edge).address
        answers = [secured(stage, address, {"X-Canary": word}) for word in ("no", "yes") for _ in range(3)]
        assert answers == ["v1"] * 3 + ["v2"] * 3
        plain = http.client.HTTPConnection(address, PORT + 2, timeout=30)
        plain.request("GET", "/a", headers={"Host": HOST})
        assert plain.getresponse().getheader("Location") == f"https://{HOST}:{PORT}/a"


def secured(stage: Any, address: str, headers: dict[str, str]) -> str:
    """Return the version that answers by https, whose certificate has to be the one that was given."""
    context = ssl.create_default_context(cafile=str(stage.folder / "cert.pem"))
    connection = http.client.HTTPConnection(HOST)
    raw = create_connection((address, PORT), timeout=30)
    connection.sock = context.wrap_socket(raw, server_hostname=HOST)
    connection.request("GET", "/", headers=headers)
    return str(json.loads(connection.getresponse().read())["version"])


def test_requests_in_flight_end_before_anything_is_told_to_stop(stage: Any, socket: str) -> None:
    how = {"replicas": 2, "ingress": ingress(socket, drain={"timeout": "20s"}), "stop_grace_period": "2s"}
    stage.deploy(environment={"IGNORE_TERM": "1"}, **how)
    url = urls(stage)[0]
    with ThreadPoolExecutor(4) as pool:
        mark = time.time()
        slow = [pool.submit(answer, f"{url}/?slow=6") for _ in range(4)]
        time.sleep(0.5)
        began = stage.mark()
        stage.deploy("v2", **how)
        assert {each.result() for each in slow} == {"v1"}
    kills = [when for when, _, action, _ in stage.events(began) if action == "kill"]
    assert min(kills) - mark >= 6
