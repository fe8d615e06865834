"""Runs a target once with a program, in a fresh sandbox."""

from __future__ import annotations

import shutil
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from tests.conformance import programs, sandbox, target
from tests.conformance.verdict import Verdict, judge


@dataclass(frozen=True)
class Bench:
    """What all runs of a call share: the distribution, where logs go, limits, and the hosts' interpreter."""

    distribution: Path
    logs: Path
    limit: float = 300
    interpreter: str = "/usr/bin/python3"
    shown: tuple[Path, ...] = ()

    def target(self, name: str) -> target.Target:
        """Return the target of that name."""
        return target.Target(name, self.distribution / "test" / "integration" / "targets" / name)


def run(
    bench: Bench, name: str, commands: Mapping[str, str], expected: int | None, label: str = "o8"
) -> Verdict:
    """Run one target with Ansible's commands as given; its output is kept as `NAME.LABEL.log`."""
    chosen = bench.target(name)
    work = Path(tempfile.mkdtemp(prefix=f"o8-target-{name}-"))
    work.chmod(0o755)
    try:
        place = target.Layout(work)
        target.lay_out(chosen, place, bench.interpreter)
        programs.write(work / "extra" / "bin", commands, bench.distribution / "lib")
        argv, cwd = target.command(chosen, place)
        room = sandbox.Room(work, bench.distribution / "test", bench.shown)
        path = bench.logs / f"{name}.{label}.log"
        with path.open("wb") as log:
            status = sandbox.execute(argv, cwd, target.environment(chosen, place), room, log, bench.limit)
            seconds = time.time() - sandbox.began(room)
        return judge(name, status, path.read_text(errors="replace"), round(seconds, 2), expected)
    finally:
        shutil.rmtree(work, ignore_errors=True)
