"""A host for tests of modules: called through our transport, looked at by testinfra."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import testinfra
import yaml

from orchestr8.engine.ports import Endpoint, Request
from orchestr8.transport.heartbeat import Heartbeat
from orchestr8.transport.payload import Payload
from orchestr8.transport.ssh import SshTransport
from tests.bed.host import Host

ROOT = Path(__file__).parents[1]
Run = Callable[..., dict[str, Any]]


@contextmanager
def calling(host: Host, *, timeout: float) -> Iterator[Run]:
    """Give what calls a module on the host; a call has so many seconds."""
    heartbeat = Heartbeat()
    transport = SshTransport(Payload(), heartbeat)
    options = {"UserKnownHostsFile": str(host.known_hosts), "IdentitiesOnly": "yes"}
    way = Endpoint(host.name, host.address, host.port, host.user, key_file=str(host.key), options=options)
    connection = transport.connect(way)

    def call(module: str, *, check: bool = False, **args: Any) -> dict[str, Any]:
        return connection.call(Request(module, args, check=check, diff=True, timeout=timeout))

    yield call
    connection.close()
    transport.close()
    heartbeat.stop()


def witness(host: Host, folder: Path) -> Any:
    """Return the host as testinfra sees it; its SSH configuration is put into the folder."""
    config = folder / "config"
    lines = (
        "Host *",
        f"UserKnownHostsFile {host.known_hosts}",
        f"IdentityFile {host.key}",
        "IdentitiesOnly yes",
    )
    config.write_text("\n".join(lines) + "\n")
    return testinfra.get_host(f"ssh://{host.user}@{host.address}:{host.port}", ssh_config=str(config))


def twice(run: Run, module: str, **args: Any) -> dict[str, Any]:
    """Predict, apply and apply again; return the result of the change."""
    predicted = run(module, check=True, **args)
    assert predicted.get("changed") is True, predicted
    result = run(module, **args)
    assert result.get("changed") is True, result
    again = run(module, **args)
    assert again.get("changed") is False, again
    return result


def played(host: Host, folder: Path, *tasks: dict[str, Any]) -> list[dict[str, Any]]:
    """Run tasks on the host by the real command and return their results."""
    variables = {
        "ansible_host": host.address,
        "ansible_user": host.user,
        "ansible_ssh_private_key_file": str(host.key),
        "ansible_ssh_common_args": f"-F none -o UserKnownHostsFile={host.known_hosts}",
    }
    (folder / "hosts.yml").write_text(yaml.safe_dump({"all": {"hosts": {host.name: variables}}}))
    text = yaml.safe_dump([{"hosts": host.name, "gather_facts": False, "tasks": list(tasks)}])
    (folder / "play.yml").write_text(text)
    argv = [sys.executable, "-m", "orchestr8", "run", "play.yml", "-i", "hosts.yml", "--json", "-vv"]
    environ = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(argv, cwd=folder, env=environ, capture_output=True, text=True, timeout=90)
    lines = [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]
    found = [line["outcome"]["result"] for line in lines if line.get("event") == "host_finished"]
    assert len(found) == len(tasks), done.stdout + done.stderr
    return found
