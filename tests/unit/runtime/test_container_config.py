"""Every workload key in the words of the Engine API."""

from __future__ import annotations

from typing import Any

from orchestr8.language.services import read
from orchestr8.language.yaml import load
from orchestr8.runtime.container_config import container_config

WHOLE = """
image: app:1
command: [serve, --fast]
entrypoint: /entry -x
environment: {A: "1", B: ""}
user: "7:8"
working_dir: /srv
hostname: box
labels: {team: blue}
init: true
tty: true
stdin_open: true
privileged: true
read_only: true
cap_add: [NET_ADMIN]
cap_drop: [ALL]
security_opt: ["no-new-privileges:true"]
devices: ["/dev/fuse:/dev/fuse:r", /dev/null]
group_add: ["44"]
extra_hosts: ["db:10.0.0.1"]
dns: 1.1.1.1
dns_search: [a.example]
sysctls: {net.core.somaxconn: "1024"}
ulimits: {nofile: {soft: 10, hard: 20}, nproc: 5}
shm_size: 64m
pid: host
ipc: private
logging: {driver: json-file, options: {max-size: 1m}}
ports: ["127.0.0.1:8080-8081:80-81", "53/udp"]
volumes:
  - data:/data
  - /srv/conf:/conf:ro,rslave
  - {type: tmpfs, target: /t, tmpfs: {size: 1m, mode: "1777"}}
tmpfs: /run
networks: {app: {aliases: [www]}, extra: }
configs: [{source: x, target: /etc/x, content: "hi"}]
secrets: [{source: pw, content: "hush", mode: "0400", uid: 7}]
healthcheck:
  {test: [CMD, /ok], interval: 2s, timeout: 1s, retries: 2, start_period: 3s, start_interval: 500ms}
domainname: example.org
expose: ["9000-9001/udp", 90]
dns_opt: ["ndots:2"]
cpu_shares: 512
cpuset: 0-1,3
oom_score_adj: -5
userns_mode: host
uts: host
runtime: runc
cgroup_parent: m-x
device_cgroup_rules: ["c 1:3 r"]
storage_opt: {size: 1G}
stop_signal: SIGINT
stop_grace_period: 7s
restart: on-failure:3
resources: {limits: {cpus: "0.5", memory: 64M, pids: 50}}
"""


def made(text: str) -> dict[str, Any]:
    spec = read("web", load(text, "s.yml"), load(text, "s.yml"))
    files = {target: f"/var/{file.name}" for target, file in spec.workload.files.items()}
    return container_config(spec, {"o8.slot": "1"}, files)


def test_every_key_has_its_field() -> None:
    body = made(WHOLE)
    host = body.pop("HostConfig")
    binds = [m.pop("Source") for m in host["Mounts"] if m["Target"] in ("/etc/x", "/run/secrets/pw")]
    assert all(source.startswith("/var/") for source in binds)
    assert body == {
        "Image": "app:1",
        "Cmd": ["serve", "--fast"],
        "Entrypoint": ["/entry", "-x"],
        "Env": ["A=1", "B="],
        "Labels": {"o8.slot": "1"},
        "ExposedPorts": {
            "80/tcp": {},
            "81/tcp": {},
            "53/udp": {},
            "9000/udp": {},
            "9001/udp": {},
            "90/tcp": {},
        },
        "User": "7:8",
        "WorkingDir": "/srv",
        "Hostname": "box",
        "Domainname": "example.org",
        "Tty": True,
        "OpenStdin": True,
        "StopSignal": "SIGINT",
        "StopTimeout": 7,
        "Healthcheck": {
            "Test": ["CMD", "/ok"],
            "Interval": 2_000_000_000,
            "Timeout": 1_000_000_000,
            "StartPeriod": 3_000_000_000,
            "StartInterval": 500_000_000,
            "Retries": 2,
        },
        "NetworkingConfig": {"EndpointsConfig": {"app": {"Aliases": ["web", "www"]}}},
    }
    assert host == {
        "NanoCpus": 500_000_000,
        "Memory": 64 << 20,
        "MemorySwap": 128 << 20,
        "PidsLimit": 50,
        "RestartPolicy": {"Name": "on-failure", "MaximumRetryCount": 3},
        "PortBindings": {
            "80/tcp": [{"HostIp": "127.0.0.1", "HostPort": "8080"}],
            "81/tcp": [{"HostIp": "127.0.0.1", "HostPort": "8081"}],
            "53/udp": [{"HostIp": "", "HostPort": ""}],
        },
        "Binds": ["/srv/conf:/conf:ro,rslave"],
        "Mounts": [
            {"Type": "volume", "Target": "/data", "ReadOnly": False, "Source": "data"},
            {
                "Type": "tmpfs",
                "Target": "/t",
                "ReadOnly": False,
                "TmpfsOptions": {"SizeBytes": 1 << 20, "Mode": 0o1777},
            },
            {"Type": "tmpfs", "Target": "/run", "ReadOnly": False, "TmpfsOptions": {}},
            {"Type": "bind", "Target": "/etc/x", "ReadOnly": True},
            {"Type": "bind", "Target": "/run/secrets/pw", "ReadOnly": True},
        ],
        "NetworkMode": "app",
        "Init": True,
        "Privileged": True,
        "ReadonlyRootfs": True,
        "CapAdd": ["NET_ADMIN"],
        "CapDrop": ["ALL"],
        "SecurityOpt": ["no-new-privileges:true"],
        "Devices": [
            {"PathOnHost": "/dev/fuse", "PathInContainer": "/dev/fuse", "CgroupPermissions": "r"},
            {"PathOnHost": "/dev/null", "PathInContainer": "/dev/null", "CgroupPermissions": "rwm"},
        ],
        "GroupAdd": ["44"],
        "ExtraHosts": ["db:10.0.0.1"],
        "Dns": ["1.1.1.1"],
        "DnsSearch": ["a.example"],
        "Sysctls": {"net.core.somaxconn": "1024"},
        "Ulimits": [{"Name": "nofile", "Soft": 10, "Hard": 20}, {"Name": "nproc", "Soft": 5, "Hard": 5}],
        "ShmSize": 64 << 20,
        "DnsOptions": ["ndots:2"],
        "CpuShares": 512,
        "CpusetCpus": "0-1,3",
        "OomScoreAdj": -5,
        "UsernsMode": "host",
        "UTSMode": "host",
        "Runtime": "runc",
        "CgroupParent": "m-x",
        "DeviceCgroupRules": ["c 1:3 r"],
        "StorageOpt": {"size": "1G"},
        "PidMode": "host",
        "IpcMode": "private",
        "LogConfig": {"Type": "json-file", "Config": {"max-size": "1m"}},
    }


def test_what_is_not_given_is_left_to_the_image_and_the_engine() -> None:
    body = made("image: app:1")
    assert set(body) == {"Image", "Labels", "StopTimeout", "HostConfig", "Tty", "OpenStdin"}
    host = {key: value for key, value in body["HostConfig"].items() if value}
    assert host == {"RestartPolicy": {"Name": "unless-stopped", "MaximumRetryCount": 0}}


def test_an_entrypoint_may_be_taken_away() -> None:
    assert made("{image: app:1, entrypoint: []}")["Entrypoint"] == [""]


def test_a_built_in_network_has_no_aliases() -> None:
    body = made("{image: app:1, networks: [bridge]}")
    assert body["HostConfig"]["NetworkMode"] == "bridge"
    assert "NetworkingConfig" not in body


def test_labels_for_selinux_and_names_with_dots_come_to_the_engine() -> None:
    body = made(
        "{image: app:1, volumes: ['/srv/a:/a:ro,z', 'data:/d:Z', 'data:/e', {type: bind, source: /srv/b,"
        " target: /b, bind: {create_host_path: false}}], networks: {my.net: }, stop_signal: RTMIN+3}"
    )
    host = body["HostConfig"]
    assert host["Binds"] == ["/srv/a:/a:ro,z", "data:/d:rw,Z"]
    assert [m["Target"] for m in host["Mounts"]] == ["/e", "/b"]
    assert host["NetworkMode"] == "my.net"
    assert body["StopSignal"] == "RTMIN+3"
