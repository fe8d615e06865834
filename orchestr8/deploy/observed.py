"""What is seen of the world: hosts, the containers of services, the records of revisions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from orchestr8.deploy.action import Failure
from orchestr8.deploy.gate.state import Gate
from orchestr8.deploy.ingress import EdgeSight
from orchestr8.deploy.revision import Revision
from orchestr8.deploy.service import Claim
from orchestr8.deploy.workload import Limits

State = Literal["created", "running", "restarting", "paused", "exited", "dead", "removing"]


@dataclass(frozen=True, slots=True)
class Timer:
    """What on a host starts a container of a scheduled job; `schedule` is a calendar expression."""

    service: str
    slot: int
    container: str
    schedule: str


@dataclass(frozen=True, slots=True)
class Listener:
    """A port that a program or container holds which is not ours; `by` names it where it is known."""

    address: str
    port: int
    protocol: str = "tcp"
    by: str = ""

    @property
    def claim(self) -> tuple[str, int, str]:
        """Return what it takes of its host."""
        return (self.address, self.port, self.protocol)


@dataclass(frozen=True, slots=True)
class HostFacts:
    """A host: labels and size, whether it answers, and what others than us already take of it.

    `images` holds the pinned references present, `pins` the keep-tags (`service:revision`) set on it,
    `strangers` the claims of running containers that are not ours. `listeners` are ports that others held
    when the host was looked at first. `address` is where edges find it.
    """

    name: str
    labels: Mapping[str, str] = field(default_factory=dict)
    arch: str = "amd64"
    os: str = "linux"
    engine: str = ""
    cpus: float = 0.0
    memory: int = 0
    reachable: bool = True
    error: str = ""
    cordoned: bool = False
    strangers: tuple[Claim, ...] = ()
    listeners: tuple[Listener, ...] = ()
    images: frozenset[str] = frozenset()
    pins: frozenset[str] = frozenset()
    timekeeper: str = "systemd"
    timers: frozenset[Timer] = frozenset()
    address: str = ""


@dataclass(frozen=True, slots=True)
class Replica:
    """A container of ours as observed.

    `ready` is the verdict of our readiness probes (None: not probed yet) and `ready_since` the moment, on
    the clock of `now`, since which it has held without a break. `health` is the engine's own word.
    `limits` None means that they were not read. `published` are host ports by the container's, of one that
    does not run those that it will have again.
    """

    id: str
    name: str
    service: str
    slot: int
    revision: int
    spec_hash: str
    host: str
    state: State
    health: Literal["", "starting", "healthy", "unhealthy"] = ""
    ready: bool | None = None
    ready_since: float | None = None
    restarts: int = 0
    exit_code: int | None = None
    oom: bool = False
    started_at: str = ""
    finished_at: str = ""
    limits: Limits | None = None
    claim: Claim = field(default_factory=Claim)
    addresses: Mapping[str, str] = field(default_factory=dict)
    published: Mapping[str, int] = field(default_factory=dict)

    @property
    def live(self) -> bool:
        """Whether it holds its ports, volumes and memory now."""
        return self.state in ("running", "restarting", "paused", "removing")

    @property
    def serving(self) -> bool:
        """Whether it runs and nothing says that it is not healthy.

        Our own probes need not wait for the first word of the engine's.
        """
        fine = ("", "healthy", "starting") if self.ready else ("", "healthy")
        return self.state == "running" and self.ready is not False and self.health in fine


@dataclass(frozen=True, slots=True)
class Observed:
    """Everything seen in one look: all hosts of the inventory, all our containers, all records.

    `failures` are the actions of the round before that ended badly. `gates` are the checks and
    tasks between steps that this process knows of, by service. `edges` has what the balancers of edge hosts
    show, by service and host.
    """

    hosts: tuple[HostFacts, ...] = ()
    replicas: tuple[Replica, ...] = ()
    revisions: Mapping[str, tuple[Revision, ...]] = field(default_factory=dict)
    failures: tuple[Failure, ...] = ()
    gates: Mapping[str, Gate] = field(default_factory=dict)
    edges: Mapping[str, Mapping[str, EdgeSight]] = field(default_factory=dict)
    index: Any = field(default=None, init=False, repr=False, compare=False)
    _by_service: dict[str, tuple[Replica, ...]] = field(
        default_factory=dict, init=False, repr=False, compare=False
    )

    def of(self, service: str) -> tuple[Replica, ...]:
        """Return the containers of a service, in a fixed order."""
        if not self._by_service and self.replicas:
            found: dict[str, list[Replica]] = {}
            for replica in self.replicas:
                found.setdefault(replica.service, []).append(replica)
            for name, held in found.items():
                held.sort(key=lambda r: (r.slot, r.revision, r.host, r.id))
                self._by_service[name] = tuple(held)
        return self._by_service.get(service, ())

    def history(self, service: str) -> tuple[Revision, ...]:
        """Return the records of a service, oldest first."""
        return tuple(sorted(self.revisions.get(service, ()), key=lambda r: r.number))
