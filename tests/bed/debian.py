"""A plain Debian tree as an image: made by debootstrap, or pulled where that is not possible."""

from __future__ import annotations

import os
import re
import shutil
from pathlib import Path

from tests.bed.command import BedError, attempt, docker, run
from tests.bed.engine import is_debian, require_programs
from tests.bed.layout import LABEL, PROJECT

SUITE = "bookworm"
PULLED = "debian:12"
PACKAGES = [
    "ca-certificates",
    "cron",
    "curl",
    "docker-registry",
    "docker.io",
    "haproxy",
    "iproute2",
    "iptables",
    "nftables",
    "openssh-server",
    "openssl",
    "procps",
    "python3",
    "sudo",
]
SOURCES = (Path("/etc/apt/sources.list"), Path("/etc/apt/sources.list.d"))
FETCH_LIMIT = 900


def build_debian(name: str) -> None:
    """Make the image by the way that this user and machine allow."""
    if os.geteuid() == 0 and is_debian():
        require_programs({"debootstrap": "debootstrap"})
        bootstrap(name)
    else:
        pull(name)


def bootstrap(name: str) -> None:
    """Make the tree with debootstrap from the machine's own mirror and import it.

    A mount namespace of its own takes debootstrap's mounts away with it, however it ends.
    """
    tree = PROJECT / ".bed" / "engine" / "tree"
    shutil.rmtree(tree, ignore_errors=True)
    options = ["--variant=minbase", f"--include={','.join(PACKAGES)}"]
    run(["unshare", "--mount", "debootstrap", *options, SUITE, str(tree), *mirror()], timeout=FETCH_LIMIT)
    run(["sh", "-c", 'tar -C "$0" -c . | docker import - "$1"', str(tree), name], timeout=300)
    shutil.rmtree(tree)


def pull(name: str) -> None:
    """Make the tree from the public image, for users who may use Docker but are not root on Debian."""
    fetched = attempt(["docker", "pull", "--quiet", PULLED], timeout=FETCH_LIMIT)
    if fetched.rc != 0:
        raise BedError(
            f"`docker pull {PULLED}` failed ({fetched.reason}); as root on Debian no pull is needed"
        )
    script = f"apt-get update -q && apt-get install -y -q --no-install-recommends {' '.join(PACKAGES)}"
    container = docker(
        "run", "--detach", "--label", f"{LABEL}=build", PULLED, "sleep", str(FETCH_LIMIT)
    ).strip()
    try:
        docker(
            "exec",
            "--env",
            "DEBIAN_FRONTEND=noninteractive",
            container,
            "sh",
            "-c",
            script,
            timeout=FETCH_LIMIT,
        )
        docker("commit", container, name, timeout=300)
    finally:
        attempt(["docker", "rm", "--force", container])


def mirror() -> list[str]:
    """The Debian mirror that this machine's apt uses; without one debootstrap takes its own."""
    for text in sources():
        for address in addresses(text):
            if address.rstrip("/").endswith("/debian"):
                return [address]
    return []


def sources() -> list[str]:
    """The texts of the machine's apt sources."""
    listed, folder = SOURCES
    files = [listed, *sorted(folder.glob("*.list")), *sorted(folder.glob("*.sources"))]
    return [file.read_text() for file in files if file.is_file()]


def addresses(text: str) -> list[str]:
    """The addresses in one apt source file, of the one-line form and of the paragraph form."""
    one_line = re.findall(r"^deb\s+(?:\[[^\]]*\]\s+)?(\S+)", text, re.MULTILINE)
    paragraphs = re.findall(r"^URIs:\s*(\S+)", text, re.MULTILINE)
    return [*one_line, *paragraphs]
