"""Requests come to services by two real balancers while the services change; none of them may fail."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.bed.load import Load, fetch
from tests.edges import standing

pytestmark = pytest.mark.fleet

EDGES = ("h1", "h2")
PORT = 8898


@pytest.fixture
def socket(stage: Any) -> Iterator[str]:
    with standing(stage.fleet, EDGES, f"/run/o8-{stage.project}") as found:
        yield found
        stage.clean()


def ingress(socket: str, **more: Any) -> dict[str, Any]:
    return {"on": "h1,h2", "socket": socket, "port": 8080, "listen": PORT, **more}


def urls(stage: Any) -> list[str]:
    return [f"http://{stage.fleet.host(edge).address}:{PORT}" for edge in EDGES]


def test_a_rolling_update_loses_no_request(stage: Any, socket: str) -> None:
    first = stage.deploy(replicas=5, ingress=ingress(socket))
    assert len(stage.live()) == 5, first.out
    with Load(urls(stage), rate=100) as load:
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
