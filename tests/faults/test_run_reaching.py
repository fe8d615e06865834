"""Runs whose hosts cannot be reached, do not let us in, or cannot do what is asked: exit codes and words."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
import testinfra

from tests.bed import Fleet
from tests.command_line import CommandLine, inventory

TOUCH = """
- hosts: all
  gather_facts: false
  tasks:
    - name: Mark
      copy: {content: "here\\n", dest: /opt/run-mark, mode: "0644"}
"""


@pytest.fixture
def o8(fleet: Fleet, tmp_path: Path) -> CommandLine:
    line = CommandLine(tmp_path)
    line.write("hosts.ini", inventory(fleet))
    for host in fleet.hosts:
        host.exec(["rm", "-f", "/opt/run-mark"])
    return line


def witness(fleet: Fleet, name: str) -> testinfra.host.Host:
    return testinfra.get_host(f"docker://{fleet.host(name).container}")


def test_others_converge_when_one_is_unreachable_and_one_fails(o8: CommandLine, fleet: Fleet) -> None:
    o8.write("hosts.ini", inventory(fleet, h4={"ansible_port": 2}))
    ran = o8.play(TOUCH)
    assert ran.code == 4, ran.text
    assert "fatal: [h4]: UNREACHABLE! => " in ran.out
    assert "refused" in ran.out
    assert witness(fleet, "h1").file("/opt/run-mark").content_string == "here\n"
    assert not witness(fleet, "h4").file("/opt/run-mark").exists
    assert "Fix the cause and run again: o8 run site.yml -i hosts.ini -l h4" in ran.err

    failing = (
        TOUCH + "    - name: Breaks\n      command: /bin/false\n      when: inventory_hostname == 'h3'\n"
    )
    ran = o8.play(failing + "    - name: After\n      command: /bin/true\n")
    assert ran.code == 6, ran.text
    recap = ran.recap()
    assert [recap[h]["failed"] for h in ("h1", "h2", "h3", "h4")] == [0, 0, 1, 0]
    assert [recap[h]["unreachable"] for h in ("h1", "h2", "h3", "h4")] == [0, 0, 0, 1]
    assert [recap[h]["ok"] for h in ("h1", "h2", "h3", "h4")] == [2, 2, 1, 0]
    assert "-l h3,h4" in ran.err


def test_ignore_unreachable_goes_on_without_failing(o8: CommandLine, fleet: Fleet) -> None:
    o8.write("hosts.ini", inventory(fleet, h4={"ansible_port": 2}))
    ran = o8.play(
        "- hosts: h4\n  gather_facts: false\n  tasks:\n"
        "    - {name: Lost, ping: , ignore_unreachable: true}\n"
        "    - {name: Still here, debug: {msg: reached}}\n"
    )
    assert ran.code == 0, ran.text
    assert "...ignoring" in ran.out
    assert "reached" in ran.out


def test_a_wrong_key_is_told_and_not_tried_again(o8: CommandLine, fleet: Fleet, tmp_path: Path) -> None:
    key = tmp_path / "other_key"
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", key], check=True)
    o8.write("hosts.ini", inventory(fleet, h1={"ansible_ssh_private_key_file": key}))
    ran = o8.play(TOUCH, "-l", "h1")
    assert ran.code == 4, ran.text
    assert str(key) in ran.text
    assert ran.seconds < 40


def options(known_hosts: Path, more: str = "") -> dict[str, str]:
    text = f"-F none -o UserKnownHostsFile={known_hosts} -o GlobalKnownHostsFile=none {more}"
    return {"ansible_ssh_common_args": f"'{text}'"}


def test_unknown_and_changed_host_keys_say_how_to_accept_them(
    o8: CommandLine, fleet: Fleet, tmp_path: Path
) -> None:
    h1 = fleet.host("h1")
    empty = o8.write("known_hosts", "")
    o8.write("hosts.ini", inventory(fleet, h1=options(empty)))
    unknown = o8.play(TOUCH, "-l", "h1")
    assert unknown.code == 4, unknown.text
    assert "SHA256:" in unknown.text
    assert "ssh-keyscan" in unknown.text
    assert empty.read_text() == ""
    assert not witness(fleet, "h1").file("/opt/run-mark").exists

    o8.write("hosts.ini", inventory(fleet, h1=options(empty, "-o StrictHostKeyChecking=accept-new")))
    accepted = o8.play(TOUCH, "-l", "h1")
    assert accepted.code == 0, accepted.text
    assert h1.address in empty.read_text()

    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", tmp_path / "host_key"], check=True)
    other = (tmp_path / "host_key.pub").read_text()
    empty.write_text(f"{h1.address} {other}")
    changed = o8.play(TOUCH, "-l", "h1")
    assert changed.code == 4, changed.text
    assert "but known is SHA256:" in changed.text
    assert f"{empty}:1" in changed.text
    assert f"ssh-keygen -R '{h1.address}'" in changed.text


def test_a_host_without_python_says_so_and_takes_raw(o8: CommandLine, fleet: Fleet) -> None:
    o8.write("hosts.ini", inventory(fleet, h1={"ansible_python_interpreter": "/nowhere/python3"}))
    ran = o8.play(
        "- hosts: h1\n  gather_facts: false\n  tasks:\n"
        "    - {name: Raw, raw: echo raw works; uname, register: it, changed_when: false}\n"
        "    - {name: Show, debug: {var: it.stdout_lines}}\n"
        "    - {name: Needs python, ping: }\n"
    )
    assert ran.code == 4, ran.text
    assert '"raw works"' in ran.out
    assert "/nowhere/python3" in ran.text
    assert ran.recap()["h1"]["ok"] == 2


BECOME = """
- hosts: h1
  gather_facts: false
  become: true
  tasks:
    - name: As root
      command: id -un
"""


@pytest.mark.parametrize(
    ("user", "password", "told"),
    [("deploy", "wrong-Pw-1", "password"), ("deploy", None, "password"), ("nosudo", "nosudo-pw", "sudo")],
)
def test_become_that_fails_ends_quickly(
    o8: CommandLine, fleet: Fleet, user: str, password: str | None, told: str
) -> None:
    o8.write("hosts.ini", inventory(fleet, h1={"ansible_user": user, "ansible_become_password": password}))
    ran = o8.play(BECOME, "-vvvv")
    assert ran.code in (2, 4), ran.text
    assert told in ran.text
    assert "h1" in ran.text
    assert ran.seconds < 40
    if password:
        assert password not in ran.text


def test_a_failed_task_stops_its_host_only_and_says_why(o8: CommandLine, fleet: Fleet) -> None:
    ran = o8.play(
        "- hosts: all\n  gather_facts: false\n  tasks:\n"
        "    - name: Breaks in the middle\n"
        "      shell: echo working; echo 'the reason' >&2; exit 7\n"
        "      when: inventory_hostname == 'h2'\n"
        "    - name: Mark\n"
        '      copy: {content: "here\\n", dest: /opt/run-mark, mode: "0644"}\n'
    )
    assert ran.code == 2, ran.text
    assert "✗ h2  Breaks in the middle   site.yml:4:7" in ran.err
    assert "│ the reason" in ran.err
    assert "rc 7" in ran.err
    assert witness(fleet, "h1").file("/opt/run-mark").exists
    assert not witness(fleet, "h2").file("/opt/run-mark").exists


MISTAKES = {
    "yaml": ("    - debug: {msg: [1, 2}\n", "yaml"),
    "template": ("    - debug: {msg: '{{ 1 + }}'}\n", "template"),
    "undefined": ("    - debug: {msg: '{{ nobody_defines_this }}'}\n", "nobody_defines_this"),
    "argument": ("    - file: {path: /x, mod: '0644'}\n", "did you mean `mode`?"),
    "module": ("    - comand: id\n", "did you mean `command`?"),
    "handler": ("    - {command: id, notify: restart}\n", "restart"),
    "missing file": ("    - include_tasks: nowhere.yml\n", "nowhere.yml"),
    "missing role": ("    - import_role: {name: norole}\n", "norole"),
}


@pytest.mark.parametrize("kind", MISTAKES)
def test_a_mistake_in_the_files_touches_no_host(o8: CommandLine, fleet: Fleet, kind: str) -> None:
    text, told = MISTAKES[kind]
    ran = o8.play(TOUCH + text)
    assert ran.code == 1, ran.text
    assert told in ran.text.lower()
    assert "site.yml:7:" in ran.text
    assert "Traceback" not in ran.text
    assert not witness(fleet, "h1").file("/opt/run-mark").exists


def test_all_mistakes_are_told_at_once(o8: CommandLine) -> None:
    wrong = [text for kind, (text, _) in MISTAKES.items() if kind != "yaml"]
    ran = o8.play(TOUCH + "".join(wrong))
    assert ran.code == 1
    for kind, (_, told) in MISTAKES.items():
        # A role that is missing may have brought the handler.
        assert kind in ("yaml", "handler") or told in ran.text.lower(), kind
