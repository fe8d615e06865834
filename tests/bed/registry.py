"""The bed's image registry: Debian's, plain HTTP on the bed's network, seeded with the application."""

from __future__ import annotations

import json
import time
import urllib.error
import urllib.request
from dataclasses import dataclass

from tests.bed.command import BedError, attempt, docker
from tests.bed.layout import REGISTRY_PORT, Layout

MANIFEST = "application/vnd.docker.distribution.manifest.v2+json"
CONFIG = "/etc/docker/registry/bed.yml"
START_LIMIT = 60.0


@dataclass(frozen=True)
class Registry:
    """The registry as hosts and tests see it."""

    address: str
    container: str

    def digest(self, repository: str, tag: str) -> str:
        """The digest that the tag points at now."""
        return self._manifest(repository, tag)[1]

    def retag(self, repository: str, source: str, target: str) -> str:
        """Point a tag at another tag's image, as a new push would, and return its digest."""
        body, digest = self._manifest(repository, source)
        url = f"http://{self.address}/v2/{repository}/manifests/{target}"
        request = urllib.request.Request(url, data=body, method="PUT", headers={"Content-Type": MANIFEST})
        with urllib.request.urlopen(request, timeout=10):
            return digest

    def tags(self, repository: str) -> list[str]:
        """The repository's tags, sorted; none when it does not exist."""
        try:
            with urllib.request.urlopen(
                f"http://{self.address}/v2/{repository}/tags/list", timeout=10
            ) as reply:
                return sorted(json.load(reply).get("tags") or [])
        except urllib.error.HTTPError as refused:
            if refused.code == 404:
                return []
            raise

    def answers(self) -> bool:
        """Whether the registry speaks at its address."""
        try:
            with urllib.request.urlopen(f"http://{self.address}/v2/", timeout=2) as reply:
                return bool(reply.status == 200)
        except OSError:
            return False

    def _manifest(self, repository: str, tag: str) -> tuple[bytes, str]:
        url = f"http://{self.address}/v2/{repository}/manifests/{tag}"
        with urllib.request.urlopen(
            urllib.request.Request(url, headers={"Accept": MANIFEST}), timeout=10
        ) as reply:
            return reply.read(), str(reply.headers["Docker-Content-Digest"])


def registry_of(bed: Layout) -> Registry:
    """The bed's registry."""
    return Registry(bed.registry, bed.container("registry"))


def registry_arguments(bed: Layout, image: str) -> list[str]:
    """The `docker run` arguments of the registry; its loopback port is where the machine pushes."""
    return [
        *("--hostname", "registry", "--network", bed.network, "--network-alias", "registry"),
        *(
            "--ip",
            bed.address(2),
            "--publish",
            f"127.0.0.1::{REGISTRY_PORT}",
            "--entrypoint",
            "docker-registry",
        ),
        *(image, "serve", CONFIG),
    ]


def wait_for_registry(registry: Registry) -> None:
    """Wait until the registry answers."""
    deadline = time.monotonic() + START_LIMIT
    while not registry.answers():
        if time.monotonic() > deadline:
            raise BedError(
                f"the registry at {registry.address} does not answer: `docker logs {registry.container}`"
            )
        time.sleep(0.05)


def seed_registry(registry: Registry, repository: str, images: dict[str, str]) -> None:
    """Push these images under their tags, through the loopback port that every engine trusts."""
    published = docker("port", registry.container, f"{REGISTRY_PORT}/tcp").split()[0]
    for tag, image in images.items():
        name = f"{published}/{repository}:{tag}"
        docker("tag", image, name)
        try:
            docker("push", "--quiet", name, timeout=300)
        finally:
            attempt(["docker", "rmi", name])
