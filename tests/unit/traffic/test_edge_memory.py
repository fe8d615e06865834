"""The load balancer in memory does what every balancer has to do."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from orchestr8.deploy.traffic import Member
from orchestr8.traffic.memory import MemoryEdge
from tests.edge_contract import EdgeContract


class MemoryBench:
    def __init__(self) -> None:
        self.edge = MemoryEdge()

    def member(self, number: int, weight: int = 100) -> Member:
        return Member(f"web-{number}-1", f"10.0.0.{number}", 8080, weight)

    @contextmanager
    def busy(self, member: Member) -> Iterator[None]:
        self.edge.busy.add(member.name)
        yield
        self.edge.busy.discard(member.name)


class TestMemory(EdgeContract):
    @pytest.fixture
    def bench(self) -> MemoryBench:
        return MemoryBench()
