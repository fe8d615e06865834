"""sysctl, authorized_key, mount, pam_limits: what they make of the files they keep."""

from __future__ import annotations

import os
import pwd
from pathlib import Path
from typing import Any

import pytest

from orchestr8.remote import authorized_lines, fstab_lines
from tests.unit.modules.conftest import Apply

KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGtGZ2f2M4Z9OZb6Pq0nS1n4mNn0yfYq8y5sVb0k0c1d"
OTHER = "ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAAAgQC0"
ME = pwd.getpwuid(os.getuid()).pw_name


def test_sysctl_keeps_one_line_of_a_parameter(apply: Apply, tmp_path: Path) -> None:
    path = tmp_path / "sysctl.conf"
    path.write_text("# words\nvm.swappiness = 60\nkernel.x=1\nvm.swappiness=5\n")
    args: dict[str, Any] = {"sysctl_file": str(path), "reload": False, "name": "vm.swappiness"}
    assert apply("sysctl", value="60", **args)["changed"] is True
    assert path.read_text() == "# words\nvm.swappiness = 60\nkernel.x=1\n"
    assert apply("sysctl", value="60", **args)["changed"] is False
    assert apply("sysctl", value="10", check=True, **args)["changed"] is True
    assert apply("sysctl", value="10", **args)["changed"] is True
    assert path.read_text() == "# words\nvm.swappiness=10\nkernel.x=1\n"
    assert apply("sysctl", state="absent", **args)["changed"] is True
    assert path.read_text() == "# words\nkernel.x=1\n"
    assert apply("sysctl", value="yes", **args)["changed"] is True
    assert path.read_text().endswith("vm.swappiness=1\n")


@pytest.mark.parametrize("value", [None, "", "  "])
def test_sysctl_wants_a_value(apply: Apply, tmp_path: Path, value: str | None) -> None:
    result = apply("sysctl", name="a.b", value=value, sysctl_file=str(tmp_path / "x"), reload=False)
    assert result["failed"] is True
    assert not (tmp_path / "x").exists()


def test_a_key_is_added_changed_and_removed(apply: Apply, tmp_path: Path) -> None:
    path = tmp_path / "keys"
    args: dict[str, Any] = {"user": ME, "path": str(path), "manage_dir": False}
    path.write_text(f"# mine\n{OTHER} other@host\n")
    assert apply("authorized_key", key=f"{KEY} me@host", check=True, **args)["changed"] is True
    assert apply("authorized_key", key=f"{KEY} me@host", **args)["changed"] is True
    assert path.read_text() == f"# mine\n{OTHER} other@host\n{KEY} me@host\n"
    assert apply("authorized_key", key=f"{KEY} me@host", **args)["changed"] is False
    options = 'no-pty,command="echo a, b"'
    result = apply("authorized_key", key=f"{KEY} me@host", key_options=options, **args)
    assert result["changed"] is True
    assert path.read_text().splitlines()[2] == f"{options} {KEY} me@host"
    assert apply("authorized_key", key=f"{KEY} me@host", key_options=options, **args)["changed"] is False
    assert apply("authorized_key", key=OTHER, state="absent", **args)["changed"] is True
    assert path.read_text() == f"# mine\n{options} {KEY} me@host\n"
    assert apply("authorized_key", key=OTHER, exclusive=True, **args)["changed"] is True
    assert path.read_text() == f"{OTHER}\n"


def test_a_new_file_of_keys_is_private(apply: Apply, tmp_path: Path) -> None:
    result = apply("authorized_key", user=ME, key=f"{KEY}\n{OTHER}", path=str(tmp_path / "d/keys"))
    assert result["changed"] is True
    assert (tmp_path / "d/keys").stat().st_mode & 0o777 == 0o600
    assert (tmp_path / "d").stat().st_mode & 0o777 == 0o700
    assert result["keyfile"] == str(tmp_path / "d/keys")


@pytest.mark.parametrize("key", ["rubbish", "ssh-rsa", f"{KEY}\nnot a key"])
def test_what_is_no_key_is_refused(apply: Apply, tmp_path: Path, key: str) -> None:
    result = apply("authorized_key", user=ME, key=key, path=str(tmp_path / "keys"))
    assert result["msg"].startswith("invalid key specified")
    assert not (tmp_path / "keys").exists()


def test_options_may_hold_spaces_and_quotes() -> None:
    line = authorized_lines.parsed(f'environment="A=\\"b c\\"",no-pty {KEY} two words')
    assert line is not None
    assert line.options == 'environment="A=\\"b c\\"",no-pty'
    assert authorized_lines.options(line.options) == ['environment="A=\\"b c\\""', "no-pty"]
    assert line.comment == "two words"
    assert authorized_lines.rendered(line).endswith(f"no-pty {KEY} two words")


def test_fstab_gets_loses_and_keeps_lines(apply: Apply, tmp_path: Path) -> None:
    fstab = tmp_path / "fstab"
    fstab.write_text("# words\n/dev/a   /    ext4  defaults 0 1\n/dev/b none swap sw 0 0\n")
    args: dict[str, Any] = {"fstab": str(fstab), "path": str(tmp_path / "my data"), "fstype": "ext4"}
    result = apply("mount", state="present", src="/dev/c", opts="noatime", diff=True, **args)
    added = str(tmp_path / "my data").replace(" ", "\\040")
    assert fstab.read_text().splitlines()[3] == f"/dev/c {added} ext4 noatime 0 0"
    assert fstab.read_text().splitlines()[1] == "/dev/a   /    ext4  defaults 0 1"
    assert result["changed"] is True
    assert result["opts"] == "noatime"
    assert apply("mount", state="present", src="/dev/c", opts="noatime", **args)["changed"] is False
    assert apply("mount", state="present", src="/dev/d", check=True, **args)["changed"] is True
    assert apply("mount", state="present", src="/dev/d", boot=False, **args)["changed"] is True
    assert fstab.read_text().splitlines()[3] == f"/dev/d {added} ext4 defaults,noauto 0 0"
    assert apply("mount", state="absent_from_fstab", **args)["changed"] is True
    assert len(fstab.read_text().splitlines()) == 3
    assert apply("mount", state="absent_from_fstab", **args)["changed"] is False


def test_swap_is_known_by_its_device() -> None:
    lines = ["/dev/b none swap sw 0 0"]
    more = fstab_lines.Line("/dev/c", "none", "swap", "sw", "0", "0")
    assert fstab_lines.edited(lines, more) == [*lines, "/dev/c none swap sw 0 0"]


def test_limits(apply: Apply, tmp_path: Path) -> None:
    path = tmp_path / "limits.conf"
    path.write_text("# words\nme soft nofile 100 # few\n* hard core 0\n")
    args: dict[str, Any] = {"dest": str(path), "domain": "me", "limit_type": "soft", "limit_item": "nofile"}
    assert apply("pam_limits", value="100", **args)["changed"] is False
    assert apply("pam_limits", value="50", use_max=True, **args)["changed"] is False
    assert apply("pam_limits", value="200", use_min=True, **args)["changed"] is False
    assert apply("pam_limits", value="200", use_max=True, check=True, **args)["changed"] is True
    result = apply("pam_limits", value="unlimited", comment="all", **args)
    assert result["msg"] == "me\tsoft\tnofile\tunlimited\t#all"
    assert path.read_text() == "# words\nme\tsoft\tnofile\tunlimited\t#all\n* hard core 0\n"
    assert apply("pam_limits", value="unlimited", comment="all", **args)["changed"] is False
    new = dict(args, domain="@staff", limit_type="-", limit_item="nproc")
    assert apply("pam_limits", value="7", **new)["msg"] == "@staff\t-\tnproc\t7"
    assert apply("pam_limits", value="many", **args)["failed"] is True
