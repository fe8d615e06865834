"""A service as the deployment core knows it: normalised, rendered, with every default filled in."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from math import ceil
from typing import Any, Literal

from orchestr8.deploy.codec import digest, load, plain
from orchestr8.deploy.discovery import Discovery
from orchestr8.deploy.gate.check import Check
from orchestr8.deploy.ingress import Drain, Ingress
from orchestr8.deploy.workload import Workload

FORMAT = 1


@dataclass(frozen=True, slots=True)
class Amount:
    """A number of replicas, or a share of them in percent."""

    count: int
    percent: bool = False

    def up(self, of: int) -> int:
        """Return the number for `of` replicas, rounded up."""
        return ceil(self.count * of / 100) if self.percent else self.count

    def down(self, of: int) -> int:
        """Return the number for `of` replicas, rounded down."""
        return self.count * of // 100 if self.percent else self.count

    def __str__(self) -> str:
        return f"{self.count}%" if self.percent else str(self.count)


@dataclass(frozen=True, slots=True)
class Constraint:
    """A rule a host must meet, such as `node.labels.disk == ssd`; `values` is empty for set/unset."""

    attribute: str
    operator: Literal["==", "!=", "<", "<=", ">", ">=", "in", "not-in", "=~", "version", "set", "unset"]
    values: tuple[str, ...] = ()

    def __str__(self) -> str:
        if self.operator in ("in", "not-in"):
            return f"{self.attribute} {self.operator} [{', '.join(self.values)}]"
        return " ".join((self.attribute, self.operator, *self.values))


@dataclass(frozen=True, slots=True)
class Spread:
    """Even numbers over the values of an attribute; `required` makes `max_skew` a rule."""

    attribute: str
    max_skew: int = 1
    required: bool = False


@dataclass(frozen=True, slots=True)
class Affinity:
    """A wish for hosts that meet a constraint; weight from -100 to 100."""

    constraint: Constraint
    weight: int = 50


@dataclass(frozen=True, slots=True)
class Reservations:
    """What a replica needs to itself on its host: cpus, memory in bytes."""

    cpus: float = 0.0
    memory: int = 0


@dataclass(frozen=True, slots=True)
class Placement:
    """Where replicas may and should run; `hosts` is an inventory pattern that the caller resolves.

    pack: whether as few hosts as possible are wished for, in place of evenly used ones.
    """

    hosts: str = ""
    constraints: tuple[Constraint, ...] = ()
    spreads: tuple[Spread, ...] = ()
    affinities: tuple[Affinity, ...] = ()
    max_per_host: int = 0
    on_unreachable: Literal["fail", "skip", "replace"] = "fail"
    pack: bool = False


@dataclass(frozen=True, slots=True)
class Readiness:
    """What must hold before a replica counts; `running` means that nothing but its life is known.

    `expect` holds inclusive ranges of HTTP status codes; `command` is for exec.
    """

    kind: Literal["running", "docker", "http", "tcp", "exec"] = "running"
    path: str = "/"
    port: int | None = None
    host_header: str = ""
    expect: tuple[tuple[int, int], ...] = ((200, 399),)
    command: tuple[str, ...] = ()
    interval: float = 1.0
    timeout: float = 5.0
    success_threshold: int = 1
    failure_threshold: int = 3
    origin: Literal["host"] = "host"


@dataclass(frozen=True, slots=True)
class Step:
    """A station of a rollout.

    scale: `amount` new replicas beside the old ones. weight: `weight` percent of requests to the new ones.
    pause: for `seconds`, or until somebody approves (None). check: all new replicas are ready for long
    enough, and the `checks` succeed. run: the tasks that the play knows by `name`. retain: the old ones
    stay for `seconds` more.
    """

    kind: Literal["scale", "weight", "pause", "check", "run", "retain"]
    amount: Amount | None = None
    weight: int = 0
    seconds: float | None = None
    checks: tuple[Check, ...] = ()
    name: str = ""

    @property
    def gate(self) -> bool:
        """Whether it is passed by a verdict only: that of its checks, or that of its tasks."""
        return self.kind == "run" or bool(self.checks)

    def __str__(self) -> str:
        if self.kind == "scale":
            return f"scale {self.amount}"
        if self.kind == "weight":
            return f"weight {self.weight}%"
        if self.kind == "check":
            return f"check {', '.join(map(str, self.checks)) or 'readiness'}"
        if self.kind == "run":
            return f"run {self.name}"
        return f"{self.kind} {'until approval' if self.seconds is None else f'{self.seconds:g}s'}"


@dataclass(frozen=True, slots=True)
class Update:
    """How a rollout goes; times in seconds. `steps` are the user's own for canary and blue_green."""

    strategy: Literal["rolling", "recreate", "canary", "blue_green"] = "rolling"
    max_surge: Amount = Amount(1)
    max_unavailable: Amount = Amount(0)
    min_healthy_time: float = 10.0
    healthy_deadline: float = 300.0
    progress_deadline: float = 600.0
    max_failures: int = 0
    on_failure: Literal["rollback", "pause", "continue"] = "rollback"
    retain_stopped: int = 1
    retain_running: float = 0.0
    steps: tuple[Step, ...] = ()

    @property
    def stepwise(self) -> bool:
        """Whether old replicas stay until the new ones have passed every step."""
        return self.strategy in ("canary", "blue_green")


Condition = Literal["service_started", "service_healthy", "service_completed_successfully"]


@dataclass(frozen=True, slots=True)
class Dependency:
    """A service that must be started, healthy or, as a job, completed before this one changes.

    One that is not required may fail, or not exist at all: it is only waited for.
    """

    service: str
    condition: Condition = "service_healthy"
    required: bool = True


@dataclass(frozen=True, slots=True)
class ServiceSpec:
    """A service: what runs, how many, where, and how it is replaced; a job runs to its end.

    `schedule` is the calendar by which a job's host starts it. `hooks` are the phases at which its playbook
    has tasks to run.
    """

    name: str
    workload: Workload
    mode: Literal["replicated", "global", "job"] = "replicated"
    replicas: int = 1
    placement: Placement = Placement()
    reservations: Reservations = Reservations()
    readiness: Readiness = Readiness()
    update: Update = Update()
    depends_on: tuple[Dependency, ...] = ()
    pull_policy: Literal["missing", "always", "never"] = "missing"
    transaction: str = ""
    schedule: str = ""
    hooks: tuple[str, ...] = ()
    revisions: int = 5
    ingress: Ingress | None = None
    discovery: Discovery | None = None
    uses: tuple[str, ...] = ()
    _digest: str = field(default="", init=False, repr=False, compare=False)

    @property
    def exclusive(self) -> bool:
        """Whether two replicas of one slot can never live together on a host."""
        return bool(self.workload.host_ports) or self.holds_volume

    @property
    def holds_volume(self) -> bool:
        """Whether a single replica owns a writable named volume, which ties it to its host."""
        single = self.mode == "replicated" and self.replicas == 1
        return single and any(m.exclusive for m in self.workload.mounts)

    @property
    def digest(self) -> str:
        """Return the identity of a revision: all that is deployed, not how it gets there."""
        if not self._digest:
            bare = replace(
                self,
                update=Update(),
                depends_on=(),
                pull_policy="missing",
                revisions=5,
                transaction="",
                hooks=(),
            )
            if bare.ingress is not None:
                bare = replace(bare, ingress=replace(bare.ingress, drain=Drain()))
            object.__setattr__(self, "_digest", digest(bare))
        return self._digest

    def pin(self, reference: str) -> ServiceSpec:
        """Return the spec with its image resolved to an exact reference."""
        return replace(self, workload=replace(self.workload, pinned=reference))

    def to_json(self) -> dict[str, Any]:
        """Return the spec as JSON values; secrets are in it, so it may only leave for a host."""
        return {"format": FORMAT, **plain(self)}

    @staticmethod
    def from_json(data: dict[str, Any]) -> ServiceSpec:
        """Return the spec that `to_json` wrote."""
        return load(ServiceSpec, data)


@dataclass(frozen=True, slots=True)
class Claim:
    """What a container takes from its host: cpus, bytes of memory, fixed ports, writable volumes.

    `by` is the service that it belongs to, for messages only.
    """

    cpus: float = 0.0
    memory: int = 0
    ports: tuple[tuple[str, int, str], ...] = field(default=())
    volumes: tuple[str, ...] = ()
    by: str = field(default="", compare=False, repr=False)


def claim_of(spec: ServiceSpec) -> Claim:
    """Return what one replica of a service takes from its host."""
    fixed = (p for p in spec.workload.ports if p.host_port is not None)
    ports = tuple(sorted((p.host_ip, p.host_port or 0, p.protocol) for p in fixed))
    volumes = tuple(sorted(m.source for m in spec.workload.mounts if spec.holds_volume and m.exclusive))
    return Claim(spec.reservations.cpus, spec.reservations.memory, ports, volumes, spec.name)


def asked_port(spec: ServiceSpec, check: Check) -> int | None:
    """Return the container's port that a check by http asks: its own, or the one that readiness asks.

    Else it is the port of the ingress, or the only one that the service publishes.
    """
    ingress = None if spec.ingress is None else spec.ingress.port
    ports = {p.container for p in spec.workload.ports if p.protocol == "tcp"}
    only = next(iter(ports)) if len(ports) == 1 else None
    return check.port or spec.readiness.port or ingress or only
