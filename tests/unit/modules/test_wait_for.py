from __future__ import annotations

import contextlib
import random
import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from orchestr8.remote import ports


@pytest.fixture
def server() -> Iterator[socket.socket]:
    """A port of this machine that takes connections, and that the system gives to no connection of others."""
    lowest = int(Path("/proc/sys/net/ipv4/ip_local_port_range").read_text("ascii").split()[0])
    with _first_free(random.sample(range(lowest // 2, lowest), 100)) as listening:
        yield listening


def _first_free(ports: list[int]) -> socket.socket:
    for port in ports:
        with contextlib.suppress(OSError):
            return socket.create_server(("127.0.0.1", port))
    raise AssertionError("no port is free")


@pytest.fixture
def closed_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        return listening.getsockname()[1]


def test_a_port_that_listens(apply, server: socket.socket) -> None:
    port = server.getsockname()[1]
    result = apply("wait_for", port=port)
    assert (result["state"], result["port"], result["changed"]) == ("started", port, False)
    assert 0 <= result["elapsed"] < 100
    stopped = apply("wait_for", port=port, state="stopped", timeout=0)
    assert stopped["msg"] == f"Timeout when waiting for 127.0.0.1:{port} to stop."


def test_a_port_that_does_not(apply, closed_port: int) -> None:
    assert apply("wait_for", port=closed_port, state="stopped")["elapsed"] < 100
    assert (
        apply("wait_for", port=closed_port, timeout=0)["msg"]
        == f"Timeout when waiting for 127.0.0.1:{closed_port}"
    )
    assert apply("wait_for", port=closed_port, timeout=0, msg="no database")["msg"] == "no database"


def test_what_a_server_says(apply, server: socket.socket) -> None:
    def greet() -> None:
        line, _ = server.accept()
        with line:
            line.sendall(b"220 mail ")
            line.sendall(b"ESMTP x9\r\n")

    thread = threading.Thread(target=greet)
    thread.start()
    result = apply("wait_for", port=server.getsockname()[1], search_regex=r"ESMTP (?P<name>\w+)\s", timeout=5)
    thread.join()
    assert (result["match_groups"], result["match_groupdict"]) == (["x9"], {"name": "x9"})


def test_files(apply, tmp_path: Path) -> None:
    path = tmp_path / "f"
    assert apply("wait_for", path=str(path), timeout=0)["msg"] == f"Timeout when waiting for file {path}"
    assert apply("wait_for", path=str(path), state="absent")["state"] == "absent"
    path.write_text("job 7 done\n")
    assert apply("wait_for", path=str(path))["path"] == str(path)
    assert apply("wait_for", path=str(path), search_regex=r"^job (\d) done")["match_groups"] == ["7"]
    assert "search string" in apply("wait_for", path=str(path), search_regex="failed", timeout=0)["msg"]
    assert apply("wait_for", path=str(path), state="absent", timeout=0)["msg"].endswith("to be absent.")


def test_a_port_is_drained_when_its_connections_are_gone(apply, server: socket.socket) -> None:
    port = server.getsockname()[1]
    client = socket.create_connection(("127.0.0.1", port))
    line, _ = server.accept()
    established = ["ESTABLISHED"]
    assert ports.active("127.0.0.1", port, established, []) == 1
    assert ports.active("0.0.0.0", port, established, []) == 1
    assert ports.active("127.0.0.1", port, established, ["127.0.0.1"]) == 0
    busy = apply("wait_for", port=port, state="drained", timeout=0, active_connection_states=established)
    assert busy["msg"] == f"Timeout when waiting for 127.0.0.1:{port} to drain"
    client.close()
    line.close()
    assert not apply("wait_for", port=port, state="drained", active_connection_states=established).get(
        "failed"
    )


def test_mistakes(apply) -> None:
    assert "can not both be passed" in apply("wait_for", port=1, path="/x")["msg"]
    assert "should only be used for checking a port" in apply("wait_for", path="/x", state="drained")["msg"]
    assert "exclude_hosts should only" in apply("wait_for", port=1, exclude_hosts=["a"])["msg"]
    assert (
        "unknown active_connection_state" in apply("wait_for", port=1, active_connection_states=["UP"])["msg"]
    )
    assert "Invalid regular expression" in apply("wait_for", path="/x", search_regex="(")["msg"]
