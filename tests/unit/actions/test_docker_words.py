"""What docker modules work out before they ask an engine."""

from __future__ import annotations

from typing import Any

import pytest

from orchestr8.actions.docker_connection import stream_of
from orchestr8.actions.docker_endpoints import moves
from orchestr8.actions.docker_wishes import create_body, wanted
from orchestr8.core.errors import InvalidInput


@pytest.mark.parametrize(
    ("given", "environ", "place"),
    [
        ({}, {}, "unix:/var/run/docker.sock"),
        ({"docker_host": "unix:///run/user/7/docker.sock"}, {}, "unix:/run/user/7/docker.sock"),
        ({}, {"DOCKER_HOST": "tcp://10.0.0.1:2376"}, "tcp:10.0.0.1:2376"),
        ({"docker_host": "tcp://10.0.0.1"}, {}, "tcp:10.0.0.1:2375"),
        ({"docker_host": "tcp://[::1]:99/"}, {}, "tcp:::1:99"),
    ],
)
def test_an_engine_is_where_the_task_or_its_environment_says(
    given: dict[str, Any], environ: dict[str, str], place: str
) -> None:
    assert stream_of(given, environ) == place


@pytest.mark.parametrize(
    "given", [{"tls": True}, {"validate_certs": True}, {"docker_host": "ssh://x"}, {"docker_host": "tcp://"}]
)
def test_ways_that_are_not_gone_are_told(given: dict[str, Any]) -> None:
    with pytest.raises(InvalidInput):
        stream_of(given, {})


def test_networks_are_left_and_joined_only_where_something_differs() -> None:
    have = {"a": {"IPAMConfig": {"IPv4Address": "10.0.0.2"}, "Aliases": ["x"]}, "b": {}}
    container = {"NetworkSettings": {"Networks": have}}
    same = {"name": "a", "ipv4_address": "10.0.0.2", "aliases": ["x"]}
    assert moves(container, [same], "allow_more_present") == ([], [])
    assert moves(container, [same], "strict") == (["b"], [])
    other, new = {**same, "aliases": ["y"]}, {"name": "c"}
    assert moves(container, [other, new], "allow_more_present") == (["a"], [other, new])
    assert moves(container, [other], "ignore") == ([], [])
    assert moves(container, None, "strict") == ([], [])


def test_what_is_asked_for_is_put_where_the_engine_wants_it() -> None:
    args = {
        "exposed_ports": ["80", "53/udp", "1000-1001"],
        "published_ports": ["8080:80", "127.0.0.2:81:81"],
        "default_host_ip": "10.0.0.1",
        "links": ["db", "cache:c"],
        "device_read_bps": [{"path": "/dev/sda", "rate": "1M"}],
        "mac_address": "02-42-AC-11-00-02",
        "mounts": [
            {"type": "tmpfs", "target": "/t", "tmpfs_mode": "1770"},
            {"type": "volume", "target": "/v", "source": "v", "labels": {"k": 1}, "volume_driver": "local"},
        ],
    }
    body = create_body("i", wanted(args), [])
    assert sorted(body["ExposedPorts"]) == ["1000/tcp", "1001/tcp", "53/udp", "80/tcp", "81/tcp"]
    assert body["MacAddress"] == "02:42:ac:11:00:02"
    host = body["HostConfig"]
    assert host["PortBindings"]["80/tcp"] == [{"HostIp": "10.0.0.1", "HostPort": "8080"}]
    assert host["PortBindings"]["81/tcp"] == [{"HostIp": "127.0.0.2", "HostPort": "81"}]
    assert host["Links"] == ["db:db", "cache:c"]
    assert host["BlkioDeviceReadBps"] == [{"Path": "/dev/sda", "Rate": 1 << 20}]
    assert host["Mounts"][0]["TmpfsOptions"] == {"Mode": 0o1770}
    assert host["Mounts"][1]["VolumeOptions"] == {
        "Labels": {"k": "1"},
        "DriverConfig": {"Name": "local"},
    }
