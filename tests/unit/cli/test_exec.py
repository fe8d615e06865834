"""The verbs that stand in for Ansible's commands, run in this process on this machine."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from orchestr8.cli.main import cli
from orchestr8.core.errors import InvalidInput


def test_hosts_of_a_pattern_are_listed() -> None:
    ran = CliRunner().invoke(cli, ["exec", "a,b", "-i", "a,b,c", "--list-hosts"])
    assert ran.output == "  hosts (2):\n    a\n    b\n"


def test_mistakes_in_the_task_are_found_before_a_host_is_reached() -> None:
    ran = CliRunner().invoke(cli, ["exec", "a", "-i", "a,", "-m", "copy", "-a", "dst=/tmp/x"])
    assert isinstance(ran.exception, InvalidInput)
    assert {d.code for d in ran.exception.diagnostics} == {"O8-1202", "O8-1204"}


@pytest.mark.parametrize("name", ["ansible-playbook", "ansible", "ansible-inventory"])
def test_every_command_has_its_version(name: str) -> None:
    ran = CliRunner().invoke(cli, ["compat", name, "--version"], standalone_mode=False)
    assert ran.output.startswith(f"{name} [core 2.19")


def test_every_option_of_ansible_playbook_is_taken(tmp_path: Path) -> None:
    book = tmp_path / "site.yml"
    book.write_text("- hosts: all\n  gather_facts: false\n  tasks: [{ping: }]\n")
    password = tmp_path / "password"
    password.write_text("secret\n")
    words = (
        f"-i a, --syntax-check -l a -e k=v -u me -c ssh --private-key {password} -T 3 --ssh-common-args=-C "
        f"--ssh-extra-args=-v --sftp-extra-args=-v --scp-extra-args=-v --conn-pass-file {password} -b "
        f"--become-user root --become-method sudo --become-pass-file {password} -f 3 -M /x -C -D -t all "
        f"--skip-tags none --force-handlers --flush-cache -vvv"
    )
    ran = CliRunner().invoke(cli, ["compat", "ansible-playbook", *words.split(), str(book)])
    assert ran.exit_code == 0, (ran.output, ran.exception)
    assert f"playbook: {book}" in ran.output
