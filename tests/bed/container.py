"""The bed's containers: present with exactly the arguments wanted, or replaced."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence

from tests.bed.command import attempt, docker
from tests.bed.layout import Layout

SPEC = "o8.bed.spec"


def running(bed: Layout) -> dict[str, str]:
    """The bed's running containers by name, each with the digest of its arguments."""
    found = docker(
        "ps",
        *("--filter", f"label={bed.label}", "--filter", "status=running"),
        *("--format", '{{.Names}} {{.Label "' + SPEC + '"}}'),
    )
    return dict(line.split(" ", 1) for line in found.splitlines() if " " in line)


def names(bed: Layout) -> list[str]:
    """The names of all containers of the bed, stopped ones too."""
    return docker("ps", "--all", "--filter", f"label={bed.label}", "--format", "{{.Names}}").split()


def identity(name: str) -> str:
    """The id of the container of this name, which a replaced container does not keep."""
    return docker("inspect", "--format", "{{.Id}}", name).strip()


def ensure_container(bed: Layout, name: str, arguments: Sequence[str], alive: dict[str, str]) -> None:
    """Make sure that this container runs with these arguments; one that differs is replaced."""
    digest = hashlib.sha256(json.dumps(list(arguments)).encode()).hexdigest()[:12]
    if alive.get(name) == digest:
        return
    remove([name])
    labels = ["--label", bed.label, "--label", f"{SPEC}={digest}"]
    docker("run", "--detach", "--name", name, *labels, *arguments)


def remove(containers: Sequence[str]) -> None:
    """Remove containers with their volumes; those that are not there are no mistake."""
    if containers:
        attempt(["docker", "rm", "--force", "--volumes", *containers], timeout=120)


def remove_volumes(bed: Layout, prefix: str = "") -> None:
    """Remove the bed's volumes whose name starts so."""
    found = docker("volume", "ls", "--quiet", "--filter", f"label={bed.label}").split()
    chosen = [name for name in found if name.startswith(prefix)]
    if chosen:
        docker("volume", "rm", "--force", *chosen, timeout=120)


def ensure_network(bed: Layout) -> None:
    """Make sure that the bed's network exists with the bed's subnet."""
    shown = attempt(
        ["docker", "network", "inspect", "--format", "{{(index .IPAM.Config 0).Subnet}}", bed.network]
    )
    if shown.rc == 0 and shown.stdout.strip() == str(bed.subnet):
        return
    if shown.rc == 0:
        remove(names(bed))
        docker("network", "rm", bed.network)
    docker("network", "create", "--label", bed.label, "--subnet", str(bed.subnet), bed.network)


def remove_network(bed: Layout) -> None:
    """Remove the bed's network if it is there."""
    if docker("network", "ls", "--quiet", "--filter", f"label={bed.label}").strip():
        docker("network", "rm", bed.network)
