"""Modules of the collections on a real host: predicted, applied, and nothing the second time."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.bed import Fleet
from tests.module_host import Run, calling, twice, witness

pytestmark = pytest.mark.fleet

HOST = "h3"
KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGtGZ2f2M4Z9OZb6Pq0nS1n4mNn0yfYq8y5sVb0k0c1d"


@pytest.fixture(scope="module")
def run(fleet: Fleet) -> Iterator[Run]:
    with calling(fleet.host(HOST), timeout=60) as call:
        yield call


@pytest.fixture(scope="module")
def host(fleet: Fleet, tmp_path_factory: pytest.TempPathFactory) -> Any:
    return witness(fleet.host(HOST), tmp_path_factory.mktemp("ssh"))


@pytest.fixture(autouse=True)
def scratch(host: Any) -> Iterator[None]:
    host.check_output("mkdir -p /srv/o8-more")
    yield
    host.run("umount /srv/o8-more/on; rm -rf /srv/o8-more")


def test_a_kernel_parameter_is_set_and_kept(run: Run, host: Any) -> None:
    host.check_output("sysctl -qw net.ipv4.ip_default_ttl=64")
    args = {"name": "net.ipv4.ip_default_ttl", "sysctl_file": "/srv/o8-more/ttl.conf"}
    twice(run, "sysctl", value="63", sysctl_set=True, **args)
    assert host.file("/srv/o8-more/ttl.conf").content_string == "net.ipv4.ip_default_ttl=63\n"
    assert host.sysctl("net.ipv4.ip_default_ttl") == 63
    host.check_output("sysctl -qw net.ipv4.ip_default_ttl=64")
    assert run("sysctl", value="63", sysctl_set=True, **args)["changed"] is True
    unknown = run("sysctl", name="no.such", value="1", sysctl_file="/srv/o8-more/no.conf")
    assert unknown["msg"].startswith("Failed to reload sysctl: ")


def test_a_file_system_is_mounted_remounted_and_gone(run: Run, host: Any) -> None:
    at = {"path": "/srv/o8-more/on", "fstab": "/srv/o8-more/fstab"}
    tmpfs = {**at, "src": "o8more", "fstype": "tmpfs"}
    twice(run, "mount", state="mounted", opts="size=1m", **tmpfs)
    assert host.mount_point("/srv/o8-more/on").filesystem == "tmpfs"
    twice(run, "mount", state="mounted", opts="size=1m,ro", **tmpfs)
    assert "ro" in host.mount_point("/srv/o8-more/on").options
    twice(run, "mount", state="unmounted", **at)
    assert not host.mount_point("/srv/o8-more/on").exists
    assert "o8more" in host.file("/srv/o8-more/fstab").content_string
    twice(run, "mount", state="absent", **at)
    assert host.file("/srv/o8-more/fstab").content_string == ""
    assert not host.file("/srv/o8-more/on").exists
    failed = run("mount", state="mounted", **{**tmpfs, "fstype": "nosuchfs"})
    assert failed["msg"].startswith("Error mounting /srv/o8-more/on: ")


def test_a_users_keys(run: Run, host: Any) -> None:
    home = host.user("nosudo").home
    host.run(f"rm -rf {home}/.ssh")
    twice(run, "authorized_key", user="nosudo", key=f"{KEY} me")
    file = host.file(f"{home}/.ssh/authorized_keys")
    assert (file.content_string, file.user, file.mode) == (f"{KEY} me\n", "nosudo", 0o600)
    assert host.file(f"{home}/.ssh").mode == 0o700
    twice(run, "authorized_key", user="nosudo", key=KEY, state="absent")
    assert file.content_string == ""


def test_the_packet_filter(run: Run, host: Any) -> None:
    host.run("iptables -F O8MORE; iptables -X O8MORE")
    twice(run, "iptables", chain="O8MORE", chain_management=True)
    rule = {"chain": "O8MORE", "protocol": "tcp", "destination_ports": ["80", "443"], "jump": "ACCEPT"}
    added = twice(run, "iptables", ctstate="NEW", comment="a web server", **rule)
    assert added["rule"].startswith("-p tcp -j ACCEPT -m multiport --dports 80,443")
    listed = host.check_output("iptables -S O8MORE")
    assert "--dports 80,443" in listed
    assert '--comment "a web server"' in listed
    twice(run, "iptables", ctstate="NEW", comment="a web server", state="absent", **rule)
    assert "dports" not in host.check_output("iptables -S O8MORE")
    twice(run, "iptables", chain="O8MORE", chain_management=True, state="absent")
    refused = run("iptables", chain="O8MORE", jump="ACCEPT")
    assert refused["msg"].startswith("iptables refuses: ")


def test_packages_answers_and_selections(run: Run, host: Any) -> None:
    question = {"name": "tzdata", "question": "tzdata/Zones/Etc", "vtype": "select"}
    run("debconf", value="GMT", **question)
    twice(run, "debconf", value="UTC", **question)
    assert "tzdata/Zones/Etc: UTC" in host.check_output("debconf-show tzdata")
    host.check_output("echo sudo install | dpkg --set-selections")
    twice(run, "dpkg_selections", name="sudo", selection="hold")
    assert host.check_output("dpkg --get-selections sudo").split() == ["sudo", "hold"]
    twice(run, "dpkg_selections", name="sudo", selection="install")


def test_the_time_zone(run: Run, host: Any) -> None:
    run("timezone", name="Etc/UTC")
    twice(run, "timezone", name="Europe/Berlin")
    assert host.file("/etc/localtime").linked_to == "/usr/share/zoneinfo/Europe/Berlin"
    assert host.check_output("date +%Z") in ("CET", "CEST")
    refused = run("timezone", name="Mars/Olympus")
    assert refused["msg"] == 'given timezone "Mars/Olympus" is not available'
    run("timezone", name="Etc/UTC")


def test_alternatives(run: Run, host: Any) -> None:
    for name in ("one", "two"):
        host.check_output(f"printf '#!/bin/sh\\necho {name}\\n' > /srv/o8-more/{name}")
        host.check_output(f"chmod +x /srv/o8-more/{name}")
    link = {"name": "o8more", "link": "/usr/local/bin/o8more"}
    try:
        twice(run, "alternatives", path="/srv/o8-more/one", priority=10, state="present", **link)
        twice(run, "alternatives", path="/srv/o8-more/two", priority=5, **link)
        assert host.check_output("o8more") == "two"
        twice(run, "alternatives", path="/srv/o8-more/two", state="auto", name="o8more")
        assert host.check_output("o8more") == "one"
    finally:
        host.run("update-alternatives --remove-all o8more")


def test_a_missing_tool_is_said(run: Run) -> None:
    for module, args, program in (
        ("ufw", {"state": "enabled"}, "ufw"),
        ("firewalld", {"service": "http", "state": "enabled"}, "firewall-cmd"),
        ("snap", {"name": "hello"}, "snap"),
    ):
        assert f'"{program}"' in run(module, **args)["msg"]
    assert "neither dnf nor yum" in run("dnf", name="x")["msg"]
    assert "no SELinux" in run("selinux", state="disabled")["msg"]
    assert run("seport", ports="80", proto="tcp", setype="x")["msg"] == "SELinux is disabled on this host."
