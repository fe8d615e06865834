"""Runs apt-get without a terminal, and reads what it says."""

import os
import re
import time
from typing import Any, Callable, Dict, List, Optional, Sequence

from orchestr8.remote import dpkg_lock
from orchestr8.remote.module import Failure
from orchestr8.remote.process import Finished, run, text

LISTS = "/var/lib/apt/lists"
STAMP = "/var/lib/apt/periodic/update-success-stamp"
QUIET = {
    "DEBIAN_FRONTEND": "noninteractive",
    "DEBIAN_PRIORITY": "critical",
    "APT_LISTCHANGES_FRONTEND": "none",
}
_NOTHING = re.compile(
    r"^0 upgraded, 0 newly installed,(?: 0 downgraded,)?(?: 0 reinstalled,)? 0 to remove", re.M
)
_COUNTS = re.compile(r"\d+ upgraded")
_UNKNOWN = re.compile(
    r"E: Unable to locate package (\S+)|E: Couldn't find any package by (?:glob|regex) '(\S+)'"
)
_CANDIDATE = re.compile(r"E: Package '?(\S+?)'? has no installation candidate")
_VERSION = re.compile(r"E: Version '(\S+)' for '(\S+)' was not found")


class AptGet:
    """apt-get with the options every call of one task shares."""

    def __init__(
        self,
        options: Sequence[str] = (),
        *,
        patience: float = 60,
        progress: Optional[Callable[[str], None]] = None,
        timeout: Optional[float] = None,
    ) -> None:
        self.options = list(options)
        self.patience = patience
        self.progress = progress or _ignore
        self.timeout = timeout

    def run(self, command: str, words: Sequence[str] = (), *, simulate: bool = False) -> Finished:
        """Run one command of apt-get and return how it ended; waits for the locks first unless simulated."""
        argv = ["apt-get", "-y", *self.options]
        if simulate:
            argv.append("--simulate")
        else:
            dpkg_lock.wait(dpkg_lock.PACKAGES, self.patience, self.progress)
            argv += ["-o", f"DPkg::Lock::Timeout={int(self.patience)}"]
        return run(
            [*argv, command, *words], environ=QUIET, parse=True, timeout=self.timeout, progress=self.progress
        )

    def update(self, attempts: int, longest: float) -> None:
        """Fetch the package lists, again with growing pauses when a mirror does not answer."""
        for attempt in range(attempts + 1):
            dpkg_lock.wait(dpkg_lock.LISTS, self.patience, self.progress)
            done = run(
                ["apt-get", "update"], environ=QUIET, parse=True, timeout=self.timeout, progress=self.progress
            )
            reason = fetch_errors(done)
            if not reason:
                return
            if attempt < attempts:
                time.sleep(min(2.0**attempt, longest))
        tries = f" after {attempts + 1} tries" if attempts else ""
        raise Failure(f"Failed to update apt cache{tries}: {reason}", rc=done.rc, stderr=text(done.stderr))


def _ignore(line: str) -> None:
    del line


def fetch_errors(done: Finished) -> str:
    """Return why the lists could not all be fetched, empty when they could.

    apt-get calls a repository that does not answer a warning; who asked for fresh lists does not.
    """
    lines = text(done.stderr).splitlines()
    bad = [line[3:].strip() for line in lines if line.startswith(("E: ", "W: Failed to fetch"))]
    if not bad and done.rc:
        bad = lines[-1:] or [f"apt-get ended with {done.rc}"]
    return "; ".join(bad)


def cache_time() -> float:
    """Return when the package lists were last fetched, in seconds since the epoch; 0 when never."""
    for path in (STAMP, LISTS):
        try:
            return os.stat(path).st_mtime
        except OSError:
            pass
    return 0


def changes(output: str) -> bool:
    """Tell whether apt-get changed, or when simulated would change, any package."""
    return _NOTHING.search(output) is None or bool(re.search(r"^[1-9]\d* not fully installed", output, re.M))


def prepared(output: str) -> Dict[str, str]:
    """Return the part of the output that says what happens to which package, in the shape of a diff."""
    lines = output.splitlines()
    start = lines.index("Reading state information...") + 1 if "Reading state information..." in lines else 0
    end = next((at for at, line in enumerate(lines) if _COUNTS.match(line)), len(lines))
    return {"prepared": "\n".join(lines[start : end + 1])}


def explained(done: Finished, argv: Sequence[str]) -> Failure:
    """Return the failure for a call of apt-get that went wrong, in the user's terms where it can be told."""
    stdout, stderr = text(done.stdout), text(done.stderr)
    detail: Dict[str, Any] = {"rc": done.rc, "stdout": stdout, "stderr": stderr}
    both = stderr + stdout
    unknown = _UNKNOWN.search(both)
    if unknown:
        return Failure(_unavailable(unknown.group(1) or unknown.group(2)), **detail)
    candidate = _CANDIDATE.search(both)
    if candidate:
        return Failure(f"no available installation candidate for {candidate.group(1)}", **detail)
    version = _VERSION.search(both)
    if version:
        pair = f"{version.group(2)}={version.group(1)}"
        return Failure(f"no available installation candidate for {pair}", **detail)
    return Failure("'apt-get {}' failed: {}".format(" ".join(argv), _reason(stderr) or done.rc), **detail)


def _unavailable(name: str) -> str:
    message = f"No package matching '{name}' is available"
    if not has_lists():
        message += "; the host has no package lists yet: set update_cache: true"
    return message


def has_lists() -> bool:
    """Tell whether any package list was ever fetched."""
    try:
        return any("Packages" in name or name.endswith("Release") for name in os.listdir(LISTS))
    except OSError:
        return False


def _reason(stderr: str) -> str:
    lines = [line for line in stderr.splitlines() if line.strip()]
    errors = [line for line in lines if line.startswith("E: ")]
    return "\n".join(errors or lines[-3:])


def madison(name: str) -> List[str]:
    """Return the versions that can be had of a package."""
    done = run(["apt-cache", "madison", name], parse=True)
    rows = [line.split("|") for line in text(done.stdout).splitlines()]
    return [row[1].strip() for row in rows if len(row) > 2 and not row[2].strip().endswith("Sources")]


def known_names() -> List[str]:
    """Return the names of all packages that can be had."""
    return text(run(["apt-cache", "pkgnames"], parse=True).stdout).split()
