from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestr8.remote import host_key_lines as lines

ONE = "AAAAC3NzaC1lZDI1NTE5AAAAIIoJh7St3y7DKjTfaYV3chH4pXMuI"
TWO = "AAAAC3NzaC1lZDI1NTE5AAAAIPpJh7St3y7DKjTfaYV3chH4pXMuI"


def test_a_changed_key_takes_the_place_of_the_old(apply, tmp_path: Path) -> None:
    path = tmp_path / "deep" / "known"
    args = {"name": "a.example", "path": str(path)}
    assert apply("known_hosts", key=f"a.example ssh-ed25519 {ONE}", **args)["changed"] is True
    path.write_text(path.read_text() + f"# mine\na.example ssh-rsa {TWO}\nb ssh-ed25519 {TWO}\n")
    result = apply("known_hosts", key=f"a.example ssh-ed25519 {TWO}", **args)
    assert result["diff"]["before_header"] == str(path)
    assert path.read_text() == (
        f"a.example ssh-ed25519 {TWO}\n# mine\na.example ssh-rsa {TWO}\nb ssh-ed25519 {TWO}\n"
    )
    gone = apply("known_hosts", state="absent", key=f"a.example ssh-rsa {TWO}", **args)
    assert gone["changed"] is True
    assert "ssh-rsa" not in path.read_text()
    assert apply("known_hosts", state="absent", **args)["changed"] is True
    assert path.read_text() == f"# mine\nb ssh-ed25519 {TWO}\n"
    assert apply("known_hosts", state="absent", **args)["changed"] is False


def test_a_concealed_host_is_found_again(apply, tmp_path: Path) -> None:
    path = tmp_path / "known"
    args = {"name": "[a]:2222", "path": str(path), "key": f"[a]:2222 ssh-ed25519 {ONE}", "hash_host": True}
    assert apply("known_hosts", **args)["changed"] is True
    assert "[a]" not in path.read_text()
    assert apply("known_hosts", **args)["changed"] is False
    if shutil.which("ssh-keygen"):
        argv = ["ssh-keygen", "-F", "[a]:2222", "-f", str(path)]
        assert subprocess.run(argv, capture_output=True, check=False).returncode == 0


def test_markers_stay(apply, tmp_path: Path) -> None:
    key = f"@cert-authority *.example,a ssh-ed25519 {ONE}"
    args = {"name": "a", "path": str(tmp_path / "known"), "key": key, "hash_host": True}
    assert apply("known_hosts", **args)["changed"] is True
    assert (tmp_path / "known").read_text().startswith("@cert-authority |1|")


@pytest.mark.parametrize(
    ("key", "message"),
    [
        ("b ssh-ed25519 " + ONE, "Host parameter does not match"),
        ("# only a comment", "No key to add"),
        (None, "No key specified"),
    ],
)
def test_keys_that_do_not_fit(apply, tmp_path: Path, key: str | None, message: str) -> None:
    assert message in apply("known_hosts", name="a", path=str(tmp_path / "k"), key=key)["msg"]


@given(st.from_regex(r"[a-z0-9.]{1,20}", fullmatch=True), st.from_regex(r"[a-z0-9.]{1,20}", fullmatch=True))
def test_a_concealed_name_fits_that_name_only(host: str, other: str) -> None:
    line = lines.parsed(f"{lines.hashed(host)} ssh-ed25519 {ONE}")
    assert line is not None
    assert lines.is_for(line, host)
    assert lines.is_for(line, other) == (host == other)
