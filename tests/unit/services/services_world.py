"""Hosts in memory for rollouts: engines, records and probes whose time only moves when somebody waits."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field, replace

from orchestr8.core.clock import ManualClock
from orchestr8.core.errors import O8Error
from orchestr8.core.event import Event, RolloutEvent
from orchestr8.deploy.model import HostFacts, Observed, Readiness, ServiceSpec, Update, Workload
from orchestr8.deploy.target import desire
from orchestr8.engine.services.converge import Ended
from orchestr8.engine.services.gate_port import Ask, Reading
from orchestr8.engine.services.hooking import Hook
from orchestr8.engine.services.observer import Crew
from orchestr8.engine.services.ports import Answer, Probe, Site, Target
from orchestr8.engine.services.rollout import Conditions, Rollout
from orchestr8.engine.services_port import no_hook
from orchestr8.runtime.memory import MemoryImages, MemoryRuntime
from orchestr8.state.memory import MemoryRecords
from orchestr8.state.memory_files import MemoryFiles

GIB = 1 << 30


class Killed(BaseException):
    """The controller dies here."""


@dataclass
class Events:
    seen: list[Event] = field(default_factory=list)

    def emit(self, event: Event) -> None:
        self.seen.append(event)

    def kinds(self) -> list[str]:
        return [e.kind for e in self.seen if isinstance(e, RolloutEvent)]


@dataclass
class World:
    """Four hosts, a registry with app:v1 … app:v9, and probes that `healthy` answers."""

    names: Sequence[str] = ("h1", "h2", "h3", "h4")
    healthy: Callable[[Target], bool] = lambda _: True

    def __post_init__(self) -> None:
        tags = {f"app:v{n}": f"app@sha256:{n:064x}" for n in range(1, 10)}
        self.registry = MemoryImages(tags)
        facts = (HostFacts(n, cpus=4, memory=8 * GIB) for n in self.names)
        self.engines = {f.name: MemoryRuntime(f, self.registry) for f in facts}
        self.records = {n: MemoryRecords() for n in self.names}
        self.files = {n: MemoryFiles() for n in self.names}
        self.events = Events()
        self.stop = False
        self.asks: dict[str, Ask] = {}
        self.hook: Hook = no_hook
        self.probe: Probe = self._answers

    def rollout(self) -> Rollout:
        """Return a controller that knows nothing yet."""
        sites = {n: Site(n, self.engines[n], self.records[n], self.probe, self.files[n]) for n in self.names}
        clock = ManualClock()
        given = Conditions(clock, self.events, lambda: self.stop, "run", "me")
        given = replace(given, asks=self.asks, hook=self.hook, beside=at_once)
        return Rollout(Crew("shop", sites, forks=1), given)

    def _answers(self, targets: Sequence[Target]) -> list[Answer]:
        return [Answer(self.healthy(t), "HTTP 200" if self.healthy(t) else "HTTP 503") for t in targets]

    def bring(self, *specs: ServiceSpec) -> Ended:
        """Bring services to what they should be, from a controller of its own."""
        self.events = Events()
        rollout = self.rollout()
        observed = rollout.observe(specs)
        hosts = [n for n in self.names if n not in rollout.crew.lost]
        pinned = [rollout.resolved(s, hosts) for s in specs]
        desired = [desire("shop", s, observed, candidates=frozenset(self.names)) for s in pinned]
        rollout.plan(desired, observed)
        return rollout.carry_out(desired, observed)

    def seen(self) -> Observed:
        return self.rollout().observe()

    def live(self) -> list[tuple[int, str, int]]:
        """Return slot, host and revision of every container that runs."""
        found = [r for e in self.engines.values() for r in e.replicas.values() if r.live]
        return sorted((r.slot, r.host, r.revision) for r in found)

    def changes(self) -> list[tuple[str, str]]:
        """Return every call that changed a container."""
        kinds = ("create", "start", "stop", "remove", "update")
        return [call for e in self.engines.values() for call in e.calls if call[0] in kinds]

    def forget_calls(self) -> None:
        for engine in self.engines.values():
            engine.calls.clear()


def at_once(work: Callable[[], Reading]) -> Future[Reading]:
    """Take a sample while the caller waits."""
    future: Future[Reading] = Future()
    try:
        future.set_result(work())
    except O8Error as error:
        future.set_exception(error)
    return future


def web(tag: str = "app:v1", replicas: int = 3, **more: object) -> ServiceSpec:
    update = Update(min_healthy_time=1.0, healthy_deadline=30.0)
    values: dict[str, object] = {"update": update, "readiness": Readiness("running"), **more}
    return ServiceSpec("web", Workload(tag), replicas=replicas, **values)  # type: ignore[arg-type]
