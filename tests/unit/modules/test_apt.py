from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestr8.remote import apt_get, apt_wishes, dpkg, dpkg_lock
from orchestr8.remote.debian_version import newer_or_same, sort_key
from orchestr8.remote.module import Call, Failure
from orchestr8.remote.modules.apt import Apt
from orchestr8.remote.policy_rc_d import service_policy
from orchestr8.remote.process import Finished
from tests.unit.modules.conftest import Apply

STATUS = """Package: one
Status: install ok installed
Architecture: amd64
Version: 1.0-1
Provides: mail-agent (= 1), other
Description: first
 long text

Package: gone
Status: deinstall ok config-files
Architecture: all
Version: 2
Provides: lost-agent

Package: two
Status: hold ok installed
Architecture: i386
Version: 1:0.5~rc1
"""

ORDERED = ["1.0~rc1", "1.0", "1.0-1", "1.0-1+b1", "1.0.1", "1.2", "1.10", "1.10a", "1.10+x", "1:0.1", "2:0"]


def finished(stdout: str = "", stderr: str = "", rc: int = 100) -> Finished:
    return Finished(rc, stdout.encode(), stderr.encode(), 0.0, 0.0)


@pytest.fixture
def status(tmp_path: Path) -> dpkg.Status:
    (tmp_path / "status").write_text(STATUS)
    return dpkg.Status(str(tmp_path / "status"))


def test_versions_sort_as_debian_sorts_them() -> None:
    shuffled = ORDERED[::2] + ORDERED[1::2]
    assert sorted(shuffled, key=sort_key) == ORDERED
    assert newer_or_same("1.0", "1.0-0")


@given(st.text("019.~+ab", min_size=1, max_size=8), st.text("019.~+ab", min_size=1, max_size=8))
def test_versions_have_one_order(left: str, right: str) -> None:
    assert newer_or_same(left, right) or newer_or_same(right, left)
    assert newer_or_same(left + "a", left)
    assert not newer_or_same(left + "~", left)


def test_the_status_file(status: dpkg.Status) -> None:
    one = status.find("one")
    assert one is not None
    assert (one.version, dpkg.installed(one)) == ("1.0-1", True)
    assert dpkg.installed(status.find("two"))
    assert not dpkg.installed(status.find("gone"))
    assert dpkg.has_remains(status.find("gone"))
    assert status.find("on") is None
    assert dpkg.installed(status.find("one:amd64"))
    assert status.find("one:arm64") is None
    assert status.provides("mail-agent")
    assert status.provides("other")
    assert not status.provides("mail")
    assert not status.provides("lost-agent")
    assert status.names() == ["one", "gone", "two"]


@pytest.mark.parametrize(
    ("spec", "expected"),
    [
        ("one", None),
        ("one=1.0-1", None),
        ("one=1.*", None),
        ("one>=0.9", None),
        ("one=2.0", "one=2.0"),
        ("gone", "gone"),
        ("new", "new"),
        ("mail-agent", None),
    ],
)
def test_words_for_what_is_missing(status: dpkg.Status, spec: str, expected: str | None) -> None:
    wish = apt_wishes.parsed(spec)
    assert apt_wishes.word(wish, status, latest=False, only_upgrade=False) == expected
    assert apt_wishes.word(apt_wishes.parsed("new"), status, latest=True, only_upgrade=True) is None
    assert apt_wishes.word(apt_wishes.parsed("one"), status, latest=True, only_upgrade=False) == "one"


def test_names_and_files_are_told_apart() -> None:
    assert apt_wishes.separate(["a, b", "/tmp/c.deb"]) == (["a", "b"], ["/tmp/c.deb"])
    assert apt_wishes.matching("a*", ["ab", "ba", "a"]) == ["a", "ab"]


def test_automatic_packages(tmp_path: Path) -> None:
    (tmp_path / "states").write_text("Package: a\nAuto-Installed: 1\n\nPackage: b\nAuto-Installed: 0\n")
    assert dpkg.automatic(["a", "b", "c"], str(tmp_path / "states")) == ["a"]


@pytest.mark.parametrize(
    ("stderr", "message"),
    [
        ("E: Unable to locate package nope\n", "No package matching 'nope' is available"),
        ("E: Version '9' for 'foo' was not found\n", "no available installation candidate for foo=9"),
        ("E: Package 'foo' has no installation candidate\n", "no available installation candidate for foo"),
        ("W: x\nE: dpkg was interrupted\n", "'apt-get install foo' failed: E: dpkg was interrupted"),
    ],
)
def test_what_apt_get_says_is_explained(stderr: str, message: str) -> None:
    assert apt_get.explained(finished(stderr=stderr), ["install", "foo"]).msg.startswith(message)


def test_whether_apt_get_changes_anything() -> None:
    assert not apt_get.changes("0 upgraded, 0 newly installed, 0 to remove and 3 not upgraded.\n")
    assert apt_get.changes("0 upgraded, 1 newly installed, 0 to remove and 3 not upgraded.\n")
    assert apt_get.changes(
        "0 upgraded, 0 newly installed, 0 to remove and 0 not upgraded.\n1 not fully installed\n"
    )
    assert apt_get.changes("0 upgraded, 0 newly installed, 1 downgraded, 0 to remove and 0 not upgraded.\n")
    shown = "Reading state information...\nThe following NEW:\n  a\n1 upgraded, 0 newly\nGet:1\n"
    assert apt_get.prepared(shown) == {"prepared": "The following NEW:\n  a\n1 upgraded, 0 newly"}


def test_lists_that_could_not_be_fetched_are_an_error_though_apt_only_warns() -> None:
    warned = finished(
        stderr="W: Failed to fetch http://x/  Could not resolve\nW: Some index files failed\n", rc=0
    )
    assert apt_get.fetch_errors(warned) == "Failed to fetch http://x/  Could not resolve"
    assert apt_get.fetch_errors(finished(rc=0)) == ""
    assert apt_get.fetch_errors(finished(stderr="killed\n", rc=-9)) == "killed"


def test_the_holder_of_a_lock_is_named(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    path.touch()
    assert dpkg_lock.holder(str(path)) is None
    assert dpkg_lock.holder(str(tmp_path / "none")) is None
    program = (
        "import fcntl, sys\nfile = open(sys.argv[1], 'r+')\nfcntl.lockf(file, fcntl.LOCK_EX)\n"
        "print('held', flush=True)\nsys.stdin.read()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", program, str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as other:
        assert other.stdout is not None
        other.stdout.readline()
        found = dpkg_lock.holder(str(path))
        assert found is not None
        assert found.process == other.pid
        said: list[str] = []
        with pytest.raises(Failure, match=f"within 0 s: {path} is held by process {other.pid} "):
            dpkg_lock.wait([str(path)], 0, said.append)
        assert len(said) == 1
        other.communicate(b"")
    dpkg_lock.wait([str(path)], 0, said.append)


def test_services_are_not_started_meanwhile(tmp_path: Path) -> None:
    path = tmp_path / "policy-rc.d"
    path.write_text("mine")
    with service_policy(101, str(path)):
        assert path.read_text().endswith("exit 101\n")
        assert os.access(path, os.X_OK)
    assert path.read_text() == "mine"
    assert [one.name for one in tmp_path.iterdir()] == ["policy-rc.d"]


@pytest.mark.skipif(not Path(dpkg.STATUS).exists(), reason="this machine has no dpkg")
def test_what_is_installed_starts_no_process(apply, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nonexistent")
    status = dpkg.Status()
    there = [
        name for name in status.names() if dpkg.installed(status.find(name)) and not dpkg.automatic([name])
    ]
    for check in (False, True):
        result = apply("apt", name=there[:3], check=check)
        assert result["changed"] is False
        assert result["cache_updated"] is False
    assert apply("apt", name="o8-never-there", state="absent", purge=True)["changed"] is False
    assert apply("package", name=there[0], state="installed", use="apt")["changed"] is False


def test_wrong_use_is_explained(apply) -> None:
    assert "mutually exclusive" in apply("apt", name="a", deb="/b.deb")["msg"]
    assert "there is no file /nope.deb" in apply("apt", deb="/nope.deb")["msg"]
    assert "not supported" in apply("package", name="a", state="present", use="emerge")["msg"]


def test_package_hands_apts_own_arguments_on(apply: Apply, monkeypatch: pytest.MonkeyPatch) -> None:
    taken: dict[str, Any] = {}

    def noted(self: Apt, call: Call) -> dict[str, Any]:
        taken.update(call.args)
        return {"changed": False}

    monkeypatch.setattr(Apt, "run", noted)
    apply("package", name="x", state="present", use="apt", allow_downgrade=True)
    assert (taken["allow_downgrade"], taken["purge"], taken["name"]) == (True, False, ["x"])
    refused = apply("package", name="x", state="present", use="apk", purge=True)
    assert refused["msg"] == "Unsupported parameters for (apk) module: purge."
