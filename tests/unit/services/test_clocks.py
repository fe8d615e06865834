"""S38: the clocks of hosts may show anything and jump; no decision is made by them."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from services_world import World, web

from orchestr8.core.event import Warned
from orchestr8.deploy.model import Amount, Observed, Step, Update
from orchestr8.deploy.target import go_back
from orchestr8.engine.ports import Endpoint
from orchestr8.engine.services.ports import Bid, Granted, Holding, Sight
from orchestr8.runtime.memory import MemoryRuntime
from orchestr8.state.host_lock import HostLock
from orchestr8.transport.memory import MemoryHost, MemoryTransport

BEGIN = datetime(2026, 1, 1, tzinfo=UTC)
STEPS = (
    Step("scale", Amount(1)),
    Step("pause", seconds=30.0),
    Step("check"),
    Step("scale", Amount(100, percent=True)),
)


class Dated(MemoryRuntime):
    """An engine whose containers carry dates of a clock that is `ahead` and jumps after some starts."""

    ahead, jump, starts = 0.0, 0.0, 0

    def start(self, name: str) -> None:
        super().start(name)
        self.starts += 1
        self.replicas[name] = replace(self.replicas[name], started_at=self._date())

    def stop(self, name: str, grace: float) -> None:
        super().stop(name, grace)
        if name in self.replicas:
            self.replicas[name] = replace(self.replicas[name], finished_at=self._date())

    def look(self, project: str, labels: Any) -> Sight:
        return replace(super().look(project, labels), date=BEGIN.timestamp() + self.ahead)

    def _date(self) -> str:
        return (BEGIN + timedelta(seconds=self.ahead + self.jump * (self.starts > 2))).isoformat()


def story(ahead: Sequence[float], jumps: Sequence[float]) -> tuple[Any, ...]:
    """Return all that rollouts, a failed one, pruning and a way back do, on hosts with these clocks."""
    world = World()
    for name, early, jump in zip(world.names, ahead, jumps, strict=True):
        dated = Dated(world.engines[name].facts, world.registry)
        dated.ahead, dated.jump = early, jump
        world.engines[name] = dated
    canary = Update(strategy="canary", steps=STEPS, min_healthy_time=10.0)
    ends = [world.bring(web(f"app:v{n}")).verdicts["web"] for n in (1, 2)]
    ends.append(world.bring(web("app:v3", update=canary, revisions=2)).verdicts["web"])
    for engine in world.engines.values():
        engine.crashing.add(world.registry.tags["app:v4"])
    ends.append(world.bring(web("app:v4")).verdicts["web"])
    rollout = world.rollout()
    observed: Observed = rollout.observe()
    ends.append(rollout.carry_out([go_back("shop", "web", observed)], observed).verdicts["web"])
    deeds = {name: engine.calls for name, engine in world.engines.items()}
    kept = {name: sorted(n for _, n in records.kept) for name, records in world.records.items()}
    return [v.end for v in ends], deeds, kept, world.live()


SECONDS = st.floats(-86400, 86400, allow_nan=False)


RIGHT = cache(lambda: story([0.0] * 4, [0.0] * 4))


@settings(max_examples=6, deadline=None)
@example([600.0, -600.0, 0.0, 3600.0], [0.0, 900.0, -900.0, 0.0])
@given(st.lists(SECONDS, min_size=4, max_size=4), st.lists(SECONDS, min_size=4, max_size=4))
def test_whatever_clocks_show_the_same_is_done(ahead: list[float], jumps: list[float]) -> None:
    assert RIGHT()[0] == ["converged", "converged", "converged", "rolled_back", "converged"]
    assert story(ahead, jumps) == RIGHT()


def test_a_clock_that_is_far_off_is_told() -> None:
    world = World()
    for name, early in zip(world.names, (600.0, -601.0, 20.0, 0.0), strict=True):
        dated = Dated(world.engines[name].facts, world.registry)
        dated.ahead = early
        world.engines[name] = dated
    world.bring(web())
    told = [e.diagnostic.message for e in world.events.seen if isinstance(e, Warned)]
    assert told == [
        "h1: its clock is 10m0s ahead of this machine's",
        "h2: its clock is 10m1s behind this machine's",
    ]


def test_leases_ask_no_date(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def no_date() -> float:
        raise AssertionError("a lease looked at the date")

    connection = MemoryTransport({"h": MemoryHost()}).connect(Endpoint("h", "h"))
    lock = HostLock("h", "shop", lambda: connection, None, str(tmp_path))
    monkeypatch.setattr(time, "time", no_date)
    assert lock.take(Bid("a")) == Granted(1)
    assert isinstance(lock.take(Bid("b")), Holding)
    assert lock.renew(1)
    lock.release(1)
    assert lock.take(Bid("b")) == Granted(2)
