"""Where a target runs: a throw-away layer over this machine, as targets add users, packages and files."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

SCRIPT = Path(__file__).with_name("sandbox.sh")
CHECKOUT = Path(__file__).resolve().parents[2]
NAMESPACES = ("unshare", "--mount", "--pid", "--uts", "--ipc", "--fork", "--kill-child", "--mount-proc")


@dataclass(frozen=True)
class Room:
    """A folder `work` for one target's run, the distribution laid into it, and folders it must see."""

    work: Path
    distribution: Path
    shown: tuple[Path, ...] = ()


def impossible() -> str:
    """Return why this machine can have no sandbox, in one line; empty where it can."""
    if os.geteuid():
        return "the sandbox needs root"
    done = subprocess.run([*NAMESPACES, "true"], capture_output=True, text=True)
    return f"no namespaces: {done.stderr.strip()}" if done.returncode else ""


def elsewhere(*wanted: Path) -> tuple[Path, ...]:
    """Return those folders, besides the checkout and this interpreter, that a layer over / does not show."""
    top = Path("/").stat().st_dev
    every = dict.fromkeys([CHECKOUT, Path(sys.prefix), Path(sys.base_prefix), *wanted])
    return tuple(each for each in every if each.exists() and each.stat().st_dev != top)


def began(room: Room) -> float:
    """Return when the command began, as seconds of the epoch: making the sandbox is no part of its time.

    Where it never began that is now; the log says why.
    """
    mark = room.work / "began"
    return float(mark.read_text()) if mark.exists() else time.time()


def execute(
    argv: list[str], cwd: Path, environ: dict[str, str], room: Room, log: BinaryIO, limit: float
) -> int | None:
    """Run a command in a sandbox with its output in the log; return its status, None if its time was up."""
    shown = ":".join(map(str, room.shown))
    line = [*NAMESPACES, str(SCRIPT), str(room.work), str(room.distribution), shown, str(cwd), *argv]
    process = subprocess.Popen(
        line, env=environ, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True
    )
    try:
        return process.wait(limit)
    except subprocess.TimeoutExpired:
        return None
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
