"""Peers that fall silent, hang up, or never greet: each becomes Unreachable in time, with its cause."""

import os
import signal
import socket
import threading
import time

import pytest

from orchestr8.core.errors import Unreachable
from orchestr8.engine.ports import Endpoint, Request
from orchestr8.transport.heartbeat import Heartbeat
from orchestr8.transport.local import LocalTransport
from orchestr8.transport.payload import Payload
from orchestr8.transport.pool import Network

LIMIT = 40.0
"""Seconds; the command itself takes 60, and a silent host is given up after 15."""
SLEEP = Request("command", {"_raw_params": "sleep 60"})


def endpoint_of(host, **fields):
    options = {"UserKnownHostsFile": str(host.known_hosts), "ConfigFile": "none"}
    return Endpoint(host.name, host.address, user="root", key_file=str(host.key), options=options, **fields)


@pytest.fixture
def network():
    network = Network(["ping", "command"])
    yield network
    network.close()


def seconds_until_lost(work):
    start = time.monotonic()
    with pytest.raises(Unreachable) as caught:
        work()
    return time.monotonic() - start, caught.value.message


def test_peers_that_fall_silent_are_noticed_while_others_go_on(fleet, network):
    """Packets of h4 are dropped, the sshd of h3 is frozen under a command, that of h2 under an upload."""
    hosts = {name: fleet.host(name) for name in ("h2", "h3", "h4")}
    silent = {name: network.connect(endpoint_of(host)) for name, host in hosts.items()}
    other = network.connect(endpoint_of(fleet.host("h1")))
    upload = Request("ping", {}, blob=bytes(64 << 20))
    found = {}

    def wait_for_the_end(name, connection):
        request = upload if name == "h2" else SLEEP
        found[name] = seconds_until_lost(lambda: connection.call(request))

    for connection in silent.values():
        connection.call(Request("ping", {}))
    waiting = [threading.Thread(target=wait_for_the_end, args=each) for each in silent.items()]
    try:
        hosts["h4"].cut()
        hosts["h3"].freeze("sshd")
        hosts["h2"].freeze("sshd")
        for thread in waiting:
            thread.start()
        while any(thread.is_alive() for thread in waiting):
            start = time.monotonic()
            assert other.call(Request("ping", {}))["ping"] == "pong"
            assert time.monotonic() - start < 10
            time.sleep(0.2)
    finally:
        hosts["h4"].mend()
        hosts["h3"].thaw("sshd")
        hosts["h2"].thaw("sshd")
        for thread in waiting:
            thread.join(30)
        start = time.monotonic()
        for connection in (*silent.values(), other):
            connection.close()
        assert time.monotonic() - start < 10
    print(f"\nnoticed: {found}")
    assert found.keys() == hosts.keys()
    assert all(took < LIMIT for took, _ in found.values())
    assert "no sign of life" in found["h2"][1]


def test_a_short_cut_harms_nothing(fleet, network):
    host = fleet.host("h4")
    connection = network.connect(endpoint_of(host))
    connection.call(Request("ping", {}))
    host.cut()
    timer = threading.Timer(5, host.mend)
    timer.start()
    try:
        assert connection.call(Request("ping", {}))["ping"] == "pong"
    finally:
        timer.join()
        connection.close()


def test_a_killed_sshd_is_noticed_at_once(fleet, network):
    host = fleet.host("h4")
    connection = network.connect(endpoint_of(host))
    connection.call(Request("ping", {}))
    mine = Request("command", {"_raw_params": "sleep 61.5"})
    timer = threading.Timer(0.5, host.kill, ["sshd"])
    timer.start()
    try:
        took, _ = seconds_until_lost(lambda: connection.call(mine))
        assert took < 12
        deadline = time.monotonic() + 30
        while host.exec(["sh", "-c", "pgrep -f '[s]leep 61.5' || true"]).stdout.strip():
            assert time.monotonic() < deadline
            time.sleep(0.1)
    finally:
        timer.join()
        host.start("sshd")


def test_a_stopped_runner_is_noticed(monkeypatch):
    """With a patience of its own: how long it is by default is seen above."""
    monkeypatch.setattr("orchestr8.transport.rpc.QUIET", 1.0)
    monkeypatch.setattr("orchestr8.transport.rpc.DEAD", 5.0)
    heartbeat = Heartbeat()
    session = LocalTransport(Payload(["ping"]), heartbeat).connect(Endpoint("here", "here", kind="local"))
    session.call(Request("ping", {}))
    pid = session._shell._pipes[-1]._child.pid
    os.kill(pid, signal.SIGSTOP)
    took, message = seconds_until_lost(lambda: session.call(Request("ping", {})))
    session.close()
    heartbeat.stop()
    assert took < LIMIT
    assert "no sign of life" in message


@pytest.fixture
def listener():
    server = socket.create_server(("127.0.0.1", 0))
    peers = []

    def serve(greeting):
        def run():
            while True:
                try:
                    peer, _ = server.accept()
                except OSError:
                    return
                peers.append(peer)
                if greeting is not None:
                    peer.sendall(greeting)
                    peer.shutdown(socket.SHUT_RDWR)

        threading.Thread(target=run, daemon=True).start()
        return server.getsockname()[1]

    yield serve
    server.close()
    for peer in peers:
        peer.close()


@pytest.mark.parametrize("greeting", [None, b"HTTP/1.1 400 Bad Request\r\n\r\n", b""])
def test_what_is_no_sshd_is_told_apart_in_time(network, listener, greeting):
    port = listener(greeting)
    endpoint = Endpoint(
        "odd", "127.0.0.1", port=port, user="x", connect_timeout=2.0, options={"ConfigFile": "none"}
    )
    took, message = seconds_until_lost(lambda: network.connect(endpoint))
    print(f"\n{greeting!r}: {took:.1f} s: {message}")
    assert took < 10
    assert "\n" not in message
