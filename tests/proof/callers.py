"""Locust as users of a service behind edges, and what they saw."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self

ROOT = Path(__file__).resolve().parents[2]
HOME = ROOT / ".bench" / "locust"


@dataclass(frozen=True)
class Call:
    """One request: when it ended, how long it took, by which edge, who answered, or what went wrong."""

    at: float
    ms: float
    kind: str
    edge: str
    status: int
    error: str
    version: str = ""
    container: str = ""

    @property
    def failed(self) -> bool:
        """Whether the user did not get an answer of the application."""
        return bool(self.error) or self.status != 200


def program() -> str:
    """Return locust in a virtual environment of its own, made on first use."""
    if not (HOME / "bin" / "locust").exists():
        subprocess.run([sys.executable, "-m", "venv", str(HOME)], check=True)
        subprocess.run([str(HOME / "bin" / "pip"), "install", "-q", "locust>=2.30,<3"], check=True)
    return str(HOME / "bin" / "locust")


class Callers:
    """200 requests a second over some edges while a `with` block runs."""

    def __init__(self, edges: Sequence[str], host: str, log: Path) -> None:
        self._log = log
        self._read = 0
        self._calls: list[Call] = []
        environ = {"O8_LOAD_EDGES": ",".join(edges), "O8_LOAD_HOST": host, "O8_LOAD_LOG": str(log)}
        script = str(Path(__file__).with_name("locustfile.py"))
        self._argv = [program(), "-f", script, "--headless", "--only-summary", "-u", "44", "-r", "44"]
        self._environ = {**os.environ, **environ}

    def __enter__(self) -> Self:
        out = subprocess.DEVNULL
        self._process = subprocess.Popen(self._argv, env=self._environ, stdout=out, stderr=out)
        self.wait(200)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._process.send_signal(signal.SIGINT)
        self._process.wait(30)

    def calls(self, since: float = 0.0, until: float = float("inf")) -> list[Call]:
        """Return what ended in a stretch of time."""
        with self._log.open() as lines:
            lines.seek(self._read)
            while (line := lines.readline()).endswith("\n"):
                told: dict[str, Any] = json.loads(line)
                self._calls.append(Call(**told))
                self._read = lines.tell()
        return [c for c in self._calls if since <= c.at < until]

    def wait(self, number: int, since: float = 0.0, patience: float = 120.0) -> None:
        """Wait until so many requests have ended since a moment."""
        ends = time.monotonic() + patience
        while not self._log.exists() or len(self.calls(since)) < number:
            if self._process.poll() is not None or time.monotonic() > ends:
                raise RuntimeError("the users do not call")
            time.sleep(0.5)

    def wait_for_version(self, version: str, patience: float = 180.0) -> None:
        """Wait until nobody has got an answer of another version for a while."""
        ends = time.monotonic() + patience
        while not (last := self.calls(time.time() - 3)) or {c.version for c in last} != {version}:
            if time.monotonic() > ends:
                raise RuntimeError(f"{version} does not answer everybody")
            time.sleep(0.5)


def shares(calls: Sequence[Call]) -> dict[str, dict[str, float]]:
    """Return each version's share of the answers in percent, by edge."""
    found: dict[str, Counter[str]] = {}
    for call in calls:
        found.setdefault(call.edge, Counter())[call.version] += 1
    return {
        edge: {version: 100 * count / counts.total() for version, count in counts.items()}
        for edge, counts in sorted(found.items())
    }
