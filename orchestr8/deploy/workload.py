"""What goes into a container: the part of a service that decides whether a replica is up to date."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Literal

from orchestr8.core.secret import Secret
from orchestr8.deploy.codec import digest, plain


@dataclass(frozen=True, slots=True, order=True)
class PortBinding:
    """A published port; `host_port` None lets the engine choose one.

    `own` is a port for requests from edges: every container gets its own host port when it is made.
    """

    container: int
    protocol: str = "tcp"
    host_port: int | None = None
    host_ip: str = ""
    own: bool = False


@dataclass(frozen=True, slots=True)
class Mount:
    """A volume, bind mount or tmpfs; `size` (bytes) and `mode` are for tmpfs only.

    `selinux` is `z` for what containers share, `Z` for what is one's own, empty to leave labels alone.
    """

    type: Literal["volume", "bind", "tmpfs"]
    target: str
    source: str = ""
    read_only: bool = False
    nocopy: bool = False
    propagation: str = ""
    size: int | None = None
    mode: int | None = None
    create_host_path: bool = True
    selinux: str = ""

    @property
    def exclusive(self) -> bool:
        """Whether it is a named volume open for writing."""
        return self.type == "volume" and bool(self.source) and not self.read_only


@dataclass(frozen=True, slots=True)
class Health:
    """The container's own health check (Compose `healthcheck`); times in seconds, None means the image's."""

    test: tuple[str, ...] = ()
    interval: float | None = None
    timeout: float | None = None
    retries: int | None = None
    start_period: float | None = None
    start_interval: float | None = None
    disable: bool = False


@dataclass(frozen=True, slots=True)
class Ulimit:
    """A resource limit of the container's processes."""

    name: str
    soft: int
    hard: int


@dataclass(frozen=True, slots=True)
class Restart:
    """The engine's restart policy."""

    name: Literal["no", "always", "on-failure", "unless-stopped"] = "unless-stopped"
    max_retries: int = 0


@dataclass(frozen=True, slots=True)
class Limits:
    """What can change without a new container: cpus, memory in bytes, number of pids, restart policy."""

    cpus: float | None = None
    memory: int | None = None
    pids: int | None = None
    restart: Restart = Restart()


@dataclass(frozen=True, slots=True)
class Attachment:
    """A network the container joins."""

    name: str
    aliases: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Tuning:
    """What few services ask of the engine; `expose` holds ports as the engine writes them (`80/tcp`)."""

    domainname: str = ""
    expose: tuple[str, ...] = ()
    dns_opt: tuple[str, ...] = ()
    cpu_shares: int | None = None
    cpuset: str = ""
    oom_score_adj: int | None = None
    oom_kill_disable: bool = False
    userns_mode: str = ""
    uts: str = ""
    runtime: str = ""
    cgroup_parent: str = ""
    device_cgroup_rules: tuple[str, ...] = ()
    storage_opt: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Attached:
    """A file of a revision, mounted read-only; a secret when its content is one.

    Mode and numeric owner are those of the file; `name` is what it is called on a host, the same for
    the same file, so that every revision keeps its own.
    """

    content: str | Secret
    mode: int = 0o444
    uid: int = 0
    gid: int = 0

    @property
    def name(self) -> str:
        """Return the name by content and owner."""
        return digest(self)[:40]

    @property
    def text(self) -> str:
        """Return the content; it may only leave for a host."""
        return self.content.reveal() if isinstance(self.content, Secret) else self.content


@dataclass(frozen=True, slots=True)
class Workload:
    """Everything that goes into a container. Times in seconds, sizes in bytes.

    `image` is what the user wrote; `pinned` is the exact reference the container runs
    (`repo@sha256:…`, or an image id when it came from no registry), filled in once per plan.
    `files` are configs and secrets by their paths in the container.
    `limits` can be changed in place and are not part of `spec_hash`. `generation` counts the restarts that
    somebody asked for; nobody writes it.
    """

    image: str
    pinned: str = ""
    command: tuple[str, ...] | None = None
    entrypoint: tuple[str, ...] | None = None
    environment: Mapping[str, str | Secret] = field(default_factory=dict)
    labels: Mapping[str, str] = field(default_factory=dict)
    ports: tuple[PortBinding, ...] = ()
    mounts: tuple[Mount, ...] = ()
    files: Mapping[str, Attached] = field(default_factory=dict)
    networks: tuple[Attachment, ...] = ()
    network_mode: str = ""
    user: str = ""
    working_dir: str = ""
    hostname: str = ""
    init: bool | None = None
    privileged: bool = False
    read_only: bool = False
    tty: bool = False
    stdin_open: bool = False
    cap_add: tuple[str, ...] = ()
    cap_drop: tuple[str, ...] = ()
    security_opt: tuple[str, ...] = ()
    devices: tuple[str, ...] = ()
    group_add: tuple[str, ...] = ()
    extra_hosts: tuple[str, ...] = ()
    dns: tuple[str, ...] = ()
    dns_search: tuple[str, ...] = ()
    sysctls: Mapping[str, str] = field(default_factory=dict)
    ulimits: tuple[Ulimit, ...] = ()
    shm_size: int | None = None
    pid: str = ""
    ipc: str = ""
    platform: str = ""
    log_driver: str = ""
    log_options: Mapping[str, str] = field(default_factory=dict)
    healthcheck: Health | None = None
    stop_signal: str = ""
    stop_grace: float = 10.0
    tuning: Tuning = Tuning()
    limits: Limits = Limits()
    generation: int = 0
    _hash: str = field(default="", init=False, repr=False, compare=False)

    @property
    def reference(self) -> str:
        """Return the image reference a container is made from."""
        return self.pinned or self.image

    @property
    def host_ports(self) -> frozenset[PortBinding]:
        """Return the bindings with a fixed host port that every replica has alike."""
        return frozenset(p for p in self.ports if p.host_port is not None and not p.own)

    @property
    def own_port(self) -> PortBinding | None:
        """Return the binding of which every replica has its own."""
        return next((p for p in self.ports if p.own), None)

    def at(self, host_ip: str, host_port: int) -> Workload:
        """Return the workload of one replica, whose own port is this; it keeps its `spec_hash`."""
        own = self.own_port
        if own is None:
            return self
        bound = replace(own, host_ip=host_ip, host_port=host_port)
        return replace(self, ports=tuple(bound if p is own else p for p in self.ports))

    @property
    def spec_hash(self) -> str:
        """Return the hash a replica carries: equal hashes need no new container."""
        if not self._hash:
            object.__setattr__(self, "_hash", digest(hashed(self))[:32])
        return self._hash


def hashed(workload: Workload) -> dict[str, object]:
    """Return the parts of a workload that need a new container when they change."""
    bare = replace(workload, limits=Limits()).at("", 0)
    if bare.pinned:
        bare = replace(bare, image="", pinned=bare.pinned)
    return dict(plain(bare))
