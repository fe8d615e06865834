"""The bed keeps its own promises: ways in, engines, faults and their repair."""

from __future__ import annotations

import json
import subprocess
import urllib.request
from collections.abc import Callable

import pytest

from tests.bed import Farm, Fleet, Host
from tests.bed.command import Finished, attempt
from tests.bed.load import Load


def log_in(host: Host, command: str, user: str = "root") -> Finished:
    argv = [*host.ssh[:-1], "-o", "ConnectTimeout=2", f"{user}@{host.address}", command]
    return attempt(argv, stdin="", timeout=60)


@pytest.mark.parametrize(
    ("user", "command", "said"),
    [
        ("root", "id -un", "root"),
        ("nopass", "sudo -n id -un", "root"),
        ("deploy", "docker images -q no-such-image", ""),
    ],
)
def test_accounts_log_in_with_the_key(fleet: Fleet, user: str, command: str, said: str) -> None:
    done = log_in(fleet.hosts[0], command, user)
    assert (done.rc, done.stdout.strip()) == (0, said), done.stderr


def test_sudo_asks_deploy_for_its_password(fleet: Fleet) -> None:
    host = fleet.hosts[0]
    assert log_in(host, "sudo -n true", "deploy").rc != 0
    asked = ["su", "deploy", "-c", "sudo -kS -p '' id -un"]
    assert host.exec(asked, stdin="deploy-pw\n").stdout.strip() == "root"
    assert host.exec(asked, stdin="wrong\n").rc != 0


def test_a_host_runs_and_publishes_the_application(clean_fleet: Fleet) -> None:
    host = clean_fleet.hosts[1]
    argv = ["docker", "run", "--detach", "--publish", "18080:8080", clean_fleet.image("v2")]
    started = host.exec(argv)
    assert started.rc == 0, started.stderr
    curl = ["curl", "-s", "--retry", "20", "--retry-connrefused", "--retry-delay", "1", "-o", "/dev/null"]
    assert attempt([*curl, f"http://{host.address}:18080/healthz"]).rc == 0
    with urllib.request.urlopen(f"http://{host.address}:18080/path", timeout=30) as reply:
        body = json.load(reply)
    assert body == {"version": "v2", "container": started.stdout[:12], "path": "/path"}


def test_reset_leaves_nothing_behind(clean_fleet: Fleet) -> None:
    host = clean_fleet.hosts[0]
    volume = "docker volume create kept && docker network create apart && mkdir -p /var/lib/orchestr8"
    made = host.exec(["sh", "-ec", f"{volume} && docker create --volume /x {clean_fleet.image('v1')} true"])
    assert made.rc == 0, made.stderr
    clean_fleet.reset()
    objects = "docker ps -aq; docker volume ls -q; docker network ls -q --filter type=custom"
    assert host.exec(["sh", "-c", f"{objects}; ls -d /var/lib/orchestr8"]).stdout == ""


@pytest.mark.parametrize("service", ["sshd", "dockerd"])
@pytest.mark.parametrize("fault", ["freeze", "kill"])
def test_a_broken_service_is_noticed_and_repaired(clean_fleet: Fleet, service: str, fault: str) -> None:
    host = clean_fleet.hosts[2]
    answers = host.ssh_answers if service == "sshd" else host.engine_answers
    assert answers()
    getattr(host, fault)(service)
    assert not answers()
    clean_fleet.repair()
    assert answers()


def test_a_cut_host_drops_packets_until_mended(clean_fleet: Fleet) -> None:
    host = clean_fleet.hosts[3]
    host.cut()
    assert "timed out" in log_in(host, "true").stderr
    host.mend()
    assert log_in(host, "true").rc == 0


def test_a_host_that_lost_power_comes_back(clean_fleet: Fleet) -> None:
    host = clean_fleet.hosts[3]
    host.power_off()
    assert not host.ssh_answers()
    clean_fleet.reset()
    assert host.ssh_answers()
    assert host.engine_answers()


def test_packages_install_without_a_network(clean_fleet: Fleet) -> None:
    host = clean_fleet.hosts[0]
    install = ["apt-get", "install", "-y", "-q"]
    assert host.exec([*install, "--allow-downgrades", "o8-hello=1.0"]).rc == 0
    assert host.exec(["o8-hello"]).stdout == "o8-hello 1.0\n"
    assert host.exec([*install, "o8-hello"]).rc == 0
    assert host.exec(["o8-hello"]).stdout == "o8-hello 2.0\n"
    assert host.exec(["apt-get", "purge", "-y", "-q", "o8-hello"]).rc == 0


def test_a_tag_can_be_moved_in_the_registry(fleet: Fleet) -> None:
    registry = fleet.registry
    assert registry.digest("app", "v1") != registry.digest("app", "v2")
    for source in ("v1", "v2"):
        registry.retag("app", source, "moving")
        assert registry.digest("app", "moving") == registry.digest("app", source)


def test_every_address_of_the_farm_answers(farm: Callable[[int], tuple[Farm, list[str]]]) -> None:
    standing, addresses = farm(300)
    assert len(set(addresses)) == 300
    for address in (addresses[0], addresses[-1]):
        checks = ["-o", f"UserKnownHostsFile={standing.known_hosts}", "-o", "StrictHostKeyChecking=yes"]
        login = ["-F", "none", "-o", "BatchMode=yes", "-i", str(standing.key), "-p", str(standing.port)]
        argv = ["ssh", *checks, *login, f"{standing.user}@{address}", "echo $SSH_CONNECTION"]
        done = subprocess.run(argv, capture_output=True, text=True, check=False, timeout=60)
        assert address in done.stdout, done.stderr


def test_the_load_rides_over_a_replaced_container(clean_fleet: Fleet) -> None:
    hosts = clean_fleet.hosts[:2]
    urls = [f"http://{host.address}:18081/" for host in hosts]
    for host in hosts:
        serve(clean_fleet, host, "v1")
    with Load(urls) as load:
        for host in hosts:
            assert host.exec(["docker", "rm", "--force", "app"]).rc == 0
            serve(clean_fleet, host, "v2")
    assert load.report.failures == []
    assert set(load.report.versions) == {"v1", "v2"}


def serve(fleet: Fleet, host: Host, tag: str) -> None:
    argv = ["docker", "run", "--detach", "--name", "app", "--publish", "18081:8080", fleet.image(tag)]
    assert host.exec(argv).rc == 0
    curl = ["curl", "-s", "--retry", "20", "--retry-all-errors", "--retry-delay", "1", "-o", "/dev/null"]
    assert attempt([*curl, f"http://{host.address}:18081/healthz"]).rc == 0


def test_the_load_notices_when_nobody_answers(fleet: Fleet) -> None:
    with Load([f"http://{fleet.hosts[0].address}:9/"]) as load:
        pass
    assert load.report.failures
