"""Controllers that begin together, sharing nothing but hosts: one gets the lock, never two, never none."""

from __future__ import annotations

import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from services_world import Events

from orchestr8.core.clock import SystemClock
from orchestr8.core.errors import LockHeld
from orchestr8.engine.ports import Endpoint
from orchestr8.engine.services.lease import Lease, Terms, Watch
from orchestr8.engine.services.observer import Crew
from orchestr8.engine.services.ports import Bid, Site
from orchestr8.state.host_lock import HostLock
from orchestr8.transport.memory import MemoryHost, MemoryTransport

HOSTS = ("h1", "h2", "h3", "h4")
ROUNDS = 100


class Race:
    """Hosts whose leases are kept by the module that real hosts run, each in a folder of its own."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.inside: Counter[str] = Counter()
        self.most = 0
        self.guard = threading.Lock()

    def lease(self, run: str, wait: float) -> Lease:
        """Return what a controller on a machine of its own asks with."""
        transport = MemoryTransport({h: MemoryHost() for h in HOSTS})
        crew = Crew("shop", {h: self._site(transport, h) for h in HOSTS})
        watch = Watch(SystemClock(), Events(), lambda: False)
        return Lease(crew, Bid(run, f"{run}@there"), Terms(wait=wait), watch)

    def _site(self, transport: MemoryTransport, host: str) -> Site:
        connection = transport.connect(Endpoint(host, host))
        lock = HostLock(host, "shop", lambda: connection, None, str(self.root / host))
        unused: Any = None
        return Site(host, unused, unused, unused, unused, {}, lock)

    def enter(self, run: str) -> None:
        with self.guard:
            self.inside[run] += 1
            self.most = max(self.most, len(+self.inside))

    def leave(self, run: str) -> None:
        with self.guard:
            self.inside[run] -= 1


def test_of_two_to_four_that_begin_together_exactly_one_wins_every_time(tmp_path: Path) -> None:
    race = Race(tmp_path)
    with ThreadPoolExecutor(4) as pool:
        for round_ in range(ROUNDS):
            number = 2 + round_ % 3
            begin, decided = threading.Barrier(number), threading.Barrier(number)

            def controller(name: str, begin: Any = begin, decided: Any = decided) -> str:
                lease = race.lease(name, 0.0)
                begin.wait()
                try:
                    lease.take(HOSTS, {})
                except LockHeld as error:
                    decided.wait()
                    return error.message
                race.enter(name)
                decided.wait()
                race.leave(name)
                lease.release()
                return ""

            names = [f"r{round_}c{n}" for n in range(number)]
            ends = list(pool.map(controller, names))
            (winner,) = [name for name, end in zip(names, ends, strict=True) if not end]
            assert all(f"{winner}@there" in end for end in ends if end), ends
    assert race.most == 1


def test_those_that_wait_come_in_one_after_the_other(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("orchestr8.engine.services.lease._PAUSE", 0.02)
    race, begin = Race(tmp_path), threading.Barrier(4)

    def controller(name: str) -> None:
        lease = race.lease(name, 60.0)
        begin.wait()
        for _ in range(5):
            lease.take(HOSTS, {})
            race.enter(name)
            race.leave(name)
            lease.release()

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(controller, "abcd"))
    assert race.most == 1
    assert not +race.inside
