import threading

import pytest

from orchestr8.core.errors import InvalidInput, Unreachable
from orchestr8.core.secret import Secret
from orchestr8.engine.ports import Endpoint, Request
from orchestr8.transport.failures import auth_failed
from orchestr8.transport.memory import MemoryHost, MemoryTransport
from orchestr8.transport.pool import Network, Pool


def test_hosts_in_memory_answer_and_remember():
    host = MemoryHost({"greet": lambda request: {"changed": False, "hi": request.args["who"]}})
    connection = MemoryTransport({"a": host}).connect(Endpoint("a", "a"))
    assert connection.call(Request("greet", {"who": "you"})) == {"changed": False, "hi": "you"}
    assert connection.call(Request("ping", {})) == {"changed": False, "ping": "pong"}
    assert [request.module for request in host.calls] == ["greet", "ping"]
    host.lost = True
    with pytest.raises(Unreachable):
        connection.call(Request("ping", {}))


def test_hosts_in_memory_have_streams():
    host = MemoryHost(streams={"unix:/x": lambda peer: (peer.sendall(peer.recv(9)), peer.close())})
    stream = MemoryTransport({"a": host}).connect(Endpoint("a", "a")).stream("unix:/x")
    stream.sendall(b"hello")
    assert stream.recv(9) == b"hello"
    stream.close()


def test_hosts_in_memory_refuse_and_may_not_exist():
    transport = MemoryTransport({"a": MemoryHost(refuses=auth_failed("a", "no"))})
    with pytest.raises(Unreachable, match="no"):
        transport.connect(Endpoint("a", "a"))
    with pytest.raises(Unreachable, match="no such host"):
        transport.connect(Endpoint("b", "b"))


def test_a_pool_opens_one_connection_an_endpoint():
    transport = MemoryTransport({"a": MemoryHost()})
    pool = Pool(transport)
    found = []
    threads = [
        threading.Thread(
            target=lambda: found.append(pool.connection(Endpoint("a", "a", password=Secret("x"))))
        )
        for _ in range(20)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(transport.opened) == 1
    assert len(set(map(id, found))) == 1
    assert pool.connection(Endpoint("a", "a", user="other")) is not found[0]
    pool.drop(Endpoint("a", "a", password=Secret("x")))
    assert found[0].closed
    pool.close()
    assert all(connection.closed for connection in transport.opened)
    with pytest.raises(InvalidInput):
        pool.connection(Endpoint("a", "a", port=3))


def test_the_network_knows_its_kinds():
    network = Network(["ping"])
    connection = network.connect(Endpoint("here", "here", kind="local"))
    assert connection.call(Request("ping", {}))["ping"] == "pong"
    connection.close()
    with pytest.raises(InvalidInput, match="winrm"):
        network.connect(Endpoint("x", "x", kind="winrm"))
    network.close()
