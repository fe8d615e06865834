"""Requests come to services by pairs of Caddys that orchestr8 runs; no change of services may cost one."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.bed.load import Load
from tests.services_stage import Stage

EDGES = ("h1", "h2")
PORT = 8897


@pytest.fixture(autouse=True)
def edges(stage: Stage) -> Iterator[None]:
    stage.hosts = EDGES
    yield
    for host in EDGES:
        script = "docker ps -aq --filter name=^o8-edge- | xargs -r docker rm -f"
        stage.fleet.exec(host, ["sh", "-c", f"{script}; rm -rf /var/lib/orchestr8/.edge"])


def test_a_rolling_update_and_the_end_of_the_route(stage: Stage) -> None:
    image = stage.fleet.edge_image("caddy")
    ingress: dict[str, Any] = {"on": "h1,h2", "via": "caddy", "image": image, "port": 8080, "listen": PORT}
    stage.deploy(replicas=2, ingress=ingress)
    urls = [f"http://{stage.fleet.host(edge).address}:{PORT}" for edge in EDGES]
    with Load(urls, rate=60) as load:
        ran = stage.deploy("v2", replicas=2, ingress=ingress)
    assert (load.report.failures, load.report.retried) == ([], 0), ran.out
    assert set(load.report.versions) == {"v1", "v2"}
    shown = stage.verb("status", "web")
    assert shown.out.count("50%") == 4, shown.out
    stage.deploy("v2", replicas=2)
    listening = stage.fleet.exec("h1", ["ss", "-ltn"]).stdout
    assert f":{PORT} " not in listening
