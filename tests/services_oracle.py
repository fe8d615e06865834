"""What services promise while they change, held against what hosts see: samples, events, and answers.

Every host looks at its own containers several times a second and asks each whether it is ready. Nothing of
orchestr8 is used for that.
"""

from __future__ import annotations

import json
import subprocess
import threading
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Self

from tests.bed.load import Load, Report
from tests.services_stage import Stage

WATCHER = """
import http.client, json, os, socket, sys, threading, time
project, path, port = sys.argv[1:]
threading.Thread(target=lambda: (sys.stdin.read(), os._exit(0)), daemon=True).start()

class Engine(http.client.HTTPConnection):
    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(5)
        self.sock.connect("/var/run/docker.sock")

def listed():
    engine = Engine("engine")
    try:
        engine.request("GET", "/containers/json")
        return json.loads(engine.getresponse().read())
    finally:
        engine.close()

def ready(address):
    asked = http.client.HTTPConnection(address, int(port), timeout=5)
    try:
        asked.request("GET", path)
        return asked.getresponse().status == 200
    except OSError:
        return False
    finally:
        asked.close()

ends = time.time() + 300
while time.time() < ends:
    began = time.time()
    try:
        ours = [c for c in listed() if c["Labels"].get("o8.project") == project]
    except (OSError, ValueError):
        continue
    seen = {}
    for c in ours:
        address = next((n["IPAddress"] for n in c["NetworkSettings"]["Networks"].values()), "")
        open_ports = sorted(p["PublicPort"] for p in c.get("Ports") or () if p.get("PublicPort"))
        label = [c["Labels"].get("o8." + name, "") for name in ("service", "slot", "revision")]
        seen[c["Id"]] = [*label, bool(address) and ready(address), open_ports[:1]]
    print(json.dumps([began, time.time(), seen]), flush=True)
    time.sleep(0.1)
"""


@dataclass(frozen=True)
class Sample:
    """What a host saw at a moment: by container its service, slot, revision, readiness and public port."""

    began: float
    ended: float
    seen: dict[str, list[Any]]

    @property
    def ready(self) -> set[str]:
        """The containers that said they are ready."""
        return {name for name, about in self.seen.items() if about[3]}


@dataclass
class Oracle:
    """Watches a project while a `with` block runs; `holds` says whether its promises were kept."""

    stage: Stage
    path: str = "/healthz"
    port: int = 8080
    samples: dict[str, list[Sample]] = field(default_factory=dict)
    mark: str = ""
    _watchers: list[tuple[subprocess.Popen[str], threading.Thread]] = field(default_factory=list)

    def __enter__(self) -> Self:
        self.mark = self.stage.mark()
        for host in self.stage.hosts:
            self._watch(host)
        for host in self.stage.hosts:
            self._first(host)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for process, _ in self._watchers:
            assert process.stdin is not None
            process.stdin.close()
        for process, thread in self._watchers:
            process.wait(timeout=60)
            thread.join(timeout=60)

    def _watch(self, host: str) -> None:
        words = ["python3", "-u", "-c", WATCHER, self.stage.project, self.path, str(self.port)]
        container = self.stage.fleet.host(host).container
        pipe = subprocess.PIPE
        argv = ["docker", "exec", "--interactive", container, *words]
        process = subprocess.Popen(argv, stdin=pipe, stdout=pipe, text=True)
        found = self.samples.setdefault(host, [])
        thread = threading.Thread(target=self._read, args=(process, found), daemon=True)
        thread.start()
        self._watchers.append((process, thread))

    def _read(self, process: subprocess.Popen[str], found: list[Sample]) -> None:
        assert process.stdout is not None
        found.extend(Sample(*json.loads(line)) for line in process.stdout)

    def _first(self, host: str) -> None:
        """Wait until a host has looked once."""
        pause = threading.Event()
        for _ in range(1200):
            if self.samples[host]:
                return
            pause.wait(0.05)
        raise AssertionError(f"{host} does not watch")

    def addresses(self, path: str = "/") -> list[str]:
        """Where the containers that are ready now can be asked: what a balancer would know."""
        return [
            f"http://{self.stage.fleet.host(host).address}:{about[4][0]}{path}"
            for host, found in self.samples.items()
            for about in found[-1].seen.values()
            if about[3] and about[4]
        ]

    @contextmanager
    def load(self, path: str = "/", rate: float = 50) -> Iterator[Report]:
        """Put requests on all containers that are ready, as a balancer does."""
        with Load(lambda: self.addresses(path), rate=rate) as load:
            yield load.report

    def holds(self, replicas: int, *, max_surge: int = 1, max_unavailable: int = 0) -> None:
        """Say that there were never fewer ready nor more running, and never two of one slot and revision."""
        counts = self.stage.running_over_time(self.mark, len(self._at_first()))
        assert max(counts) <= replicas + max_surge, counts
        least = self.least_ready()
        assert least >= replicas - max_unavailable, least
        for moment in self._moments():
            names = Counter(tuple(about[:3]) for about in self._around(moment, both=False).values())
            assert not [name for name, number in names.items() if number > 1], names

    def least_ready(self) -> int:
        """The least number of containers that were ready at one moment.

        Hosts do not look at the same moments: a container counts when the look before or after says so.
        """
        return min(sum(a[3] for a in self._around(m, both=True).values()) for m in self._moments())

    def _at_first(self) -> set[str]:
        return {name for found in self.samples.values() for name in found[0].seen}

    def _moments(self) -> Sequence[float]:
        """All moments of looks between the first and the last of every host."""
        begin = max(found[0].ended for found in self.samples.values())
        end = min(found[-1].began for found in self.samples.values())
        moments = sorted(s.ended for found in self.samples.values() for s in found if begin <= s.ended <= end)
        assert len(moments) > len(self.samples), "nobody has looked"
        return moments

    def _around(self, moment: float, *, both: bool) -> dict[str, list[Any]]:
        """What every host saw last before a moment; with `both` also what it saw next, the better counts."""
        merged: dict[str, list[Any]] = {}
        for found in self.samples.values():
            after = bisect_right(found, moment, key=lambda s: s.ended)
            for sample in found[max(0, after - 1) : after + (1 if both else 0)]:
                for name, about in sample.seen.items():
                    if name not in merged or about[3]:
                        merged[name] = about
        return merged
