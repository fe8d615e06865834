"""Programs of the host that modules lean on: where they are, and what they say."""

import os
from typing import Any, Dict, Mapping, Optional, Sequence

from orchestr8.remote.module import Failure
from orchestr8.remote.process import Finished, run, text

FOLDERS = ("/sbin", "/usr/sbin", "/usr/local/sbin")


def found(name: str, folders: Sequence[str] = ()) -> Optional[str]:
    """Return the path of a program on PATH, in root's folders or in these; None when there is none."""
    path = os.environ.get("PATH", os.defpath).split(os.pathsep)
    for folder in [*folders, *path, *FOLDERS]:
        candidate = os.path.join(folder, name)
        if os.path.isfile(candidate) and os.access(candidate, os.X_OK):
            return candidate
    return None


def required(name: str, package: str = "") -> str:
    """Return the path of a program; Failure naming what is missing, and the package that brings it."""
    path = found(name)
    if path is None:
        places = ":".join([os.environ.get("PATH", os.defpath), *FOLDERS])
        hint = f"; the package {package} has it" if package else ""
        raise Failure(f'Failed to find required executable "{name}" in paths: {places}{hint}')
    return path


def must(
    argv: Sequence[str],
    failed: str,
    *,
    stdin: bytes = b"",
    timeout: Optional[float] = None,
    environ: Optional[Mapping[str, str]] = None,
) -> Finished:
    """Run a program in the C locale; Failure beginning with `failed`, with its own words, when it fails."""
    done = run(argv, stdin=stdin, parse=True, timeout=timeout, environ=environ)
    if done.rc:
        raise Failure(f"{failed}: {reason(done)}", **said(done))
    return done


def reason(done: Finished) -> str:
    """Return why a program failed, in its own words where it has some."""
    return (text(done.stderr) or text(done.stdout)).strip() or f"exit status {done.rc}"


def said(done: Finished) -> Dict[str, Any]:
    """Return a program's end as the keys of a result."""
    return {"rc": done.rc, "stdout": text(done.stdout), "stderr": text(done.stderr)}
