"""The bed's SSH keys: one for its user, one for each host, and the list of known hosts."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Iterable
from pathlib import Path

from tests.bed.command import run
from tests.bed.engine import require_programs
from tests.bed.layout import LABEL, Layout

HOST_KEY = "ssh_host_ed25519_key"


def ensure_key(path: Path, comment: str) -> str:
    """Make the key pair if it is missing and return its public half."""
    public = path.with_name(f"{path.name}.pub")
    if not (path.exists() and public.exists()):
        require_programs({"ssh-keygen": "openssh-client"})
        path.parent.mkdir(parents=True, exist_ok=True)
        path.unlink(missing_ok=True)
        run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", comment, "-f", str(path)])
    return public.read_text().strip()


def seed(bed: Layout, role: str) -> Path:
    """Make the folder that a host's container mounts at /bed: its own key and the bed's public key."""
    folder = bed.state / "seed" / role
    ensure_key(folder / HOST_KEY, f"{role}.{bed.name}.bed")
    public = ensure_key(bed.key, f"{bed.name}.bed")
    (folder / "authorized_keys").write_text(f"{public}\n")
    return folder


def mounted(seed: Path) -> list[str]:
    """The arguments that give a container its keys; they differ when the keys do, even in the same folder.

    A container outlives the checkout that made it, and a new checkout in its place has new keys.
    """
    public = [(seed / name).read_text() for name in (f"{HOST_KEY}.pub", "authorized_keys")]
    known = hashlib.sha256("".join(public).encode()).hexdigest()[:12]
    return ["--volume", f"{seed}:/bed:ro", "--label", f"{LABEL}.keys={known}"]


def has_seed(bed: Layout, role: str) -> bool:
    """Whether a host of this role was ever brought up in this bed."""
    return (bed.state / "seed" / role).is_dir()


def host_key(bed: Layout, role: str) -> str:
    """A host's public key as known_hosts writes it: type and key, no comment."""
    return " ".join((bed.state / "seed" / role / f"{HOST_KEY}.pub").read_text().split()[:2])


def write_known_hosts(bed: Layout, names: Iterable[tuple[str, str]]) -> None:
    """Write known_hosts from pairs of a host's names (with commas) and its role."""
    lines = [f"{name} {host_key(bed, role)}\n" for name, role in names]
    bed.known_hosts.write_text("".join(lines))


def forget_keys(bed: Layout) -> None:
    """Remove everything the bed has on disk."""
    shutil.rmtree(bed.state, ignore_errors=True)
