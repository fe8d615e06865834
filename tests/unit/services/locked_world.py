"""The world of rollouts with locks: controllers that exclude each other, and that die where a test says."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from services_world import Killed, World

from orchestr8.core.clock import ManualClock
from orchestr8.deploy.model import Desired, Intent, Observed, ServiceSpec
from orchestr8.deploy.target import desire, go_back, go_on
from orchestr8.engine.services.converge import Ended
from orchestr8.engine.services.lease import Terms
from orchestr8.engine.services.observer import Crew
from orchestr8.engine.services.ports import Site
from orchestr8.engine.services.rollout import Conditions, Rollout
from orchestr8.state.memory import MemoryLock, MemoryRecords

CHANGES = ("pull", "pin", "unpin", "create", "start", "stop", "remove", "update")


class Fenced:
    """An engine as the holder of a token uses it."""

    def __init__(self, runtime: Any, lock: MemoryLock, token: int) -> None:
        self._runtime, self._lock, self._token = runtime, lock, token

    def __getattr__(self, name: str) -> Any:
        if name in CHANGES:
            self._lock.admit(self._token)
        return getattr(self._runtime, name)


class Fuse:
    """Passes moments on; kills at the nth one, and never lets a dead controller do anything more."""

    def __init__(self, at: int = 0) -> None:
        self.left, self.seen = at, []  # type: ignore[var-annotated]

    def __call__(self, moment: str) -> None:
        if self.left < 0:
            raise Killed
        self.seen.append(moment)
        if self.left > 0 and len(self.seen) == self.left:
            self.left = -1
            raise Killed


class LockedWorld(World):
    """Every controller is another machine: it has a run of its own and shares nothing but the hosts."""

    def __post_init__(self) -> None:
        super().__post_init__()
        self.clock = ManualClock()
        self.locks = {n: MemoryLock(self.clock.monotonic) for n in self.names}
        self.records = {n: MemoryRecords(self.locks[n]) for n in self.names}
        self.fuse = Fuse()
        self.runs: Counter[str] = Counter()
        self.terms = Terms(wait=120.0)

    def _site(self, name: str, token: int | None = None) -> Site:
        engine: Any = self.engines[name]
        records: Any = self.records[name]
        if token is not None:
            engine = Fenced(engine, self.locks[name], token)
            records = records.for_holder(token)
        files, lock = self.files[name], self.locks[name]
        return Site(name, engine, records, self.probe, files, {}, lock, lambda fresh: self._site(name, fresh))

    def rollout(self) -> Rollout:
        self.runs["all"] += 1
        crew = Crew("shop", {n: self._site(n) for n in self.names}, forks=1)
        run = f"run-{self.runs['all']}"
        given = Conditions(self.clock, self.events, lambda: self.stop, run, "me@here", self.terms, self.fuse)
        return Rollout(crew, given)

    def command(self, decide: Callable[[Rollout, Observed], Desired], *specs: ServiceSpec) -> Ended:
        """Do what a verb does: look, decide, hold, look again when somebody was there, carry out."""
        rollout = self.rollout()
        observed = rollout.observe(specs)
        desired = decide(rollout, observed)
        try:
            if not rollout.hold([desired], observed):
                observed = rollout.observe(specs)
                desired = decide(rollout, observed)
            return rollout.carry_out([desired], observed)
        finally:
            rollout.let_go()

    def bring(self, *specs: ServiceSpec) -> Ended:
        (spec,) = specs
        hosts = frozenset(self.names)

        def decide(rollout: Rollout, seen: Observed) -> Desired:
            pinned = rollout.resolved(spec, sorted(hosts))
            return desire("shop", pinned, seen, candidates=hosts, run=rollout.conditions.run)

        return self.command(decide, spec)

    def back(self, to: int | None = None) -> Ended:
        return self.command(lambda rollout, seen: go_back("shop", "web", seen, to=to))

    def go_on(self, **intent: Any) -> Ended:
        return self.command(lambda rollout, seen: go_on("shop", "web", seen, Intent(**intent)))

    def free(self) -> bool:
        return all(lock.given_back >= 0 for lock in self.locks.values())

    def impatient(self) -> None:
        self.terms = replace(self.terms, wait=0.0)
