"""The docker modules on a real engine: twice is once, checks touch nothing, and data stays."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.bed import Fleet

ROOT = Path(__file__).parents[2]
HOST = "h2"
NAMES = ("o8dm-app", "o8dm-once")
pytestmark = pytest.mark.fleet


class Tasks:
    """Runs tasks on one host by the real command."""

    def __init__(self, fleet: Fleet, folder: Path) -> None:
        self._host, self._folder = fleet.host(HOST), folder
        self.image = fleet.image("v1")
        self.fleet = fleet

    def run(self, *tasks: dict[str, Any], words: tuple[str, ...] = ()) -> list[dict[str, Any]]:
        """Run and return the result of each task."""
        play = {"hosts": HOST, "gather_facts": False, "tasks": list(tasks)}
        (self._folder / "play.yml").write_text(yaml.safe_dump([play]))
        variables = {
            "ansible_host": self._host.address,
            "ansible_user": "root",
            "ansible_ssh_private_key_file": str(self._host.key),
            "ansible_ssh_common_args": f"-F none -o UserKnownHostsFile={self._host.known_hosts}",
        }
        hosts = self._folder / "hosts.yml"
        hosts.write_text(yaml.safe_dump({"all": {"hosts": {HOST: variables}}}))
        argv = [
            sys.executable,
            "-m",
            "orchestr8",
            "run",
            "play.yml",
            "-i",
            str(hosts),
            "--json",
            "-vv",
            *words,
        ]
        environ = {**os.environ, "PYTHONPATH": str(ROOT)}
        done = subprocess.run(argv, cwd=self._folder, env=environ, capture_output=True, text=True, timeout=99)
        lines = [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]
        found = [line["outcome"]["result"] for line in lines if line.get("event") == "host_finished"]
        assert len(found) == len(tasks), done.stdout + done.stderr
        return found

    def one(self, module: str, *words: str, **args: Any) -> dict[str, Any]:
        return self.run({module: args}, words=words)[0]

    def docker(self, *words: str) -> Any:
        return self.fleet.exec(HOST, ["docker", *words])


@pytest.fixture
def tasks(fleet: Fleet, tmp_path: Path) -> Iterator[Tasks]:
    made = Tasks(fleet, tmp_path)
    yield made
    made.docker("rm", "-f", *NAMES)
    made.docker("network", "rm", "o8dm-net")
    made.docker("volume", "rm", "o8dm-vol")


def test_a_container_is_made_once_changed_in_place_and_renewed_only_where_it_must(tasks: Tasks) -> None:
    args: dict[str, Any] = {
        "name": "o8dm-app",
        "image": tasks.image,
        "env": {"VERSION": "one"},
        "ports": ["18085:8080", "127.0.0.1:18086:8080/tcp"],
        "volumes": ["o8dm-vol:/data"],
        "mounts": [{"type": "tmpfs", "target": "/cache"}],
        "restart_policy": "unless-stopped",
        "memory": "64M",
        "cpus": 0.5,
        "labels": {"k": "v"},
        "healthcheck": {"test": ["CMD", "true"], "interval": "5s"},
        "stop_timeout": 1,
    }
    module = "community.docker.docker_container"
    assert tasks.one(module, "--check", **args)["changed"] is True
    assert tasks.docker("inspect", "o8dm-app").rc != 0
    first = tasks.one(module, **args)
    assert first["changed"] is True
    assert first["container"]["State"]["Running"] is True
    assert tasks.one(module, **args)["changed"] is False
    grown = tasks.one(module, **{**args, "memory": "32M"})
    assert grown["changed"] is True
    assert grown["container"]["Id"] == first["container"]["Id"]
    assert grown["container"]["HostConfig"]["Memory"] == 32 << 20
    renewed = tasks.one(module, "--diff", **{**args, "memory": "32M", "env": {"VERSION": "two"}})
    assert renewed["container"]["Id"] != first["container"]["Id"]
    assert renewed["diff"]["after"] == {"env": ["VERSION (new value)"]}
    stopped = tasks.one(module, name="o8dm-app", state="stopped", force_kill=True)
    assert stopped["changed"] is True
    gone = [tasks.one(module, name="o8dm-app", state="absent")["changed"] for _ in range(2)]
    assert gone == [True, False]


def test_what_a_container_may_use_of_its_host(tasks: Tasks) -> None:
    args: dict[str, Any] = {
        "name": "o8dm-app",
        "image": tasks.image,
        "stop_timeout": 1,
        "ulimits": ["nofile:1024:2048", "nproc=512"],
        "devices": ["/dev/zero:/dev/nought:r", "/dev/full"],
        "log_driver": "json-file",
        "log_options": {"max-size": "1m", "max-file": 2},
        "dns_opts": ["ndots:2"],
        "memory_reservation": "16M",
        "oom_score_adj": 100,
        "domainname": "example.org",
        "container_default_behavior": "no_defaults",
    }
    made = tasks.one("docker_container", **args)["container"]
    assert made["HostConfig"]["LogConfig"] == {
        "Type": "json-file",
        "Config": {"max-size": "1m", "max-file": "2"},
    }
    limits = {each["Name"]: (each["Soft"], each["Hard"]) for each in made["HostConfig"]["Ulimits"]}
    assert limits == {"nofile": (1024, 2048), "nproc": (512, 512)}
    inside = tasks.docker("exec", "o8dm-app", "sh", "-c", "ulimit -Hn; ls /dev/nought /dev/full").stdout
    assert inside.split() == ["2048", "/dev/full", "/dev/nought"]
    assert tasks.one("docker_container", **args)["changed"] is False
    more = tasks.one("docker_container", **{**args, "memory_reservation": "17M"})
    assert (more["changed"], more["container"]["Id"]) == (True, made["Id"])
    renewed = tasks.one("docker_container", **{**args, "log_options": {"max-size": "2m"}})
    assert renewed["container"]["Id"] != made["Id"]


def test_comparisons_say_what_counts(tasks: Tasks) -> None:
    args = {"name": "o8dm-app", "image": tasks.image, "env": {"VERSION": "one"}, "stop_timeout": 1}
    tasks.one("docker_container", **args)
    other = {**args, "env": {"VERSION": "two"}}
    assert tasks.one("docker_container", **other, comparisons={"env": "ignore"})["changed"] is False
    assert tasks.one("docker_container", **other, comparisons={"*": "ignore"})["changed"] is False
    assert tasks.one("docker_container", "--check", **other)["changed"] is True


def test_a_container_that_ends_gives_its_output_and_code(tasks: Tasks) -> None:
    args = {
        "name": "o8dm-once",
        "image": tasks.image,
        "entrypoint": ["python3"],
        "detach": False,
        "cleanup": True,
    }
    done = tasks.one("docker_container", **args, command=["-c", "print(6*7)"])
    assert (done["status"], done["container"]["Output"]) == (0, "42\n")
    failed = tasks.one("docker_container", **args, command="-c 'raise SystemExit(3)'")
    assert (failed["status"], failed["failed"]) == (3, True)
    assert tasks.docker("inspect", "o8dm-once").rc != 0


def test_networks_and_volumes_are_compared(tasks: Tasks) -> None:
    net = {"name": "o8dm-net", "ipam_config": [{"subnet": "172.31.78.0/24"}], "labels": {"a": "b"}}
    assert [tasks.one("docker_network", **net)["changed"] for _ in range(2)] == [True, False]
    moved = tasks.one("docker_network", **{**net, "ipam_config": [{"subnet": "172.31.79.0/24"}]})
    assert moved["network"]["IPAM"]["Config"][0]["Subnet"] == "172.31.79.0/24"
    volume = {"name": "o8dm-vol", "labels": {"x": "1"}}
    assert [tasks.one("docker_volume", **volume)["changed"] for _ in range(2)] == [True, False]
    refused = tasks.one("docker_volume", name="o8dm-vol", labels={"x": "2"})
    assert refused["failed"] is True
    assert "recreate" in refused["msg"]


def test_images_are_pulled_tagged_and_missing_ones_named(tasks: Tasks) -> None:
    tasks.docker("rmi", "o8dm-copy:v1")
    image = {"name": tasks.image, "source": "pull", "repository": "o8dm-copy:v1"}
    assert tasks.one("docker_image", **image)["changed"] is True
    assert tasks.one("docker_image", **image)["changed"] is False
    assert tasks.one("docker_image", name="o8dm-copy:v1", state="absent")["changed"] is True
    missing = tasks.one("docker_image", name=tasks.image.replace(":v1", ":nosuch"), source="pull")
    assert missing["failed"] is True


def test_images_are_built_and_loaded_on_the_host(tasks: Tasks) -> None:
    folder = "/tmp/o8dm-build"
    text = f"FROM {tasks.image}\nARG WORD\nENV WORD=$WORD\nLABEL by=o8\n"
    wish = {"path": folder, "dockerfile": "Box", "args": {"WORD": "one"}, "labels": {"more": "yes"}}
    image = {"name": "o8dm-built:v1", "source": "build", "build": wish}
    made = tasks.run(
        {"file": {"path": folder, "state": "directory"}},
        {"copy": {"dest": f"{folder}/Box", "content": text}},
        {"docker_image": image},
        {"docker_image": image},
        {"command": f"docker save -o {folder}/saved.tar o8dm-built:v1"},
        {"docker_image": {"name": "o8dm-built:v1", "state": "absent"}},
        {"docker_image": {"name": "o8dm-built:v1", "source": "load", "load_path": f"{folder}/saved.tar"}},
        {"docker_image": {"name": "o8dm-built:v1", "state": "absent"}},
        {"file": {"path": folder, "state": "absent"}},
    )
    assert [made[index]["changed"] for index in (2, 3, 6)] == [True, False, True]
    assert "WORD=one" in made[2]["image"]["Config"]["Env"]
    assert made[2]["image"]["Config"]["Labels"]["more"] == "yes"
    assert made[6]["image"]["Id"] == made[2]["image"]["Id"]
    refused = tasks.one("docker_image", name="o8dm-built:v1", source="build", build={"path": "/nowhere"})
    assert (refused["failed"], refused["msg"].partition(":")[0]) == (True, "docker build")


def test_a_container_is_frozen_moved_between_networks_and_made_of_a_file(tasks: Tasks) -> None:
    module = "community.docker.docker_container"
    args: dict[str, Any] = {
        "name": "o8dm-app",
        "image": tasks.image,
        "env_file": "/root/o8dm.env",
        "env": {"B": "over"},
        "exposed_ports": ["9000"],
        "networks": [{"name": "bridge"}],
        "stop_timeout": 1,
        "docker_host": "unix:///var/run/docker.sock",
        "timeout": 30,
    }
    joined = {**args, "networks": [{"name": "o8dm-net", "aliases": ["one"]}]}
    strict = {**joined, "comparisons": {"networks": "strict"}}
    found = tasks.run(
        {"copy": {"dest": "/root/o8dm.env", "content": "# said\nA=1\nB=2\n"}},
        {"docker_network": {"name": "o8dm-net", "ipam_config": [{"subnet": "10.99.7.0/24"}]}},
        {module: args},
        {module: args},
        {module: {**args, "paused": True}},
        {module: {**args, "paused": True}},
        {module: {**args, "paused": False}},
        {module: joined},
        {module: strict},
        {module: strict},
        {module: {**strict, "networks": [{"name": "o8dm-net", "aliases": ["two"]}]}},
    )
    changed = [result["changed"] for result in found[2:]]
    assert changed == [True, False, True, False, True, True, True, False, True]
    assert {"A=1", "B=over"} <= set(found[2]["container"]["Config"]["Env"])
    assert found[4]["container"]["State"]["Paused"] is True
    assert sorted(found[7]["container"]["NetworkSettings"]["Networks"]) == ["bridge", "o8dm-net"]
    assert list(found[8]["container"]["NetworkSettings"]["Networks"]) == ["o8dm-net"]
    assert "two" in found[10]["container"]["NetworkSettings"]["Networks"]["o8dm-net"]["Aliases"]


def test_commands_run_in_a_container(tasks: Tasks) -> None:
    module = "community.docker.docker_container_exec"
    inside = {"container": "o8dm-app", "env": {"WORD": "said"}}
    found = tasks.run(
        {"docker_container": {"name": "o8dm-app", "image": tasks.image, "stop_timeout": 1}},
        {
            module: {**inside, "argv": ["sh", "-c", "echo $WORD; pwd; exit 3"], "chdir": "/tmp"},
            "ignore_errors": True,
        },
        {module: {**inside, "command": "cat", "stdin": "told"}},
        {module: {**inside, "command": "true", "detach": True}},
        {module: {"container": "o8dm-none", "command": "true"}, "ignore_errors": True},
    )
    assert (found[1]["rc"], found[1]["stdout"], found[1]["changed"]) == (3, "said\n/tmp", True)
    assert (found[2]["rc"], found[2]["stdout"]) == (0, "told")
    assert found[3]["exec_id"]
    assert found[4]["msg"] == 'Could not find container "o8dm-none"'


def test_an_image_is_pushed_and_kept_in_an_archive(tasks: Tasks) -> None:
    module, pushed = "community.docker.docker_image", tasks.image.rsplit(":", 1)[0] + ":o8dm-pushed"
    args = {"name": tasks.image, "source": "pull", "archive_path": "/root/o8dm.tar"}
    found = tasks.run(
        {module: args},
        {module: args},
        {module: {"name": tasks.image, "source": "local", "repository": pushed, "push": True}},
        {
            "docker_network": {
                "name": "o8dm-net",
                "config_only": True,
                "ipam_config": [{"subnet": "10.99.8.0/24"}],
            }
        },
        {
            "docker_network": {
                "name": "o8dm-net",
                "config_only": True,
                "ipam_config": [{"subnet": "10.99.8.0/24"}],
            }
        },
        {"command": f"docker pull {pushed}"},
        {"command": f"docker image rm {pushed}"},
        {"file": {"path": "/root/o8dm.tar", "state": "absent"}},
    )
    assert [result["changed"] for result in found[:5]] == [True, False, True, True, False]
    assert found[3]["network"]["ConfigOnly"] is True
