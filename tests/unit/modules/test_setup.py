from __future__ import annotations

import json
import os
import socket
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestr8.remote.facts import (
    distribution,
    gather,
    hardware,
    netlink,
    platform,
    security,
    storage,
    virtual,
)
from orchestr8.remote.facts.reading import Files


def tree(root: Path, files: dict[str, str]) -> Files:
    for name, content in files.items():
        path = root / name.lstrip("/")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content)
    return Files(str(root))


DISTRIBUTIONS = [
    (
        {
            "/etc/os-release": 'NAME="Debian GNU/Linux"\nID=debian\nVERSION_ID=12\nVERSION="12 (bookworm)"\n'
            "VERSION_CODENAME=bookworm\n",
            "/etc/debian_version": "12.11\n",
        },
        ("Debian", "12.11", "12", "bookworm", "Debian", "apt"),
    ),
    (
        {
            "/etc/os-release": 'NAME="Ubuntu"\nID=ubuntu\nVERSION_ID="22.04"\nVERSION_CODENAME=jammy\n',
            "/etc/debian_version": "bookworm/sid\n",
        },
        ("Ubuntu", "22.04", "22", "jammy", "Debian", "apt"),
    ),
    (
        {
            "/etc/os-release": 'NAME="Rocky Linux"\nVERSION="9.3 (Blue Onyx)"\nID="rocky"\n'
            'VERSION_ID="9.3"\n',
            "/usr/bin/dnf": "",
        },
        ("Rocky", "9.3", "9", "Blue Onyx", "RedHat", "dnf"),
    ),
    (
        {
            "/etc/os-release": 'NAME="CentOS Stream"\nVERSION="9"\nID="centos"\nVERSION_ID="9"\n',
            "/etc/centos-release": "CentOS Stream release 9\n",
            "/usr/bin/dnf": "",
        },
        ("CentOS", "9", "9", "Stream", "RedHat", "dnf"),
    ),
    (
        {
            "/etc/os-release": 'NAME="Alpine Linux"\nID=alpine\nVERSION_ID=3.19.1\n',
            "/etc/alpine-release": "3.19.1\n",
            "/sbin/apk": "",
        },
        ("Alpine", "3.19.1", "3", "NA", "Alpine", "apk"),
    ),
    (
        {
            "/etc/os-release": 'NAME="openSUSE Leap"\nID=opensuse-leap\nVERSION_ID="15.5"\n',
            "/usr/bin/zypper": "",
        },
        ("openSUSE Leap", "15.5", "15", "NA", "Suse", "zypper"),
    ),
    ({"/etc/os-release": "NAME=Own\nID=own\n"}, ("Own", "NA", "NA", "NA", "Own", "unknown")),
]


@pytest.mark.parametrize(("files", "expected"), DISTRIBUTIONS)
def test_distributions(tmp_path: Path, files: dict[str, str], expected: tuple[str, ...]) -> None:
    host = tree(tmp_path, files)
    found = distribution.distribution_facts(host) | distribution.package_facts(host)
    keys = ("", "_version", "_major_version", "_release")
    assert tuple(found["distribution" + key] for key in keys) == expected[:4]
    assert (found["os_family"], found["pkg_mgr"]) == expected[4:]


def test_what_subsets_mean() -> None:
    everything = frozenset(gather.SUBSETS)
    assert gather.collectors(["all"]) == everything
    assert gather.collectors(["!all"]) == gather.MINIMAL == gather.collectors(["min"])
    assert gather.collectors(["!all", "!min"]) == frozenset()
    assert gather.collectors(["!all", "!min", "network"]) == {"network"}
    assert gather.collectors(["!all", "default_ipv4"]) == gather.MINIMAL | {"network"}
    assert gather.collectors(["all", "!hardware"]) == everything - {"hardware"}
    assert gather.collectors(["!hardware"]) == gather.MINIMAL
    with pytest.raises(ValueError, match="Bad subset 'netwrk' given"):
        gather.collectors(["netwrk"])


@given(st.lists(st.sampled_from(sorted(gather.SUBSETS)), max_size=4))
def test_a_subset_that_is_named_is_gathered(names: list[str]) -> None:
    assert set(names) <= gather.collectors(["!all", "!min", *names])


def test_memory_and_processors(tmp_path: Path) -> None:
    host = tree(
        tmp_path,
        {
            "/proc/meminfo": "MemTotal: 8192000 kB\nMemFree: 1024000 kB\nBuffers: 1024 kB\nCached: 2048 kB\n"
            "SwapTotal: 2048 kB\nSwapFree: 1024 kB\n",
            "/proc/cpuinfo": "".join(
                f"processor\t: {number}\nvendor_id\t: GenuineIntel\nmodel name\t: Xeon\n"
                f"physical id\t: {number // 4}\n"
                f"siblings\t: 4\ncore id\t\t: {number % 2}\ncpu cores\t: 2\nflags\t\t: fpu vme\n\n"
                for number in range(8)
            ),
        },
    )
    memory = hardware.memory_facts(host)
    assert (memory["memtotal_mb"], memory["swapfree_mb"]) == (8000, 1)
    assert memory["memory_mb"]["nocache"] == {"free": 1003, "used": 6997}
    found = hardware.processor_facts(host, "x86_64")
    shape = [found["processor_" + key] for key in ("count", "cores", "threads_per_core", "vcpus")]
    assert shape == [2, 2, 2, 8]
    assert found["processor"][:3] == ["0", "GenuineIntel", "Xeon"]
    assert found["flags"] == ["fpu", "vme"]


def test_processors_of_arm(tmp_path: Path) -> None:
    host = tree(tmp_path, {"/proc/cpuinfo": "processor\t: 0\nBogoMIPS\t: 50\n\nprocessor\t: 1\n"})
    found = hardware.processor_facts(host, "aarch64")
    assert (found["processor_count"], found["processor_cores"], found["processor_vcpus"]) == (2, 1, 2)


@pytest.mark.parametrize(
    ("files", "kind", "role"),
    [
        ({"/.dockerenv": ""}, "docker", "guest"),
        ({"/proc/1/environ": "container=podman\0"}, "podman", "guest"),
        ({"/proc/1/cgroup": "0::/lxc/box\n"}, "lxc", "guest"),
        ({"/sys/devices/virtual/dmi/id/sys_vendor": "QEMU\n"}, "kvm", "guest"),
        ({"/sys/devices/virtual/dmi/id/product_name": "VMware Virtual Platform\n"}, "VMware", "guest"),
        ({"/proc/modules": "kvm 1 0 - Live 0\n"}, "kvm", "host"),
        ({}, "NA", "NA"),
    ],
)
def test_what_a_host_runs_in(tmp_path: Path, files: dict[str, str], kind: str, role: str) -> None:
    found = virtual.virtual_facts(tree(tmp_path, files))
    assert (found["virtualization_type"], found["virtualization_role"]) == (kind, role)


@pytest.mark.parametrize(
    ("files", "manager"),
    [
        ({"/proc/1/comm": "systemd\n"}, "systemd"),
        ({"/proc/1/comm": "openrc-init\n"}, "openrc"),
        ({"/proc/1/comm": "init\n", "/etc/init.d/x": ""}, "sysvinit"),
        ({"/proc/1/comm": "bash\n", "/sbin/openrc": ""}, "openrc"),
        ({"/proc/1/comm": "sshd\n"}, "sshd"),
        ({}, "service"),
    ],
)
def test_service_managers(tmp_path: Path, files: dict[str, str], manager: str) -> None:
    assert platform.service_manager(tree(tmp_path, files)) == manager


def test_mounts_and_devices(tmp_path: Path) -> None:
    host = tree(
        tmp_path,
        {
            "/proc/self/mountinfo": f"1 0 8:1 / / rw,relatime shared:1 - ext4 /dev/sda1 rw,discard\n"
            f"2 1 8:1 /sub {tmp_path}\\040x rw - ext4 /dev/sda1 rw\n"
            "3 1 0:5 / /proc rw - proc proc rw\n",
            "/sys/block/sda/size": "2097152\n",
            "/sys/block/sda/queue/logical_block_size": "4096\n",
            "/sys/block/sda/queue/scheduler": "none [mq-deadline]\n",
            "/sys/block/sda/sda1/size": "1048576\n",
            "/sys/block/sda/sda1/start": "2048\n",
        },
    )
    (tmp_path / "dev/disk/by-uuid").mkdir(parents=True)
    (tmp_path / "dev/disk/by-uuid/abc").symlink_to("../../sda1")
    whole, part = storage.mount_facts(host, 1)["mounts"]
    assert (whole["mount"], whole["options"], whole["uuid"]) == ("/", "rw,relatime,discard", "abc")
    assert whole["size_total"] == os.statvfs("/").f_blocks * os.statvfs("/").f_frsize
    assert (part["mount"], part["options"]) == (f"{tmp_path} x", "rw,bind")
    assert "Could not get extra information" in part["note"]
    disk = storage.device_facts(host)["devices"]["sda"]
    assert (disk["sectors"], disk["size"], disk["scheduler_mode"]) == (262144, "1.00 GB", "mq-deadline")
    assert disk["partitions"]["sda1"]["uuid"] == "abc"


def test_capabilities(tmp_path: Path) -> None:
    files = {"/proc/self/status": "CapEff:\t00000003\n", "/proc/sys/kernel/cap_last_cap": "40\n"}
    found = security.capability_facts(tree(tmp_path, files))
    assert found["system_capabilities"] == ["cap_chown", "cap_dac_override"]
    files["/proc/self/status"] = "CapEff:\t1ffffffffff\n"
    assert security.capability_facts(tree(tmp_path, files))["system_capabilities_enforced"] == "False"


def test_repeated_words_of_the_kernel_command_line(tmp_path: Path) -> None:
    host = tree(tmp_path, {"/proc/cmdline": "quiet console=tty0 console=ttyS0\n"})
    found = platform.cmdline_facts(host)
    assert found["cmdline"] == {"quiet": True, "console": "ttyS0"}
    assert found["proc_cmdline"] == {"quiet": True, "console": ["tty0", "ttyS0"]}


def test_the_kernel_tells_the_loopback_address() -> None:
    found = [one for one in netlink.addresses() if one.address == "127.0.0.1"]
    assert found
    assert found[0].prefix == 8
    assert "127.0.0.1" in netlink.local_destinations(socket.AF_INET)


def test_this_machine(apply, tmp_path: Path) -> None:
    (tmp_path / "own.fact").write_text('{"a": [1]}')
    (tmp_path / "ini.fact").write_text("[part]\nkey=1\n")
    (tmp_path / "bad.fact").write_text("nonsense")
    program = tmp_path / "run.fact"
    program.write_text("#!/bin/sh\necho '{\"ran\": true}'\n")
    program.chmod(0o755)
    result = apply("setup", fact_path=str(tmp_path))
    facts = result["ansible_facts"]
    json.dumps(facts)
    assert result["changed"] is False
    assert facts["ansible_nodename"] == os.uname().nodename
    assert facts["ansible_lo"]["ipv4"]["address"] == "127.0.0.1"
    assert facts["ansible_python_version"].count(".") == 2
    assert facts["module_setup"] is True
    assert facts["ansible_local"]["own"] == {"a": [1]}
    assert facts["ansible_local"]["ini"] == {"part": {"key": "1"}}
    assert facts["ansible_local"]["run"] == {"ran": True}
    assert "error loading facts" in facts["ansible_local"]["bad"]
    assert len(result["warnings"]) == 1


def test_filter_takes_names_with_and_without_prefix(apply) -> None:
    facts = apply("setup", filter=["date_time", "ansible_kern*"])["ansible_facts"]
    assert set(facts) == {"ansible_date_time", "ansible_kernel", "ansible_kernel_version"}
    assert apply("setup", gather_subset=["nope"])["msg"].startswith("Bad subset 'nope' given")
