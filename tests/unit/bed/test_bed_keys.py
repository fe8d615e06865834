"""What gives the containers of a bed their keys."""

from __future__ import annotations

from pathlib import Path

from tests.bed import keys


def test_a_container_with_the_keys_of_a_checkout_that_is_gone_is_another(tmp_path: Path) -> None:
    for name in (f"{keys.HOST_KEY}.pub", "authorized_keys"):
        (tmp_path / name).write_text("ssh-ed25519 AAAA one\n")
    before = keys.mounted(tmp_path)
    assert keys.mounted(tmp_path) == before
    (tmp_path / f"{keys.HOST_KEY}.pub").write_text("ssh-ed25519 BBBB two\n")
    assert keys.mounted(tmp_path) != before
