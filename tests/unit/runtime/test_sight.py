"""What an engine's answer about a container means."""

from __future__ import annotations

from typing import Any

import pytest

from orchestr8.deploy import naming
from orchestr8.deploy.model import Listener
from orchestr8.runtime.sight import listeners, replica


def answer(state: str, ports: Any, bindings: Any) -> dict[str, Any]:
    return {
        "Id": "c1",
        "Name": "/shop-web-1-1",
        "Config": {"Labels": {naming.SERVICE: "web"}},
        "State": {"Status": state, "Running": state == "running"},
        "HostConfig": {"PortBindings": bindings},
        "NetworkSettings": {"Ports": ports},
    }


@pytest.mark.parametrize(
    ("state", "ports", "bindings", "published"),
    [
        ("running", {"80/tcp": [{"HostPort": "21000"}]}, {"80/tcp": [{"HostPort": ""}]}, {"80/tcp": 21000}),
        ("exited", {}, {"80/tcp": [{"HostIp": "10.0.0.1", "HostPort": "20080"}]}, {"80/tcp": 20080}),
        ("exited", None, {"80/tcp": [{"HostPort": "0"}], "81/tcp": [{"HostPort": ""}]}, {}),
        ("created", {}, None, {}),
    ],
)
def test_ports_of_one_that_has_stopped_are_those_it_will_have_again(
    state: str, ports: Any, bindings: Any, published: dict[str, int]
) -> None:
    assert replica(answer(state, ports, bindings), "h1").published == published


def test_ports_of_others_come_with_their_names() -> None:
    others = [{"Names": ["/grafana"], "Ports": [{"IP": "0.0.0.0", "PublicPort": 3000, "Type": "tcp"}, {}]}]
    heard = [{"address": "127.0.0.1", "port": 53, "protocol": "udp", "by": "systemd-resolve"}]
    assert listeners(heard, others) == (
        Listener("", 3000, "tcp", "container grafana"),
        Listener("127.0.0.1", 53, "udp", "systemd-resolve"),
    )
