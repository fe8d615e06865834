"""Real load balancers do what every balancer has to do."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests import edge_bench
from tests.bed import Fleet
from tests.edge_bench import RealBench
from tests.edge_contract import EdgeContract


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
