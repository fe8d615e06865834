"""Encrypted files from the command line, with the exit codes that scripts of Ansible's users know."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.command_line import CommandLine


@pytest.fixture
def o8(tmp_path: Path) -> CommandLine:
    line = CommandLine(tmp_path)
    line.write("password", "secret\n")
    return line


@pytest.mark.parametrize("words", [("",), ()])
def test_nothing_to_encrypt_is_a_mistake_of_options(o8: CommandLine, words: tuple[str, ...]) -> None:
    ran = o8("compat", "ansible-vault", "encrypt_string", "--vault-id", "password", *words)
    assert ran.code == 5
    assert "was empty, not encrypting" in ran.err


def test_options_that_do_not_go_together_have_an_exit_code_of_their_own(o8: CommandLine) -> None:
    for name in ("a", "b"):
        o8.write(name, "text\n")
    encrypt = ("compat", "ansible-vault", "encrypt", "--vault-id", "password", "a", "b")
    assert o8(*encrypt, "--output", "c").code == 5
    assert o8(*encrypt, "--nonsense").code == 2
    assert o8(*encrypt).code == 0


def test_the_editor_of_the_settings_edits(o8: CommandLine) -> None:
    o8.write("editor", '#!/bin/sh\necho "port: 80" >> "$1"\n').chmod(0o755)
    words = ("--vault-id", "password", "new.yml")
    made = o8("vault", "create", *words, env={"ANSIBLE_EDITOR": str(o8.folder / "editor")})
    assert made.code == 0, made.text
    assert o8("vault", "view", *words).out == "port: 80\n"
    assert (o8.folder / "new.yml").stat().st_mode & 0o777 == 0o600
