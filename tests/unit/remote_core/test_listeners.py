"""Who listens on the ports of this machine."""

from __future__ import annotations

import socket

from orchestr8.remote.listeners import foreign


def test_a_listener_is_found_with_its_program_until_it_is_closed() -> None:
    with socket.socket() as waits, socket.socket() as bound:
        waits.bind(("127.0.0.1", 0))
        waits.listen()
        bound.bind(("127.0.0.1", 0))
        port, quiet = waits.getsockname()[1], bound.getsockname()[1]
        told = {(x["address"], x["port"], x["protocol"]): x["by"] for x in foreign([])}
        assert told["127.0.0.1", port, "tcp"]
        assert ("127.0.0.1", quiet, "tcp") not in told
        published = [{"Id": "1", "Names": ["/x"], "Ports": [{"PublicPort": port, "Type": "tcp"}]}]
        assert port not in {x["port"] for x in foreign(published)}


def test_datagrams_are_told_apart_from_streams() -> None:
    with socket.socket(type=socket.SOCK_DGRAM) as waits:
        waits.bind(("127.0.0.1", 0))
        port = waits.getsockname()[1]
        assert [x["protocol"] for x in foreign([]) if x["port"] == port] == ["udp"]
