"""Programs the bed runs: argument vectors in, text out, failures as one line."""

from __future__ import annotations

import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass


class BedError(Exception):
    """The bed cannot do what was asked; the message is one line for the user."""


@dataclass(frozen=True)
class Finished:
    """What a program left behind: its exit code and both streams."""

    rc: int
    stdout: str
    stderr: str

    @property
    def reason(self) -> str:
        """The last line the program wrote, which is where programs put their reason."""
        lines = (self.stderr.strip() or self.stdout.strip()).splitlines()
        return lines[-1] if lines else f"exit code {self.rc}"


def attempt(
    argv: Sequence[str],
    *,
    stdin: str | None = None,
    timeout: float = 180,
    env: Mapping[str, str] | None = None,
) -> Finished:
    """Run a program and return how it ended, whatever its exit code."""
    try:
        done = subprocess.run(
            list(argv),
            input=stdin,
            stdin=subprocess.DEVNULL if stdin is None else None,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=timeout,
            env=env,
            check=False,
        )
    except FileNotFoundError as missing:
        raise BedError(f"the program `{argv[0]}` is missing") from missing
    except subprocess.TimeoutExpired as late:
        raise BedError(f"`{' '.join(argv[:4])} …` did not end within {timeout:g} s") from late
    return Finished(done.returncode, done.stdout, done.stderr)


def run(argv: Sequence[str], *, stdin: str | None = None, timeout: float = 180) -> str:
    """Run a program that must succeed and return what it wrote to stdout."""
    done = attempt(argv, stdin=stdin, timeout=timeout)
    if done.rc != 0:
        raise BedError(f"`{' '.join(argv[:4])} …` failed: {done.reason}")
    return done.stdout


def docker(*argv: str, stdin: str | None = None, timeout: float = 180) -> str:
    """Run the machine's docker command line."""
    return run(["docker", *argv], stdin=stdin, timeout=timeout)
