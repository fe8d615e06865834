"""Settings that change what a run does, in `ansible.cfg` and the environment."""

from __future__ import annotations

import getpass
import json
from pathlib import Path

import pytest

from tests.command_line import CommandLine, Ran

HOSTS = "a\nb\n[all:vars]\nansible_connection=local\nansible_python_interpreter=/usr/bin/python3\n"


@pytest.fixture
def o8(tmp_path: Path) -> CommandLine:
    line = CommandLine(tmp_path)
    line.write("hosts.ini", HOSTS)
    return line


def play(o8: CommandLine, tasks: str, settings: str = "", **env: str) -> Ran:
    o8.write("ansible.cfg", settings)
    text = f"- hosts: all\n  gather_facts: false\n  tasks:\n{tasks}"
    return o8.play(text, "--plain", "-v", env=env)


def test_the_shell_of_command_lines(o8: CommandLine) -> None:
    task = "  - shell: '[[ a == a ]] && echo $0'\n"
    ran = play(o8, task, "[defaults]\nexecutable = /bin/bash\n")
    assert ran.code == 0, ran.text
    assert '"stdout": "/bin/bash"' in ran.out
    by_variable = play(o8, f"{task}    vars: {{ansible_shell_executable: /bin/bash}}\n")
    assert by_variable.code == 0, by_variable.text


def test_what_holds_where_keywords_say_nothing(o8: CommandLine) -> None:
    tasks = """\
  - command: echo hidden
  - command: echo shown
    no_log: false
  - fail: {msg: ended}
    when: inventory_hostname == 'a'
  - debug: {msg: never}
"""
    settings = "[defaults]\nany_errors_fatal = true\nno_log = true\n"
    ran = play(o8, tasks, settings)
    assert ran.code == 2
    assert "hidden" not in ran.out.replace("has been hidden", "")
    assert '"stdout": "shown"' in ran.out
    assert "never" not in ran.out


def test_tasks_have_a_bound(o8: CommandLine) -> None:
    ran = play(o8, "  - command: sleep 60\n  - debug:\n", ANSIBLE_TASK_TIMEOUT="1")
    assert ran.code == 2
    assert "Timed out after 1 second(s)" in ran.out


def test_templates_are_signed(o8: CommandLine) -> None:
    o8.write("%n{{ 1 % 0 }}.j2", "{{ ansible_managed }}\n")
    task = (
        f"  - template: {{src: !unsafe '%n{{{{ 1 % 0 }}}}.j2', dest: {o8.folder}/out}}\n    run_once: true\n"
    )
    ran = play(o8, task, "[defaults]\nansible_managed = {{{{'b' ~ 'y'}}}} {file}, written in %Y\n")
    assert ran.code == 0, ran.text
    text = (o8.folder / "out").read_text()
    assert text.startswith("by ")
    assert "%n{{ 1 % 0 }}.j2, written in 2" in text


def test_the_interpreter_of_the_settings_is_no_variable(o8: CommandLine) -> None:
    o8.write("hosts.ini", "a ansible_connection=local\n")
    task = '  - debug: {msg: "{{ ansible_python_interpreter is defined }}"}\n'
    ran = play(o8, task, ANSIBLE_PYTHON_INTERPRETER="/usr/bin/python3")
    assert '"msg": false' in ran.out


def test_roles_of_the_user_are_found(o8: CommandLine) -> None:
    o8.write("home/.ansible/roles/mine/tasks/main.yml", "- debug: {msg: of the user}\n")
    o8.write("other/roles/theirs/tasks/main.yml", "- debug: {msg: of another}\n")
    task = "  - import_role: {name: %s}\n"
    assert "of the user" in play(o8, task % "mine").out
    assert "of another" in play(o8, task % "theirs", ANSIBLE_HOME=str(o8.folder / "other")).out


def test_who_logged_in_needs_no_sudo(o8: CommandLine) -> None:
    task = "  - command: id -un\n    become: true\n    become_exe: /none/sudo\n    become_user: {}\n"
    assert play(o8, task.format(getpass.getuser())).code == 0
    assert "/none/sudo" in play(o8, task.format("nobody")).out
    told = play(o8, task.format(getpass.getuser()), ANSIBLE_BECOME_ALLOW_SAME_USER="1")
    assert "/none/sudo" in told.out


def test_what_exec_runs_when_nothing_is_said(o8: CommandLine) -> None:
    o8.write("ansible.cfg", "[defaults]\nmodule_name = debug\nmodule_args = msg=said\n")
    ran = o8("exec", "a", "-i", "hosts.ini")
    assert ran.code == 0, ran.text
    assert "said" in ran.out


LOOK = """\
  - name: one
    debug: {msg: hi}
  - command: printf 'a\\nb'
  - debug: {msg: never}
    when: false
  - fail: {msg: ended}
    ignore_errors: true
"""


@pytest.mark.parametrize(
    ("settings", "there", "absent"),
    [
        ("display_skipped_hosts = no", ["TASK [one]"], ["skipping"]),
        ("display_ok_hosts = no", ["TASK [command]", "skipping: [a]"], ["TASK [one]", "ok: [a]"]),
        (
            "result_format = yaml",
            ["ok: [a] => \n    msg: hi", "    stdout: |-\n        a\n        b"],
            ['"msg"'],
        ),
        ("stdout_callback = community.general.yaml", ["ok: [a] => \n  msg: hi"], ['"msg"']),
        ("stdout_callback = debug", ["STDOUT:\n\na\nb\n"], ["stdout_lines"]),
        ("stdout_callback = minimal", ['a | SUCCESS => {\n    "msg": "hi"\n}', "a | SKIPPED"], ["TASK"]),
        ("stdout_callback = oneline", ["a | CHANGED | rc=0 | (stdout) a\\nb"], ["TASK"]),
        ("show_task_path_on_failure = yes", ["task path: site.yml:9"], []),
        ("display_failed_stderr = yes", ["TASK [fail]"], ["FAILED!"]),
        ("callbacks_enabled = timer, profile_tasks", ["TASKS RECAP", "Playbook run took 0 days"], []),
        ("force_color = yes", ["\x1b[0;32mok: [a]", "\x1b[0;32mok=3   \x1b[0m"], []),
    ],
)
def test_what_readers_choose(o8: CommandLine, settings: str, there: list[str], absent: list[str]) -> None:
    ran = play(o8, LOOK, f"[defaults]\n{settings}\n")
    assert ran.code == 0, ran.text
    assert [text for text in there if text not in ran.out] == []
    assert [text for text in absent if text in ran.out] == []


def test_a_run_as_one_document(o8: CommandLine) -> None:
    ran = play(o8, LOOK, ANSIBLE_STDOUT_CALLBACK="json")
    found = json.loads(ran.out.partition("\n")[2])
    assert found["stats"]["a"]["ok"] == 3
    tasks = found["plays"][0]["tasks"]
    assert [task["task"]["name"] for task in tasks] == ["one", "command", "debug", "fail"]
    assert tasks[1]["hosts"]["b"]["stdout"] == "a\nb"
    assert tasks[2]["hosts"]["a"]["skipped"] is True


def test_an_output_that_is_not_there(o8: CommandLine) -> None:
    ran = play(o8, LOOK, ANSIBLE_STDOUT_CALLBACK="nosuch")
    assert ran.code == 1
    assert "Could not load 'nosuch' callback plugin" in ran.err


def test_variables_beside_playbooks_of_a_folder(o8: CommandLine) -> None:
    o8.write("sub/hosts.ini", f"[web]\n{HOSTS}")
    o8.write("group_vars/web.yml", "x: here\n")
    o8.write("books/group_vars/web.yml", "x: there\n")
    words = ("a", "-i", "sub/hosts.ini", "-m", "debug", "-a", "var=x")
    assert '"x": "here"' in o8("exec", *words).out
    assert '"x": "there"' in o8("exec", *words, "--playbook-dir", "books").out
    assert '"x": "there"' in o8("exec", *words, env={"ANSIBLE_PLAYBOOK_DIR": "books"}).out
    assert json.loads(o8("inventory", "-i", "sub/hosts.ini", "--host", "a").out)["x"] == "here"


def test_a_limit_that_leaves_nobody_is_told(o8: CommandLine) -> None:
    for more in ((), ("--list-hosts",)):
        ran = o8("exec", "all", "-i", "hosts.ini", "-l", "nosuch", "-m", "ping", *more)
        assert ran.code == 1
        assert "--limit `nosuch` leaves no host" in ran.err
