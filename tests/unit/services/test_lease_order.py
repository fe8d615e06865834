"""Of many who ask for leases at once, who gets the first host's gets them all."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

from orchestr8.core.clock import ManualClock
from orchestr8.engine.services.lease import refusal
from orchestr8.engine.services.ports import Bid, Holding
from orchestr8.state.memory import MemoryLock

HOSTS = ("h1", "h2", "h3", "h4")
CONTROLLERS = 4


def test_who_is_refused_by_the_first_host_asks_no_other() -> None:
    clock = ManualClock()
    lock = MemoryLock(clock.monotonic)
    lock.take(Bid("other", "ann@there", "", "", 60.0))
    asked = []

    def ask(host: str) -> tuple[str, Holding] | None:
        asked.append(host)
        answer = lock.take(Bid("mine", "bob@here", "", "", 60.0))
        return (host, answer) if isinstance(answer, Holding) else None

    refused = refusal(ask, HOSTS, 4)
    assert refused is not None
    assert (refused[0], refused[1].run) == ("h1", "other")
    assert asked == ["h1"]


def test_of_controllers_that_begin_together_one_gets_all_hosts() -> None:
    clock = ManualClock()
    locks = {host: MemoryLock(clock.monotonic) for host in HOSTS}
    begin = threading.Barrier(CONTROLLERS)
    held: dict[str, list[str]] = {host: [] for host in HOSTS}

    def controller(number: int) -> bool:
        def ask(host: str) -> tuple[str, Holding] | None:
            answer = locks[host].take(Bid(f"run{number}", "ann@there", "", "", 60.0))
            if isinstance(answer, Holding):
                return host, answer
            held[host].append(f"run{number}")
            return None

        begin.wait()
        return refusal(ask, HOSTS, 4) is None

    with ThreadPoolExecutor(CONTROLLERS) as pool:
        won = list(pool.map(controller, range(CONTROLLERS)))
    assert won.count(True) == 1
    winner = f"run{won.index(True)}"
    assert held == {host: [winner] for host in HOSTS}
