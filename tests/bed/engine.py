"""The machine's Docker engine: found running, or installed and started."""

from __future__ import annotations

import os
import re
import subprocess
import time
from pathlib import Path

from tests.bed.command import BedError, attempt
from tests.bed.layout import PROJECT

OS_RELEASE = Path("/etc/os-release")
START_LIMIT = 120.0
END = re.compile(r": Get | ?\. Is the docker daemon running")
SERVER = ["docker", "version", "--format", "{{.Server.Version}}"]


def ensure_engine() -> None:
    """Make sure that an engine answers; install and start Debian's one where that is possible."""
    problem = engine_problem()
    if not problem:
        return
    if os.geteuid() != 0 or "DOCKER_HOST" in os.environ:
        raise BedError(f"no Docker engine: {problem}; start one you may use, or run this as root on Debian")
    require_programs({"dockerd": "docker.io", "docker": "docker.io"})
    start_engine()


def engine_problem() -> str:
    """Why no engine answers, in one line, or an empty text when one does."""
    try:
        done = attempt(SERVER, timeout=20)
    except BedError as missing:
        return str(missing)
    return "" if done.rc == 0 and done.stdout.strip() else END.split(done.reason)[0]


def can_have_engine() -> str:
    """Why this user can neither reach nor install an engine, or an empty text."""
    problem = engine_problem()
    startable = os.geteuid() == 0 and "DOCKER_HOST" not in os.environ and (found("dockerd") or is_debian())
    return "" if startable else problem


def require_programs(packages: dict[str, str]) -> None:
    """Install the Debian packages of the programs that are missing."""
    missing = sorted({package for program, package in packages.items() if not found(program)})
    if not missing:
        return
    if os.geteuid() != 0 or not is_debian():
        raise BedError(
            f"these packages are missing and only root on Debian can add them: {' '.join(missing)}"
        )
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for argv in (
        ["apt-get", "update", "-q"],
        ["apt-get", "install", "-y", "-q", "--no-install-recommends", *missing],
    ):
        done = attempt(argv, timeout=600, env=environment)
        if done.rc != 0:
            raise BedError(f"`{' '.join(argv)}` failed: {done.reason}")


def found(program: str) -> bool:
    """Whether the program is on the path, the administrator's folders included."""
    folders = [*os.environ.get("PATH", "").split(os.pathsep), "/usr/sbin", "/sbin"]
    return any(os.access(os.path.join(folder, program), os.X_OK) for folder in folders if folder)


def is_debian() -> bool:
    """Whether apt and Debian's package names can be relied on here."""
    try:
        return "debian" in OS_RELEASE.read_text()
    except OSError:
        return False


def start_engine() -> None:
    """Start `dockerd` apart from this process and wait until it answers."""
    folder = PROJECT / ".bed" / "engine"
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "dockerd.log").open("ab") as log:
        daemon = subprocess.Popen(
            ["dockerd"], stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True
        )
    deadline = time.monotonic() + START_LIMIT
    while engine_problem():
        if daemon.poll() is not None or time.monotonic() > deadline:
            raise BedError(f"dockerd does not start: see {folder / 'dockerd.log'}")
        time.sleep(0.2)
