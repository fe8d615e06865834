from __future__ import annotations

import pytest

from orchestr8.core.errors import Unreachable
from orchestr8.engine.connections import Connections
from orchestr8.engine.ports import Endpoint, Request
from orchestr8.transport.memory import MemoryHost, MemoryTransport


def test_a_connection_is_kept_until_it_is_lost_and_opened_anew_then() -> None:
    host = MemoryHost()
    transport = MemoryTransport({"h": host})
    connections = Connections(transport, lambda name, _: Endpoint(name, name))
    first = connections.open("h", {})
    assert connections.open("h", {}) is first
    host.lost = True
    with pytest.raises(Unreachable):
        first.call(Request("ping", {}))
    host.lost = False
    second = connections.open("h", {})
    assert second is not first
    assert second.call(Request("ping", {}))["ping"] == "pong"
    assert [connection.closed for connection in transport.opened] == [True, False]
