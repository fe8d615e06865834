"""Files on a real host: what the modules say is so, read back by testinfra."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import testinfra

from orchestr8.core.secret import Secret
from orchestr8.engine.ports import Become, Endpoint, Request
from orchestr8.transport.heartbeat import Heartbeat
from orchestr8.transport.payload import Payload
from orchestr8.transport.ssh import SshTransport
from tests.bed import Fleet

pytestmark = pytest.mark.fleet

Run = Callable[..., dict[str, Any]]
ROOT = "/var/tmp/o8-files"


@pytest.fixture(scope="module")
def run(fleet: Fleet) -> Iterator[Run]:
    """`run("file", path=...)` calls a module on h3 by SSH."""
    there = fleet.host("h3")
    there.exec(["rm", "-rf", ROOT])
    there.exec(["mkdir", "-p", "-m", "0777", ROOT])
    heartbeat = Heartbeat()
    transport = SshTransport(Payload(), heartbeat)
    options = {"UserKnownHostsFile": str(there.known_hosts), "IdentitiesOnly": "yes"}
    opened = {}
    for user in ("root", "deploy"):
        way = Endpoint(
            f"h3-{user}", there.address, there.port, user, key_file=str(there.key), options=options
        )
        opened[user] = transport.connect(way)

    def call(module: str, *, user: str = "root", become: Become | None = None, **args: Any) -> dict[str, Any]:
        set_ = {
            name: args.pop(f"{name}_") for name in ("check", "diff", "blob", "environ") if f"{name}_" in args
        }
        return opened[user].call(Request(module, args, become=become, timeout=60, **set_))

    yield call
    for connection in opened.values():
        connection.close()
    transport.close()
    heartbeat.stop()
    there.exec(["rm", "-rf", ROOT])


@pytest.fixture(scope="module")
def host(fleet: Fleet, tmp_path_factory: pytest.TempPathFactory) -> Any:
    there = fleet.host("h3")
    config: Path = tmp_path_factory.mktemp("ssh") / "config"
    config.write_text(f"Host *\nUserKnownHostsFile {there.known_hosts}\nIdentityFile {there.key}\n")
    return testinfra.get_host(f"ssh://root@{there.address}:{there.port}", ssh_config=str(config))


def test_content_owner_and_mode_arrive(run: Run, host: Any) -> None:
    data = "größe\n".encode() * 5
    args = {
        "dest": f"{ROOT}/a",
        "owner": "deploy",
        "group": "daemon",
        "mode": "0640",
        "_original_basename": "a",
    }
    checksum = hashlib.sha1(data).hexdigest()
    assert run("copy", **args, checksum=checksum)["wants_content"] is True
    result = run("copy", **args, checksum=checksum, blob_=data)
    assert (result["changed"], result["owner"], result["group"]) == (True, "deploy", "daemon")
    file = host.file(f"{ROOT}/a")
    assert (file.user, file.group, file.mode, file.content) == ("deploy", "daemon", 0o640, data)
    assert run("copy", **args, checksum=checksum)["changed"] is False


def test_a_large_file_arrives_whole(run: Run, host: Any) -> None:
    data = bytes(range(256)) * 4096 * 6
    checksum = hashlib.sha1(data).hexdigest()
    assert run("copy", dest=f"{ROOT}/large", checksum=checksum, blob_=data)["changed"] is True
    assert host.file(f"{ROOT}/large").sha256sum == hashlib.sha256(data).hexdigest()


def test_check_mode_touches_nothing(run: Run, host: Any) -> None:
    result = run("file", path=f"{ROOT}/never", state="directory", check_=True, diff_=True)
    assert result["changed"] is True
    assert result["diff"]["after"]["state"] == "directory"
    assert not host.file(f"{ROOT}/never").exists


def test_names_that_are_not_ascii(run: Run, host: Any) -> None:
    path = f"{ROOT}/mönch 日本"
    assert run("file", path=path, state="directory", mode="0711")["path"] == path
    assert run("file", path=path, state="directory", mode="0711")["changed"] is False
    assert host.file(path).is_directory
    assert run("stat", path=path)["stat"]["mode"] == "0711"


def test_lines_blocks_and_matches(run: Run, host: Any) -> None:
    path = f"{ROOT}/conf"
    assert run("lineinfile", path=path, line="port = 80", create=True)["changed"] is True
    run("lineinfile", path=path, regexp="^port", line="port = 8080")
    run("blockinfile", path=path, block="[extra]\nx = 1", marker="; {mark}")
    run("replace", path=path, regexp="x = 1", replace="x = 2")
    assert host.file(path).content_string == "port = 8080\n; BEGIN\n[extra]\nx = 2\n; END\n"


def test_a_full_disk_leaves_the_old_file(run: Run, host: Any) -> None:
    place = f"{ROOT}/small"
    run("file", path=place, state="directory")
    assert host.run(f"mount -t tmpfs -o size=64k tmpfs {place}").rc == 0
    try:
        assert run("copy", dest=f"{place}/f", content="old")["changed"] is True
        result = run("copy", dest=f"{place}/f", content="x" * 200_000)
        assert result["failed"] is True
        assert "No space left on device" in result["msg"]
        assert f"{place}/f" in result["msg"]
        assert host.file(f"{place}/f").content_string == "old"
        assert host.run(f"ls -A {place}").stdout.split() == ["f"]
    finally:
        host.run(f"umount {place}")


def test_a_mounted_file_needs_unsafe_writes(run: Run, host: Any) -> None:
    before = host.file("/etc/hosts").content_string
    extra = {"path": "/etc/hosts", "line": "192.0.2.9 o8-files-test"}
    refused = run("lineinfile", **extra)
    assert refused["failed"] is True
    assert "busy" in refused["msg"]
    assert host.file("/etc/hosts").content_string == before
    assert run("lineinfile", **extra, unsafe_writes=True)["changed"] is True
    run("lineinfile", **extra, state="absent", unsafe_writes=True)
    assert host.file("/etc/hosts").content_string == before


def test_a_user_without_rights_is_told_which_directory(run: Run, host: Any) -> None:
    result = run("copy", dest="/etc/o8-files", content="x", user="deploy")
    assert result["msg"].startswith("Destination /etc not writable: Permission denied")
    sudo = Become(password=Secret("deploy-pw"))
    assert run("copy", dest=f"{ROOT}/sudo", content="x", user="deploy", become=sudo)["owner"] == "root"
    assert host.file(f"{ROOT}/sudo").user == "root"


def test_a_tree_and_its_removal(run: Run, host: Any) -> None:
    run("file", path=f"{ROOT}/tree/a/b", state="directory")
    run("copy", dest=f"{ROOT}/tree/a/b/f", content="x")
    assert (
        run("copy", src=f"{ROOT}/tree/", dest=f"{ROOT}/copy", remote_src=True, owner="deploy")["changed"]
        is True
    )
    assert (host.file(f"{ROOT}/copy/a/b/f").user, host.file(f"{ROOT}/copy/a/b/f").content_string) == (
        "deploy",
        "x",
    )
    assert run("find", paths=f"{ROOT}/copy", recurse=True)["matched"] == 1
    assert run("file", path=f"{ROOT}/copy", state="absent")["changed"] is True
    assert not host.file(f"{ROOT}/copy").exists
