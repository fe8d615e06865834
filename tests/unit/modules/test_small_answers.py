"""What modules answer in corners that playbooks ask about."""

from __future__ import annotations

from pathlib import Path

import pytest

from orchestr8.remote.facts.surroundings import local_facts
from orchestr8.remote.files import replacement
from orchestr8.remote.module import Call
from orchestr8.remote.user_words import looks_hashed

SHA512 = "$6$rounds=656000$salt$" + "a" * 86


def test_a_known_hosts_diff_is_there_when_nothing_changes(apply, tmp_path: Path) -> None:
    (tmp_path / "known").write_text("a ssh-rsa AAAA\n")
    result = apply("known_hosts", name="a", key="a ssh-rsa AAAA", path=str(tmp_path / "known"))
    assert result["changed"] is False
    assert result["diff"]["before"] == result["diff"]["after"] == "a ssh-rsa AAAA\n"


def test_a_peek_tells_text_from_other_content(apply, tmp_path: Path) -> None:
    (tmp_path / "text").write_text("words")
    (tmp_path / "data").write_bytes(b"a\0b")
    assert apply("file", path=str(tmp_path / "text"), _diff_peek=True)["appears_binary"] is False
    found = apply("file", path=str(tmp_path / "data"), _diff_peek=True)
    assert (found["appears_binary"], found["size"], found["changed"]) == (True, 3, False)
    assert apply("file", path=str(tmp_path / "none"), _diff_peek=True)["state"] == "absent"


def test_a_fact_link_to_nothing_says_so(tmp_path: Path) -> None:
    (tmp_path / "lost.fact").symlink_to(tmp_path / "nowhere")
    warned: list[str] = []
    assert local_facts(str(tmp_path), warned.append)["local"]["lost"].startswith("Could not stat fact")
    assert warned


@pytest.mark.parametrize(
    ("password", "fits"),
    [
        (SHA512, True), ("!" + SHA512, True), ("*", True), ("!", True), ("plaintextpassword", False),
        (SHA512[:-5] + "+++++", False), (SHA512[:-1], False), ("$6$ab:c$" + "a" * 86, False),
        ("$y$j9T$salt$" + "a" * 43, True), ("$2b$12$" + "a" * 53, True),
    ],
)  # fmt: skip
def test_hashes_are_told_from_plain_passwords(password: str, fits: bool) -> None:
    assert looks_hashed(password) is fits


@pytest.mark.parametrize(
    ("given", "environ", "unsafe"), [(None, "1", True), (None, "0", False), (False, "1", False)]
)
def test_unsafe_writes_follow_the_environment(
    monkeypatch: pytest.MonkeyPatch, given: bool | None, environ: str, unsafe: bool
) -> None:
    monkeypatch.setenv("ANSIBLE_UNSAFE_WRITES", environ)
    assert replacement(Call({"unsafe_writes": given})).unsafe is unsafe


def test_a_concealed_key_is_written_in_the_clear_when_asked(apply, tmp_path: Path) -> None:
    path = tmp_path / "known"
    args = {"name": "a", "path": str(path), "key": "a ssh-rsa AAAA"}
    assert apply("known_hosts", hash_host=True, **args)["changed"] is True
    assert apply("known_hosts", **args)["changed"] is True
    assert path.read_text() == "a ssh-rsa AAAA\n"


def test_modes_with_a_sticky_bit_keep_their_leading_zero(apply, tmp_path: Path) -> None:
    assert apply("file", path=str(tmp_path / "a"), state="directory", mode="01777")["mode"] == "01777"
