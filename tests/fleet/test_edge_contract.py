"""Real load balancers do what every balancer has to do."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from dataclasses import replace

import pytest

from tests import edge_bench
from tests.bed import Fleet
from tests.edge_bench import RealBench
from tests.edge_contract import PORT, WEB, EdgeContract

ASK = "import sys, urllib.request as u; print(u.urlopen('http://%s:%s' % tuple(sys.argv[1:])).status)"


@pytest.fixture(scope="module")
def caddy(fleet: Fleet) -> Iterator[RealBench]:
    with edge_bench.caddy(fleet) as made:
        yield made


@pytest.fixture(scope="module")
def haproxy(fleet: Fleet) -> Iterator[RealBench]:
    with edge_bench.haproxy(fleet) as made:
        yield made


class TestHaproxy(EdgeContract):
    @pytest.fixture
    def bench(self, haproxy: RealBench) -> RealBench:
        return haproxy


class TestCaddy(EdgeContract):
    @pytest.fixture
    def bench(self, caddy: RealBench) -> RealBench:
        return caddy


@pytest.mark.parametrize("kind", ["haproxy", "caddy"])
def test_what_is_for_containers_is_there_for_nobody_else(
    kind: str, fleet: Fleet, request: pytest.FixtureRequest
) -> None:
    bench: RealBench = request.getfixturevalue(kind)
    bench.edge.ensure([replace(WEB, inside=True)], {"web": [bench.member(1)]})
    ask = ["docker", "exec", bench.member(2).name, "python3", "-c", ASK, edge_bench.GATEWAY, str(PORT)]
    assert fleet.exec(edge_bench.HOST, ask).stdout.strip() == "200"
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection((fleet.host(edge_bench.HOST).address, PORT), timeout=30)
    bench.edge.ensure([], {})
