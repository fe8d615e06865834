"""A project of its own on the fleet: writes its playbook, runs the real command, asks the hosts."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from tests.bed import Fleet
from tests.bed.fleet import in_parallel

ROOT = Path(__file__).parents[1]


@dataclass(frozen=True)
class Ran:
    """How a command ended."""

    rc: int
    out: str


@dataclass
class Stage:
    """One project; `home` is the machine the user sits at."""

    fleet: Fleet
    project: str
    folder: Path
    hosts: Sequence[str] = ("h1", "h2", "h3", "h4")
    labels: dict[str, dict[str, str]] = field(default_factory=dict)

    def inventory(self) -> Path:
        first = self.fleet.host("h1")
        hosts = {
            n: {"ansible_host": self.fleet.host(n).address, "o8_labels": self.labels.get(n, {})}
            for n in self.hosts
        }
        variables = {
            "ansible_user": "root",
            "ansible_ssh_private_key_file": str(first.key),
            "ansible_ssh_common_args": f"-F none -o UserKnownHostsFile={first.known_hosts}",
            "o8_project": self.project,
        }
        path = self.folder / "hosts.yml"
        path.write_text(yaml.safe_dump({"web": {"hosts": hosts, "vars": variables}}))
        return path

    def write(self, services: dict[str, Any]) -> Path:
        play = {"hosts": "web", "gather_facts": False, "services": services}
        path = self.folder / "site.yml"
        path.write_text(yaml.safe_dump([play]))
        return path

    def web(self, version: str = "v1", **more: Any) -> Path:
        """Write a playbook with one service; update values are short unless given."""
        update = {"min_healthy_time": "300ms", **more.pop("update", {})}
        spec = {
            "image": self.fleet.image(version),
            "replicas": 3,
            "readiness": {"http": "/healthz", "port": 8080, "interval": "500ms"},
            "stop_grace_period": "3s",
            "update": update,
            **more,
        }
        return self.write({"web": spec})

    def start(self, *words: str, home: Path | None = None) -> subprocess.Popen[str]:
        environ = {**os.environ, "PYTHONPATH": str(ROOT), "HOME": str(home or self.folder), "NO_COLOR": "1"}
        argv = [sys.executable, "-m", "orchestr8", *words]
        return subprocess.Popen(
            argv,
            cwd=home or self.folder,
            env=environ,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def o8(self, *words: str, home: Path | None = None) -> Ran:
        process = self.start(*words, home=home)
        out, _ = process.communicate(timeout=240)
        return Ran(process.returncode, out)

    def run(self, *words: str, home: Path | None = None) -> Ran:
        return self.o8("run", str(self.folder / "site.yml"), "-i", str(self.inventory()), *words, home=home)

    def deploy(self, version: str = "v1", **more: Any) -> Ran:
        """Write the service and run, which must succeed."""
        self.web(version, **more)
        ran = self.run()
        assert ran.rc == 0, ran.out
        return ran

    def verb(self, *words: str, home: Path | None = None) -> Ran:
        return self.o8(*words, "-i", str(self.inventory()), home=home)

    def docker(self, host: str, *words: str) -> str:
        done = self.fleet.exec(host, ["docker", *words])
        assert done.rc == 0, done
        return done.stdout

    def containers(self) -> list[dict[str, Any]]:
        """Every container of the project on any host, as `docker inspect` shows it, with `host` added."""
        return [c for found in in_parallel(self._on, self.hosts) for c in found]

    def _on(self, host: str) -> list[dict[str, Any]]:
        ids = self.docker(host, "ps", "-aq", "--filter", f"label=o8.project={self.project}").split()
        if not ids:
            return []
        return [{**c, "host": host} for c in json.loads(self.docker(host, "inspect", *ids))]

    def live(self) -> list[dict[str, Any]]:
        return [c for c in self.containers() if c["State"]["Running"]]

    def versions(self) -> list[str]:
        """The image references that run, one a container."""
        return sorted(c["Config"]["Image"] for c in self.live())

    def mark(self) -> str:
        """The hosts' time now, to read events from."""
        return f"{time.time():.3f}"

    def events(self, since: str) -> list[tuple[float, str, str, str]]:
        """What happened to the project's containers since a mark: time, host, action, container's name."""
        until = f"{time.time() + 0.05:.3f}"

        def on(host: str) -> list[tuple[float, str, str, str]]:
            words = ("--since", since, "--until", until, "--format", "{{json .}}")
            filters = ("--filter", "type=container", "--filter", f"label=o8.project={self.project}")
            lines = self.docker(host, "events", *words, *filters).splitlines()
            told = [json.loads(line) for line in lines]
            return [(e["timeNano"] / 1e9, host, e["Action"], e["Actor"]["Attributes"]["name"]) for e in told]

        return sorted(e for found in in_parallel(on, self.hosts) for e in found)

    def running_over_time(self, since: str, before: int) -> list[int]:
        """How many containers ran after each event, beginning with `before`."""
        counts = [before]
        for _, _, action, _ in self.events(since):
            counts.append(counts[-1] + {"start": 1, "die": -1}.get(action, 0))
        return counts

    def wait_for(self, process: subprocess.Popen[str], text: str) -> str:
        """Read a command's output until a text was seen."""
        seen = ""
        assert process.stdout is not None
        for line in process.stdout:
            seen += line
            if text in line:
                return seen
        raise AssertionError(f"{text!r} was not seen in:\n{seen}")

    def interrupt(self, process: subprocess.Popen[str]) -> None:
        process.send_signal(signal.SIGINT)

    def clean(self) -> None:
        """Leave nothing of the project behind."""
        in_parallel(self._clean, self.hosts)

    def _clean(self, host: str) -> None:
        script = (
            'docker ps -aq --filter "label=o8.project=$1" | xargs -r docker rm -f; '
            'docker image ls -q --filter "reference=o8-keep/$1/*" --format "{{.Repository}}:{{.Tag}}" '
            "| xargs -r docker rmi; "
            'docker network ls -q --filter "name=^$1-" | xargs -r docker network rm; '
            'docker volume ls -q --filter "label=o8.project=$1" | xargs -r docker volume rm; '
            'rm -rf "/var/lib/orchestr8/$1"'
        )
        self.fleet.exec(host, ["sh", "-c", script, "sh", self.project])
