"""Leases as a host keeps them: one holder, tokens that only grow, no clock but the host's own."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from orchestr8.core.errors import HostFailed, LockLost
from orchestr8.deploy.model import Readiness, Revision, ServiceSpec, Workload
from orchestr8.engine.ports import Endpoint
from orchestr8.engine.services.ports import Bid, Copy, Granted, Holding
from orchestr8.remote import fence
from orchestr8.remote.modules import o8_lock
from orchestr8.state.host_lock import HostLock
from orchestr8.state.host_records import HostRecords
from orchestr8.state.memory import MemoryLock
from orchestr8.transport.memory import MemoryHost, MemoryTransport

ANN = Bid("run-a", "ann@one", "o8 run site.yml", seconds=60)
BOB = Bid("run-b", "bob@two", seconds=60)


class HostClock:
    """The host's uptime and start, as it would tell them."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.now, self.boot = 1000.0, "boot-1"
        monkeypatch.setattr(o8_lock, "_uptime", lambda: self.now)
        monkeypatch.setattr(o8_lock, "_boot", lambda: self.boot)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> HostClock:
    return HostClock(monkeypatch)


@pytest.fixture
def connection() -> Callable[[], Any]:
    made = MemoryTransport({"h": MemoryHost()}).connect(Endpoint("h", "h"))
    return lambda: made


@pytest.fixture
def lock(tmp_path: Path, clock: HostClock, connection: Callable[[], Any]) -> HostLock:
    return HostLock("h", "shop", connection, None, str(tmp_path))


@pytest.fixture(params=["host", "memory"])
def either(request: pytest.FixtureRequest, lock: HostLock, clock: HostClock) -> Any:
    return lock if request.param == "host" else MemoryLock(lambda: clock.now)


def test_one_holds_it_and_the_other_learns_who(either: Any, clock: HostClock) -> None:
    assert either.take(ANN) == Granted(1, clean=True)
    clock.now += 12
    held = either.take(BOB)
    assert isinstance(held, Holding)
    assert (held.run, held.by, held.reason) == ("run-a", "ann@one", "o8 run site.yml")
    assert (held.age, held.quiet, held.left) == (12, 12, 48)


def test_a_lease_given_back_is_free_and_the_token_grows(either: Any) -> None:
    either.take(ANN)
    either.release(1)
    assert either.take(BOB) == Granted(2, clean=True)
    assert not either.renew(1)
    either.release(1)
    assert either.renew(2)


def test_asking_again_is_answered_alike(either: Any) -> None:
    assert either.take(ANN).token == either.take(ANN).token == 1


def test_a_silent_holder_is_followed_and_cannot_come_back(either: Any, clock: HostClock) -> None:
    either.take(ANN)
    clock.now += 40
    assert either.renew(1)
    clock.now += 59
    assert isinstance(either.take(BOB), Holding)
    clock.now += 1
    assert either.take(BOB) == Granted(2, clean=False)
    assert not either.renew(1)


def test_a_holder_known_to_be_dead_is_followed_at_once_but_no_other(either: Any) -> None:
    either.take(ANN)
    assert isinstance(either.take(BOB, over=7), Holding)
    assert either.take(BOB, over=1) == Granted(2, clean=False)
    assert isinstance(either.take(ANN, over=1), Holding)


def test_a_lease_is_ended_by_the_name_of_its_run(either: Any) -> None:
    either.take(ANN)
    assert not either.end("run-b")
    assert either.end("run-a")
    assert not either.renew(1)
    assert either.take(BOB).token == 3


def test_after_a_restart_of_the_host_a_lease_lives_once_more_in_full(
    lock: HostLock, clock: HostClock
) -> None:
    lock.take(ANN)
    clock.now, clock.boot = 5.0, "boot-2"
    held = lock.take(BOB)
    assert isinstance(held, Holding)
    assert (held.age, held.left) == (None, 55)
    assert lock.renew(1)
    clock.now = 64
    assert isinstance(lock.take(BOB), Holding)
    clock.now = 66
    assert lock.take(BOB) == Granted(2, clean=False)


def test_leases_of_all_projects_are_shown(lock: HostLock, tmp_path: Path, connection: Any) -> None:
    everything = HostLock("h", "", connection, None, str(tmp_path))
    assert everything.shown() == []
    lock.take(ANN)
    assert [(h.project, h.run) for h in everything.shown()] == [("shop", "run-a")]
    lock.release(1)
    assert everything.shown() == []


def test_a_damaged_lease_is_nobodys(lock: HostLock, tmp_path: Path) -> None:
    lock.take(ANN)
    (tmp_path / "shop" / "lease").write_text("{")
    with pytest.raises(HostFailed, match="remove the file"):
        lock.take(BOB)
    with pytest.raises(fence.Shut):
        fence.Gate(str(tmp_path / "shop"), 1).enter()


def test_whoever_takes_over_waits_for_the_change_under_way(
    lock: HostLock, clock: HostClock, tmp_path: Path
) -> None:
    lock.take(ANN)
    gate = fence.Gate(str(tmp_path / "shop"), 1)
    gate.enter()
    assert lock.renew(1)
    clock.now += 100
    got: list[Any] = []
    taking = threading.Thread(target=lambda: got.append(lock.take(BOB)))
    taking.start()
    taking.join(0.1)
    assert got == []
    gate.leave()
    taking.join(30)
    assert got == [Granted(2, clean=False)]
    with pytest.raises(fence.Shut, match="bob@two holds it now"):
        gate.enter()


def test_a_gate_is_shut_where_there_is_no_lease(tmp_path: Path) -> None:
    with pytest.raises(fence.Shut):
        fence.Gate(str(tmp_path), 1).enter()


def test_records_are_written_by_the_holder_alone(
    lock: HostLock, clock: HostClock, tmp_path: Path, connection: Any
) -> None:
    spec = ServiceSpec("web", Workload("app", "app@1"), readiness=Readiness("running"))
    copy = Copy(Revision("web", 1, spec).sealed(""))
    bare = HostRecords("h", "shop", connection, None, str(tmp_path))
    assert bare.read().token == 0
    lock.take(ANN)
    mine = HostRecords("h", "shop", connection, None, str(tmp_path), token=1)
    mine.write([copy])
    assert bare.read().token == -1
    clock.now += 100
    lock.take(BOB)
    with pytest.raises(LockLost):
        mine.write([copy], [("web", 1)])
    assert len(mine.read().found) == 1
    lock.release(2)
    assert bare.read().token == 2
    assert json.loads((tmp_path / "shop" / "lease").read_text()) == {"token": 2, "free": True}
