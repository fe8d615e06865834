"""The source distribution whose targets are run: fetched when wanted and kept outside the tree."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

VERSION = "2.19.14"
SHA256 = "1e7612788eaa6b3c87a3670ce86c64b830eba0ae2b3fcb25a772f276704163b4"
ARCHIVE = f"ansible_core-{VERSION}.tar.gz"


class Unavailable(Exception):
    """The distribution cannot be had; the text says why in one line."""


def cache() -> Path:
    """Return the folder where the distribution is kept from run to run."""
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(base) / "orchestr8" / "conformance"


def fetched() -> Path:
    """Return the folder with the distribution's `test` and `lib`; fetch, check and unpack it if need be."""
    unpacked = cache() / f"source-{VERSION}-{SHA256[:12]}"
    if not unpacked.is_dir():
        archive = cache() / ARCHIVE
        if not archive.exists():
            _download(archive)
        _check(archive)
        _unpack(archive, unpacked)
    return unpacked


def _download(archive: Path) -> None:
    archive.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=archive.parent) as folder:
        options = ["--no-deps", "--no-binary", ":all:", "--disable-pip-version-check", "--dest", folder]
        done = subprocess.run(
            [sys.executable, "-m", "pip", "download", "--quiet", *options, f"ansible-core=={VERSION}"],
            capture_output=True,
            text=True,
        )
        found = Path(folder) / ARCHIVE
        if done.returncode or not found.exists():
            said = done.stderr.strip().splitlines() or [f"pip brought no {ARCHIVE}"]
            raise Unavailable(f"ansible-core {VERSION} cannot be fetched: {said[-1]}")
        found.replace(archive)


def _check(archive: Path) -> None:
    found = hashlib.sha256(archive.read_bytes()).hexdigest()
    if found != SHA256:
        archive.unlink()
        raise Unavailable(f"{ARCHIVE} has the SHA-256 {found}, {SHA256} was expected: it was removed")


def _unpack(archive: Path, place: Path) -> None:
    """Unpack what the tests need, all at once or not at all; an archive may have lost the scripts' modes."""
    folder = Path(tempfile.mkdtemp(dir=place.parent))
    folder.chmod(0o755)
    try:
        with tarfile.open(archive) as tar:
            top = f"ansible_core-{VERSION}"
            wanted = (f"{top}/test/", f"{top}/lib/")
            members = [each for each in tar if each.name.startswith(wanted)]
            tar.extractall(folder, members, filter="tar")
        for script in (folder / top).rglob("*.sh"):
            if not script.is_symlink():
                script.chmod(0o755)
        (folder / top).replace(place)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
