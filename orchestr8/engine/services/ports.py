"""What the rollout executor needs of a container engine and of the records on hosts, as Protocols."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from orchestr8.core.errors import O8Error
from orchestr8.deploy.model import Attached, HostFacts, Replica, Revision, ServiceSpec, Timer


class EngineError(O8Error):
    """A container engine refused or did not answer; `permanent` when trying again cannot help."""

    permanent = False


class EngineRefused(EngineError):
    """The engine said no for good: no such image, port taken, invalid configuration."""

    permanent = True


@dataclass(frozen=True, slots=True)
class Sight:
    """What one look at a host's engine shows: the host's size and the containers of a project.

    date: seconds since 1970 by the host's clock, None when it did not tell; nothing is decided by it.
    """

    facts: HostFacts
    replicas: tuple[Replica, ...] = ()
    date: float | None = None


@dataclass(frozen=True, slots=True)
class Post:
    """What is known of a failed container: exit code, out of memory, health transcript, last log lines."""

    exit_code: int | None = None
    oom: bool = False
    state: str = ""
    probes: tuple[str, ...] = ()
    log: tuple[str, ...] = ()
    detail: Mapping[str, Any] = field(default_factory=dict)


class Runtime(Protocol):
    """The container engine of one host; every call has a deadline and raises EngineError."""

    def look(self, project: str, labels: Mapping[str, str]) -> Sight:
        """Return what is on the host now; `labels` are the host's for placement."""
        ...

    def resolve(self, image: str, policy: str) -> str:
        """Return the exact reference (`repo@sha256:…`, or an image id) that a tag stands for now."""
        ...

    def pull(self, reference: str, progress: Callable[[str], None]) -> None:
        """Have the image on the host."""
        ...

    def pin(self, reference: str, tag: str) -> None:
        """Keep an image from being pruned by a tag of ours."""
        ...

    def unpin(self, tag: str) -> None:
        """Let go of a tag of ours."""
        ...

    def create(
        self, name: str, spec: ServiceSpec, labels: Mapping[str, str], files: Mapping[str, str] | None = None
    ) -> str:
        """Create a container, or return the one of that name that is ours already; return its id.

        `files` are the paths on the host of the spec's files, by their paths in the container.
        """
        ...

    def start(self, name: str) -> None:
        """Start a container; nothing when it runs."""
        ...

    def stop(self, name: str, grace: float) -> None:
        """Stop a container and wait until it has exited; nothing when it is not there."""
        ...

    def remove(self, name: str) -> None:
        """Remove a stopped container; nothing when it is not there."""
        ...

    def update(self, name: str, spec: ServiceSpec) -> None:
        """Set the limits of a running container."""
        ...

    def execute(self, name: str, command: Sequence[str], timeout: float) -> tuple[int, str]:
        """Run a command in a container; return its exit code and output."""
        ...

    def post_mortem(self, name: str, lines: int = 20) -> Post:
        """Return what is known of a container that failed."""
        ...

    def ensure_network(self, name: str) -> None:
        """Have a bridge network of that name."""
        ...

    def gateway(self) -> str:
        """Return the address by which containers reach their host (`host-gateway`)."""
        ...

    def ensure_volume(self, name: str, labels: Mapping[str, str]) -> None:
        """Have a volume of that name."""
        ...


@dataclass(frozen=True, slots=True)
class Copy:
    """A record as a host keeps it; of two copies the one written later has the higher serial."""

    revision: Revision
    serial: int = 1


@dataclass(frozen=True, slots=True)
class Watchmaker:
    """What keeps time on a host (systemd, cron or nothing), a project's timers on it, the host's own time."""

    kind: str = "systemd"
    timers: frozenset[Timer] = frozenset()
    clock: str = ""


@dataclass(frozen=True, slots=True)
class Copies:
    """All records of a project on a host, and the files that cannot be read, with reasons.

    token: of the last lease that was given back, 0 when there was none, -1 while somebody holds one.
    timers: what keeps time on the host.
    cordoned: who keeps new replicas away from the host and since when, empty when nobody does.
    """

    found: tuple[Copy, ...] = ()
    damaged: tuple[str, ...] = ()
    token: int = 0
    cordoned: str = ""
    timers: Watchmaker = field(default_factory=Watchmaker)


class Records(Protocol):
    """The records of revisions on one host; raises O8Error when the host refuses or is lost."""

    def read(self) -> Copies:
        """Return every record of the project."""
        ...

    def write(self, copies: Sequence[Copy], forget: Sequence[tuple[str, int]] = ()) -> None:
        """Put records in place atomically and remove others, named by service and number."""
        ...

    def set_timer(self, timer: Timer, cron: str) -> None:
        """Have the host start a container by its calendar, which `cron` says for hosts without systemd."""
        ...

    def drop_timer(self, service: str, slot: int) -> None:
        """Have the host start the container of a slot no more; nothing when it was not."""
        ...


@dataclass(frozen=True, slots=True)
class Bid:
    """What a controller says of itself when it asks for a lease.

    seat: tells its process from all others. seconds: how long the lease lives without a sign of life.
    """

    run: str
    by: str = ""
    reason: str = ""
    seat: str = ""
    seconds: float = 60.0


@dataclass(frozen=True, slots=True)
class Holding:
    """Who holds a lease; `age`, `quiet` (since the last sign of life) and `left` are the host's seconds."""

    token: int
    run: str
    by: str = ""
    reason: str = ""
    seat: str = ""
    age: float | None = None
    quiet: float = 0.0
    left: float = 0.0
    project: str = ""


@dataclass(frozen=True, slots=True)
class Granted:
    """A lease. clean: whether the one before was given back, so that nobody is left in the middle of work."""

    token: int
    clean: bool = True


class Lock(Protocol):
    """The lease of a project on one host; raises O8Error when the host refuses or is lost."""

    def take(self, bid: Bid, over: int | None = None) -> Granted | Holding:
        """Return the lease, or who holds it; `over` is the token of a holder that is known to be dead."""
        ...

    def renew(self, token: int, seconds: float) -> bool:
        """Give a sign of life that counts for `seconds`; return whether the lease is still held."""
        ...

    def release(self, token: int) -> None:
        """Give the lease back; nothing when it is not held any more."""
        ...

    def end(self, run: str) -> bool:
        """End the lease of a run whatever it is doing; return whether it held one."""
        ...


@dataclass(frozen=True, slots=True)
class Target:
    """What to ask: an address as seen from the host. `shown` is how many bytes of an answer are of use."""

    kind: str
    address: str
    port: int
    path: str = "/"
    host: str = ""
    expect: tuple[tuple[int, int], ...] = ((200, 399),)
    timeout: float = 5.0
    headers: Mapping[str, str] = field(default_factory=dict)
    shown: int = 200


@dataclass(frozen=True, slots=True)
class Answer:
    """What a check found; status and body are of HTTP, None when there was no answer."""

    ok: bool
    detail: str = ""
    status: int | None = None
    body: str | None = None
    seconds: float | None = None


class Probe(Protocol):
    """Asks targets from a host, all in one round trip."""

    def __call__(self, targets: Sequence[Target]) -> Sequence[Answer]:
        """Return an answer for each target; raise Unreachable when the host is lost."""
        ...


class Files(Protocol):
    """Configs and secrets on one host, named by their content; raises O8Error when the host refuses."""

    def put(self, service: str, files: Sequence[Attached]) -> Mapping[str, str]:
        """Have files of a service on the host, as they are to be mounted; return their paths by name."""
        ...

    def keep(self, service: str, names: Collection[str]) -> None:
        """Remove a service's files but those of these names."""
        ...


@dataclass(frozen=True, slots=True)
class Executed:
    """How a program ended."""

    code: int
    stdout: str = ""
    stderr: str = ""


@dataclass(frozen=True, slots=True)
class Site:
    """One host as the rollout uses it; `labels` are the host's for placement, `address` is for edges.

    lock: None where nobody else can be at work. guarded: returns the site as the holder of a token uses it,
    whose runtime and records the host lets change things as long as the token's lease is held. execute:
    runs a program on the host within seconds; None where nothing can run one.
    """

    name: str
    runtime: Runtime
    records: Records
    probe: Probe
    files: Files
    labels: Mapping[str, str] = field(default_factory=dict)
    lock: Lock | None = None
    guarded: Callable[[int], Site] | None = None
    execute: Callable[[Sequence[str], float], Executed] | None = None
    address: str = ""
