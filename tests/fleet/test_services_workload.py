"""Every workload key on a real engine: what was written is what `docker inspect` shows."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.bed import Fleet
from tests.services_stage import Stage

MIB = 1 << 20
LOOK = """
import os, resource, socket
for path in ("/t", "/run"):
    about = os.statvfs(path)
    print(about.f_blocks * about.f_frsize // 1024)
print(open("/proc/sys/net/core/somaxconn").read())
print(resource.getrlimit(resource.RLIMIT_NOFILE)[0], socket.gethostname())
print("no" if os.statvfs("/").f_flag & os.ST_RDONLY else "yes")
"""


@pytest.fixture(scope="module")
def stage(fleet: Fleet, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    made = Stage(fleet, "t-workload", tmp_path_factory.mktemp("workload"))
    made.clean()
    yield made
    made.clean()


def workload(stage: Stage) -> dict[str, Any]:
    """Return a service with every key that this bed's engines can carry out."""
    return {
        "image": stage.fleet.image("v1"),
        "command": ["python3", "-B", "/app/app.py"],
        "entrypoint": ["env", "-u", "NOTHING"],
        "environment": {"A": "1", "WITH_SPACE": "two words"},
        "user": "0:0",
        "working_dir": "/tmp",
        "hostname": "box",
        "domainname": "example.org",
        "labels": {"team": "blue"},
        "init": True,
        "tty": True,
        "stdin_open": True,
        "read_only": True,
        "cap_add": ["NET_ADMIN"],
        "cap_drop": ["MKNOD"],
        "security_opt": ["no-new-privileges:true"],
        "devices": ["/dev/null:/dev/nil:r"],
        "group_add": ["44"],
        "extra_hosts": ["db:10.0.0.1"],
        "dns": ["10.9.9.9"],
        "dns_search": ["a.example"],
        "dns_opt": ["ndots:2"],
        "sysctls": {"net.core.somaxconn": "1024"},
        "ulimits": {"nofile": {"soft": 100, "hard": 200}},
        "shm_size": "8m",
        "ipc": "private",
        "cpu_shares": 512,
        "oom_score_adj": 100,
        "expose": ["9000"],
        "logging": {"driver": "json-file", "options": {"max-size": "1m"}},
        "ports": ["127.0.0.1:18100-18101:8080-8081", "8082/udp"],
        "volumes": [
            f"{stage.project}-data:/data",
            "/etc/hostname:/host/name:ro",
            f"/tmp{stage.folder}/not/there/yet:/made",
            {"type": "tmpfs", "target": "/t", "tmpfs": {"size": "1m", "mode": "1777"}},
        ],
        "tmpfs": "/run:size=64k",
        "networks": {f"{stage.project}-a": {"aliases": ["www"]}, f"{stage.project}-b": None},
        "healthcheck": {
            "test": ["CMD", "python3", "-c", "pass"],
            "interval": "1s",
            "timeout": "5s",
            "retries": 4,
            "start_period": "2s",
            "start_interval": "1s",
        },
        "readiness": {"docker": True},
        "stop_signal": "SIGINT",
        "stop_grace_period": "2s",
        "restart": "on-failure:3",
        "resources": {
            "limits": {"cpus": "0.5", "memory": "64M", "pids": 50},
            "reservations": {"memory": "16M"},
        },
        "update": {"min_healthy_time": "200ms"},
    }


def test_what_is_written_is_what_runs(stage: Stage) -> None:
    stage.write({"web": workload(stage)})
    ran = stage.run()
    assert ran.rc == 0, ran.out
    (made,) = stage.live()
    config, host = made["Config"], made["HostConfig"]
    assert (config["Cmd"], config["Entrypoint"]) == (
        ["python3", "-B", "/app/app.py"],
        ["env", "-u", "NOTHING"],
    )
    assert {"A=1", "WITH_SPACE=two words"} <= set(config["Env"])
    plain = ("User", "WorkingDir", "Hostname", "Domainname", "Tty", "OpenStdin", "StopSignal", "StopTimeout")
    assert [config[key] for key in plain] == ["0:0", "/tmp", "box", "example.org", True, True, "SIGINT", 2]
    assert config["Labels"]["team"] == "blue"
    assert {"8080/tcp", "8081/tcp", "8082/udp", "9000/tcp"} <= set(config["ExposedPorts"])
    health = {"Test": ["CMD", "python3", "-c", "pass"], "Retries": 4, "Interval": 10**9, "Timeout": 5 * 10**9}
    assert health.items() <= config["Healthcheck"].items()
    wanted = {
        "NanoCpus": 500_000_000,
        "Memory": 64 * MIB,
        "PidsLimit": 50,
        "RestartPolicy": {"Name": "on-failure", "MaximumRetryCount": 3},
        "Init": True,
        "ReadonlyRootfs": True,
        "SecurityOpt": ["no-new-privileges:true"],
        "Devices": [{"PathOnHost": "/dev/null", "PathInContainer": "/dev/nil", "CgroupPermissions": "r"}],
        "GroupAdd": ["44"],
        "ExtraHosts": ["db:10.0.0.1"],
        "Dns": ["10.9.9.9"],
        "DnsSearch": ["a.example"],
        "DnsOptions": ["ndots:2"],
        "Sysctls": {"net.core.somaxconn": "1024"},
        "Ulimits": [{"Name": "nofile", "Soft": 100, "Hard": 200}],
        "ShmSize": 8 * MIB,
        "IpcMode": "private",
        "CpuShares": 512,
        "OomScoreAdj": 100,
        "LogConfig": {"Type": "json-file", "Config": {"max-size": "1m"}},
    }
    assert {key: host[key] for key in wanted} == wanted
    rights = [name.removeprefix("CAP_") for name in (*host["CapAdd"], *host["CapDrop"])]
    assert rights == ["NET_ADMIN", "MKNOD"]
    bound = {port: [(b["HostIp"], b["HostPort"]) for b in to] for port, to in host["PortBindings"].items()}
    assert bound == {
        "8080/tcp": [("127.0.0.1", "18100")],
        "8081/tcp": [("127.0.0.1", "18101")],
        "8082/udp": [("", "")],
    }


def test_its_mounts_networks_and_processes_are_as_written(stage: Stage) -> None:
    (made,) = stage.live()
    mounts = {m["Destination"]: (m["Type"], m["RW"]) for m in made["Mounts"]}
    assert mounts["/data"] == ("volume", True)
    assert mounts["/host/name"] == ("bind", False)
    assert mounts["/made"] == ("bind", True)
    networks = made["NetworkSettings"]["Networks"]
    assert set(networks) == {f"{stage.project}-a", f"{stage.project}-b"}
    assert {"web", "www"} <= set(networks[f"{stage.project}-a"]["Aliases"])
    assert "web" in networks[f"{stage.project}-b"]["Aliases"]
    told = stage.fleet.exec(made["host"], ["docker", "exec", made["Id"], "python3", "-c", LOOK])
    size, inner, somaxconn, files, name, writable = told.stdout.split()
    assert (int(size), int(inner)) == (1024, 64), told
    assert (somaxconn, files, name, writable) == ("1024", "100", "box", "no")


def test_a_second_run_finds_nothing_to_do_and_limits_change_in_place(stage: Stage) -> None:
    """S6"""
    (before,) = stage.live()
    mark = stage.mark()
    again = stage.run()
    assert again.rc == 0, again.out
    assert [e for e in stage.events(mark) if not e[2].startswith("exec_")] == []
    changed = workload(stage)
    changed["resources"]["limits"] = {"cpus": "0.25", "memory": "96M", "pids": 40}
    changed["restart"] = "always"
    stage.write({"web": changed})
    ran = stage.run()
    assert ran.rc == 0, ran.out
    (after,) = stage.live()
    assert (after["Id"], after["State"]["StartedAt"]) == (before["Id"], before["State"]["StartedAt"])
    host = after["HostConfig"]
    assert (host["NanoCpus"], host["Memory"], host["PidsLimit"]) == (250_000_000, 96 * MIB, 40)
    assert host["RestartPolicy"]["Name"] == "always"


@pytest.mark.parametrize(
    "check",
    [{"tcp": 8080}, {"exec": ["python3", "-c", "pass"]}, {"http": "/healthz", "port": 8080, "expect": 200}],
    ids=["tcp", "exec", "http"],
)
def test_every_kind_of_readiness_needs_no_published_port(stage: Stage, check: dict[str, Any]) -> None:
    """S29"""
    stage.web("v1", replicas=1, readiness={**check, "interval": "500ms"})
    ran = stage.run()
    assert ran.rc == 0, ran.out
    (made,) = stage.live()
    assert not made["HostConfig"]["PortBindings"]


def test_a_check_that_never_passes_fails_the_rollout(stage: Stage) -> None:
    before = [c["Id"] for c in stage.live()]
    check = {"exec": ["python3", "-c", "raise SystemExit('not yet')"], "interval": "200ms"}
    stage.web("v2", replicas=1, readiness=check, update={"healthy_deadline": "2s"})
    ran = stage.run()
    assert ran.rc == 20, ran.out
    assert "exit code 1: not yet" in ran.out
    assert [c["Id"] for c in stage.live()] == before
