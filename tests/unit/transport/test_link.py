"""Connections as Fabric makes them, before anything is sent."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from orchestr8.transport.credentials import Credentials, KeyRing
from orchestr8.transport.host_keys import HostKeys
from orchestr8.transport.resolve import Target
from orchestr8.transport.ssh_link import Link


@pytest.fixture
def restless() -> Iterator[None]:
    """Let threads take turns as often as can be."""
    usual = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(usual)


@pytest.mark.usefixtures("restless")
def test_many_are_made_at_once_in_threads() -> None:
    keys, ring = HostKeys(None), KeyRing()

    def made(number: int) -> str:
        target = Target(f"h{number}", f"192.0.2.{number}", 22, "root", f"h{number}")
        return str(Link(target, keys, Credentials(target, ring), None).host)

    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(made, range(200)))
    assert found == [f"192.0.2.{number}" for number in range(200)]
