"""A host for tests of modules: called through our transport, looked at by testinfra."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import testinfra

from orchestr8.engine.ports import Endpoint, Request
from orchestr8.transport.heartbeat import Heartbeat
from orchestr8.transport.payload import Payload
from orchestr8.transport.ssh import SshTransport
from tests.bed.host import Host

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
