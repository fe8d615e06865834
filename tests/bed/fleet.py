"""The fleet: hosts and a registry on one network, brought up, reset and taken down as one."""

from __future__ import annotations

import fcntl
import json
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from tests.bed import container, image, keys
from tests.bed.command import BedError, Finished, docker
from tests.bed.engine import engine_problem, ensure_engine
from tests.bed.host import BOOTED, Host, booted_arguments, booted_host, describe, host_arguments, host_of
from tests.bed.layout import PROJECT, Layout, layout
from tests.bed.registry import Registry, registry_arguments, registry_of, seed_registry, wait_for_registry

Item = TypeVar("Item")
Result = TypeVar("Result")
CGROUPS = Path("/sys/fs/cgroup")
RESERVED = {"build", "engine", "farm"}
READY_LIMIT = 120.0
REPOSITORY = "app"
EDGES = "edge"


@dataclass(frozen=True)
class Fleet:
    """A named fleet of the bed; nothing of it need be running."""

    bed: Layout
    hosts: tuple[Host, ...]
    registry: Registry

    @classmethod
    def named(cls, name: str, hosts: int = 4) -> Fleet:
        """The fleet of this name with this many hosts: h1, h2, …"""
        bed = layout(name)
        if name in RESERVED:
            raise BedError(f"the name `{name}` is taken by the bed itself")
        if not 1 <= hosts <= 200:
            raise BedError(f"a bed has 1 to 200 hosts, not {hosts}")
        return cls(bed, tuple(host_of(bed, number + 1) for number in range(hosts)), registry_of(bed))

    def up(self) -> None:
        """Bring up whatever is missing and wait until every host answers; a whole fleet is left alone."""
        ensure_engine()
        with locked():
            host_image, app_images, edge_images = image.host_image(), image.app_images(), image.edge_images()
            container.ensure_network(self.bed)
            alive = container.running(self.bed)
            self._remove_surplus()
            arguments = registry_arguments(self.bed, host_image)
            container.ensure_container(self.bed, self.registry.container, arguments, alive)
            keys.ensure_key(self.bed.key, f"{self.bed.name}.bed")
            in_parallel(lambda host: self._ensure_host(host, host_image, alive), self.hosts)
            self._write_known_hosts()
            self._seed({REPOSITORY: app_images, EDGES: edge_images})
            in_parallel(wait_for_host, self.hosts)
            self._write_facts()

    def booted(self) -> Host:
        """The host that systemd runs, brought up beside the fleet if it is not; it stays until `down`."""
        host = self.host(BOOTED)
        with locked():
            host_image = image.booted_image()
            container.ensure_network(self.bed)
            alive = container.running(self.bed)
            arguments = booted_arguments(self.bed, host, host_image, keys.seed(self.bed, host.name))
            container.ensure_container(self.bed, host.container, arguments, alive)
            self._write_known_hosts()
        wait_for_host(host)
        return host

    def down(self) -> None:
        """Remove every container, volume and network of the fleet, and its state on disk."""
        if engine_problem():
            return
        with locked():
            container.remove(container.names(self.bed))
            container.remove_volumes(self.bed)
            container.remove_network(self.bed)
            remove_groups([*self.hosts, self.host(BOOTED)])
            keys.forget_keys(self.bed)

    def reset(self, *, images: bool = False) -> None:
        """Take every host back to how it was: no faults, containers, volumes, networks or state of ours."""
        self._reset(["images"] if images else [])

    def repair(self) -> None:
        """Undo the faults of every host and leave everything else as it is."""
        self._reset(["faults"])

    def status(self) -> dict[str, object]:
        """What runs, as plain data."""
        alive = {} if engine_problem() else container.running(self.bed)
        states = in_parallel(lambda host: host_state(host, alive), self.hosts)
        return {
            "name": self.bed.name,
            "registry": {"address": self.registry.address, "up": bool(alive) and self.registry.answers()},
            "hosts": [{**describe(host), **state} for host, state in zip(self.hosts, states, strict=True)],
        }

    def host(self, name: str) -> Host:
        """The host of this name."""
        for host in (*self.hosts, booted_host(self.bed)):
            if host.name == name:
                return host
        raise BedError(f"the bed `{self.bed.name}` has no host {name!r}")

    def exec(
        self, host: str, argv: Sequence[str], *, stdin: str | None = None, timeout: float = 180
    ) -> Finished:
        """Run a program on a host, beside SSH."""
        return self.host(host).exec(argv, stdin=stdin, timeout=timeout)

    def rebuild(self, *hosts: str) -> None:
        """Replace hosts (all when none is named) by new ones with an empty disk."""
        chosen = [self.host(name).container for name in hosts] or [host.container for host in self.hosts]
        with locked():
            container.remove(chosen)
            for name in chosen:
                container.remove_volumes(self.bed, name)
        self.up()

    def image(self, tag: str) -> str:
        """The application's image name as hosts pull it."""
        return f"{self.registry.address}/{REPOSITORY}:{tag}"

    def edge_image(self, kind: str) -> str:
        """A load balancer's image name as hosts pull it."""
        return f"{self.registry.address}/{EDGES}:{kind}"

    def _reset(self, scope: list[str]) -> None:
        alive = container.running(self.bed)
        in_parallel(lambda host: reset_host(host, scope, alive=host.container in alive), self.hosts)

    def _ensure_host(self, host: Host, host_image: str, alive: dict[str, str]) -> None:
        seed = keys.seed(self.bed, host.name)
        container.ensure_container(
            self.bed, host.container, host_arguments(self.bed, host, host_image, seed), alive
        )

    def _write_known_hosts(self) -> None:
        """Write the hosts' keys; that of the host that systemd runs once it was brought up."""
        late = [self.host(BOOTED)] if keys.has_seed(self.bed, BOOTED) else []
        keys.write_known_hosts(self.bed, [(f"{h.name},{h.address}", h.name) for h in (*self.hosts, *late)])

    def _remove_surplus(self) -> None:
        wanted = {self.registry.container, *(host.container for host in (*self.hosts, self.host(BOOTED)))}
        surplus = [name for name in container.names(self.bed) if name not in wanted]
        container.remove(surplus)
        for name in surplus:
            container.remove_volumes(self.bed, name)

    def _seed(self, images: dict[str, dict[str, str]]) -> None:
        marker = self.bed.state / "seeded.json"
        wanted = json.dumps([container.identity(self.registry.container), images])
        if marker.is_file() and marker.read_text() == wanted:
            return
        wait_for_registry(self.registry)
        for repository, tags in images.items():
            seed_registry(self.registry, repository, tags)
        marker.write_text(wanted)

    def _write_facts(self) -> None:
        facts = {
            "name": self.bed.name,
            "subnet": str(self.bed.subnet),
            "registry": self.registry.address,
            "images": {tag: self.image(tag) for tag in image.APP_KNOBS},
            "hosts": [describe(host) for host in self.hosts],
        }
        (self.bed.state / "facts.json").write_text(json.dumps(facts, indent=2) + "\n")


@contextmanager
def locked() -> Iterator[None]:
    """Hold the beds' lock, so that two runs at once do not build the same thing twice."""
    path: Path = PROJECT / ".bed" / "lock"
    path.parent.mkdir(exist_ok=True)
    with path.open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def in_parallel(work: Callable[[Item], Result], items: Iterable[Item]) -> list[Result]:
    """Do the work on all items at once and return the results in order."""
    with ThreadPoolExecutor(max_workers=16) as pool:
        return list(pool.map(work, items))


def wait_for_host(host: Host) -> None:
    """Wait until the host's sshd and engine both answer."""
    deadline = time.monotonic() + READY_LIMIT
    while not (host.ssh_answers() and host.engine_answers()):
        if time.monotonic() > deadline:
            raise BedError(
                f"host {host.name} is not ready: `docker exec {host.container} tail /var/log/dockerd.log`"
            )
        time.sleep(0.1)


def reset_host(host: Host, scope: list[str], *, alive: bool) -> None:
    """Reset one host, starting it first when it was powered off."""
    if not alive:
        docker("start", host.container)
        wait_for_host(host)
    done = host.exec(["bed-reset", *scope])
    if done.rc != 0:
        raise BedError(f"host {host.name} cannot be reset: {done.reason}")


def remove_groups(hosts: Iterable[Host]) -> None:
    """Remove the empty control groups that the hosts' engines leave behind, where this user may."""
    for host in hosts:
        for top in [*CGROUPS.glob(f"*/{host.container}"), *CGROUPS.glob(host.container)]:
            inner = [path for path in top.rglob("*") if path.is_dir()]
            for group in [*sorted(inner, reverse=True), top]:
                with suppress(OSError):
                    group.rmdir()


def host_state(host: Host, alive: dict[str, str]) -> dict[str, bool]:
    """Which of a host's services answer."""
    if host.container not in alive:
        return {"ssh": False, "engine": False}
    return {"ssh": host.ssh_answers(), "engine": host.engine_answers()}
