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


@pytest.mark.parametrize(("fault", "repair"), [("freeze", "thaw"), ("cut", "mend")])
def test_a_peer_that_falls_silent_is_noticed(fleet, network, fault, repair):
    host = fleet.host("h4")
    connection = network.connect(endpoint_of(host))
    other = network.connect(endpoint_of(fleet.host("h3")))
    connection.call(Request("ping", {}))
    arguments = () if fault == "cut" else ("sshd",)
    found = []
    waiting = threading.Thread(
        target=lambda: found.append(seconds_until_lost(lambda: connection.call(SLEEP)))
    )
    try:
        getattr(host, fault)(*arguments)
        waiting.start()
        while waiting.is_alive():
            start = time.monotonic()
            assert other.call(Request("ping", {}))["ping"] == "pong"
            assert time.monotonic() - start < 10
            time.sleep(0.2)
    finally:
        getattr(host, repair)(*arguments)
        waiting.join(30)
        start = time.monotonic()
        connection.close()
        other.close()
        assert time.monotonic() - start < 10
    print(f"\n{fault}: noticed after {found[0][0]:.1f} s: {found[0][1]}")
    assert found[0][0] < LIMIT


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


def test_a_stopped_runner_is_noticed():
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


def test_an_upload_into_a_frozen_host_comes_back(fleet, network):
    host = fleet.host("h4")
    connection = network.connect(endpoint_of(host))
    connection.call(Request("ping", {}))
    host.freeze("sshd")
    try:
        took, message = seconds_until_lost(lambda: connection.call(Request("ping", {}, blob=bytes(64 << 20))))
    finally:
        host.thaw("sshd")
        connection.close()
    assert took < LIMIT
    assert "no sign of life" in message
