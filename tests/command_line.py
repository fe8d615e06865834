"""The installed command `o8` as a user runs it, on the fleet or without it."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.bed import Fleet
from tests.bed.host import Host

O8 = Path(sys.executable).with_name("o8")
_RECAP = re.compile(r"^(\S+)\s+: (ok=.*)$", re.MULTILINE)


@dataclass(frozen=True)
class Ran:
    """How a command ended and what it wrote."""

    code: int
    out: str
    err: str
    seconds: float

    @property
    def text(self) -> str:
        """Both streams."""
        return self.out + self.err

    def recap(self) -> dict[str, dict[str, int]]:
        """The recap's counts by host."""
        return recap(self.out)

    def changed(self) -> int:
        """How much changed on all hosts."""
        return sum(counts["changed"] for counts in self.recap().values())

    def events(self) -> list[dict[str, Any]]:
        """The events of `--json`."""
        return [json.loads(line) for line in self.out.splitlines()]


def recap(text: str) -> dict[str, dict[str, int]]:
    """Return the counts of a recap as Ansible and orchestr8 write it."""
    return {
        host: {name: int(number) for name, number in re.findall(r"(\w+)=(\d+)", counts)}
        for host, counts in _RECAP.findall(text)
    }


@dataclass(frozen=True)
class CommandLine:
    """Runs `o8` in a folder with a home of its own, so that nothing of the machine's user matters."""

    folder: Path

    def write(self, name: str, text: str) -> Path:
        """Write a file of the project."""
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        return path

    def environment(self, **more: str) -> dict[str, str]:
        """Return the environment: a home in the folder, nothing that colours or configures."""
        home = self.folder / "home"
        home.mkdir(exist_ok=True)
        kept = {name: os.environ[name] for name in ("PATH", "LANG", "TZ") if name in os.environ}
        return {"LC_ALL": "C.UTF-8", **kept, "HOME": str(home), **more}

    def start(self, *args: str, env: Mapping[str, str] | None = None, **how: Any) -> subprocess.Popen[str]:
        """Start `o8` and return the process; it leads a group of its own."""
        return subprocess.Popen(
            [str(O8), *args],
            cwd=self.folder,
            env=self.environment(**(env or {})),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            errors="replace",
            start_new_session=True,
            **how,
        )

    def __call__(self, *args: str, timeout: float = 240, env: Mapping[str, str] | None = None) -> Ran:
        """Run `o8` to its end."""
        began = time.monotonic()
        process = self.start(*args, env=env)
        try:
            out, err = process.communicate(timeout=timeout)
        except subprocess.TimeoutExpired:
            process.kill()
            out, err = process.communicate()
            raise AssertionError(f"o8 {' '.join(args)} did not end in {timeout} s\n{out}\n{err}") from None
        return Ran(process.returncode, out, err, time.monotonic() - began)

    def play(self, text: str, *args: str, name: str = "site.yml", **how: Any) -> Ran:
        """Write a playbook and run it with the folder's inventory."""
        self.write(name, text)
        return self("run", name, "-i", "hosts.ini", *args, **how)


def reached(host: Host, **variables: Any) -> str:
    """Return the inventory variables that reach a host of the bed by its key."""
    options = f"-F none -o UserKnownHostsFile={host.known_hosts} -o GlobalKnownHostsFile=none"
    values = {
        "ansible_host": host.address,
        "ansible_user": "root",
        "ansible_ssh_private_key_file": host.key,
        "ansible_ssh_common_args": f"'{options}'",
        "ansible_python_interpreter": "/usr/bin/python3",
        **variables,
    }
    return " ".join(f"{name}={value}" for name, value in values.items() if value is not None)


def inventory(fleet: Fleet, more: str = "", **hosts: Mapping[str, Any]) -> str:
    """Return an INI inventory of the bed's hosts; `h1={...}` changes variables of a host."""
    lines = [f"{host.name} {reached(host, **hosts.get(host.name, {}))}" for host in fleet.hosts]
    return "\n".join([*lines, more, ""])
