"""One host of the fleet: a container with its own sshd and its own Docker engine."""

from __future__ import annotations

import json
import socket
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.bed import keys
from tests.bed.command import Finished, attempt, docker
from tests.bed.layout import Layout

# Not SYS_TIME: hosts share this machine's clock, which the first change of a time zone would move, too.
CAPABILITIES = [
    "AUDIT_CONTROL",
    "AUDIT_WRITE",
    "DAC_READ_SEARCH",
    "IPC_LOCK",
    "LEASE",
    "LINUX_IMMUTABLE",
    "MKNOD",
    "NET_ADMIN",
    "NET_BROADCAST",
    "NET_RAW",
    "SETFCAP",
    "SETPCAP",
    "SYSLOG",
    "SYS_ADMIN",
    "SYS_BOOT",
    "SYS_CHROOT",
    "SYS_MODULE",
    "SYS_NICE",
    "SYS_PTRACE",
    "SYS_TTY_CONFIG",
]
FIRST_ADDRESS = 11
BOOTED = "sysd"


@dataclass(frozen=True)
class Host:
    """A host's way in, and the faults it can be given."""

    name: str
    address: str
    container: str
    key: Path
    known_hosts: Path
    port: int = 22
    user: str = "root"

    @property
    def ssh(self) -> list[str]:
        """The argument vector of an OpenSSH client that logs in here."""
        checks = ["-o", f"UserKnownHostsFile={self.known_hosts}", "-o", "StrictHostKeyChecking=yes"]
        login = ["-o", "BatchMode=yes", "-o", "IdentitiesOnly=yes", "-i", str(self.key), "-p", str(self.port)]
        return ["ssh", "-F", "none", *checks, *login, f"{self.user}@{self.address}"]

    def exec(
        self, argv: Sequence[str], *, stdin: str | None = None, user: str = "root", timeout: float = 180
    ) -> Finished:
        """Run a program on the host, beside SSH: it works however broken sshd is."""
        inner = ["docker", "exec", "--interactive", "--user", user, self.container, *argv]
        return attempt(inner, stdin="" if stdin is None else stdin, timeout=timeout)

    def freeze(self, service: str) -> None:
        """Stop every process of `sshd` or `dockerd` with SIGSTOP."""
        self._control("freeze", service)

    def thaw(self, service: str) -> None:
        """Let a frozen service run on."""
        self._control("thaw", service)

    def kill(self, service: str) -> None:
        """Kill `sshd` (its sessions too) or `dockerd` with SIGKILL."""
        self._control("kill", service)

    def start(self, service: str) -> None:
        """Start `sshd` or `dockerd`."""
        self._control("start", service)

    def cut(self) -> None:
        """Drop every packet to and from the host."""
        self._control("cut")

    def mend(self) -> None:
        """Let packets pass again."""
        self._control("mend")

    def skew(self, offset: str) -> None:
        """Move the date of what comes over SSH; `clock.skew` brings what that needs."""
        self._control("skew", offset)

    def power_off(self) -> None:
        """Kill everything on the host at once."""
        docker("kill", self.container)

    def power_on(self) -> None:
        """Start the host again, with the disk it had."""
        docker("start", self.container)

    def _control(self, *words: str) -> None:
        docker("exec", self.container, "bed-ctl", *words)

    def ssh_answers(self) -> bool:
        """Whether an SSH server greets at the host's address."""
        return greets(self.address, self.port)

    def engine_answers(self) -> bool:
        """Whether the host's own Docker engine answers."""
        asked = [
            "docker",
            "exec",
            self.container,
            "timeout",
            "3",
            "docker",
            "version",
            "--format",
            "{{.Server.Version}}",
        ]
        return attempt(asked).rc == 0


def greets(address: str, port: int) -> bool:
    """Whether an SSH server answers there."""
    try:
        with socket.create_connection((address, port), timeout=2) as connection:
            return connection.recv(4) == b"SSH-"
    except OSError:
        return False


def host_of(bed: Layout, number: int) -> Host:
    """The bed's host of this number, counted from 1."""
    role = f"h{number}"
    address = bed.address(FIRST_ADDRESS + number - 1)
    return Host(role, address, bed.container(role), bed.key, bed.known_hosts)


def booted_host(bed: Layout) -> Host:
    """The bed's host that systemd runs."""
    address = bed.address(FIRST_ADDRESS - 1)
    return Host(BOOTED, address, bed.container(BOOTED), bed.key, bed.known_hosts)


def booted_arguments(bed: Layout, host: Host, image: str, seed: Path) -> list[str]:
    """The `docker run` arguments of a host that systemd runs: when it reboots, it is started again."""
    folders = [word for path in ("/run", "/run/lock", "/tmp") for word in ("--tmpfs", f"{path}:exec")]
    role = ["--env", "BED_ROLE=booted", "--env", "container=docker", "--restart", "on-failure"]
    return [*folders, *role, *host_arguments(bed, host, image, seed)]


def host_arguments(bed: Layout, host: Host, image: str, seed: Path) -> list[str]:
    """The `docker run` arguments of a host: what its engine needs, and not `--privileged`."""
    volume = f"type=volume,source={host.container},target=/var/lib/docker,volume-label={bed.label}"
    environment = {"BED_SUBNET": str(bed.subnet), "BED_CGROUP": host.container}
    return [
        *("--hostname", host.name, "--network", bed.network, "--ip", host.address),
        *(word for name in CAPABILITIES for word in ("--cap-add", name)),
        *(f"--security-opt={off}=unconfined" for off in ("seccomp", "apparmor", "systempaths")),
        *("--device-cgroup-rule", "a *:* rwm", "--cgroupns", "host"),
        *("--volume", "/sys/fs/cgroup:/sys/fs/cgroup:rw", *keys.mounted(seed), "--mount", volume),
        *(word for key, value in environment.items() for word in ("--env", f"{key}={value}")),
        image,
    ]


def describe(host: Host) -> dict[str, str | int]:
    """The host's way in, as plain data."""
    fields = json.loads(json.dumps(host.__dict__, default=str))
    assert isinstance(fields, dict)
    return fields
