"""The verbs that look at files and code: vars, doc, config, check with its forms and repairs."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import click
import pytest

from orchestr8.cli import check, config, doc, variables
from orchestr8.core.errors import InvalidInput

PLAYBOOK = """\
- hosts: all
  gather_facts: false
  tasks:
    - name: a mode
      file: {path: /tmp/x, mode: 644}
"""


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for folder in ("group_vars", "host_vars"):
        (tmp_path / folder).mkdir()
    (tmp_path / "hosts").write_text("a\nb\n[web]\na port=1\n[web:vars]\nport=2\n")
    (tmp_path / "group_vars/all.yml").write_text("port: 3\nonly: all\n")
    (tmp_path / "host_vars/a.yml").write_text("\nport: 4\n")
    (tmp_path / "site.yml").write_text(PLAYBOOK)
    monkeypatch.chdir(tmp_path)
    for name in ("ANSIBLE_CONFIG", "ANSIBLE_FORKS", "ORCHESTR8_FORKS", "ANSIBLE_INVENTORY"):
        monkeypatch.delenv(name, raising=False)
    return tmp_path


@pytest.fixture
def call(capsys: pytest.CaptureFixture[str]) -> Callable[..., str]:
    def call(command: click.Command, *words: str) -> str:
        with command.make_context("o8", list(words)) as context:
            command.invoke(context)
        return capsys.readouterr().out

    return call


def test_vars_tell_every_definition_the_strongest_first(project: Path, call: Callable[..., str]) -> None:
    text = call(variables.command, "a", "-i", "hosts", "-e", "port=5", "--explain", "port")
    assert text.splitlines() == [
        'port = "5"    <extra vars>:1:1  (command line)',
        "  over 4    ./host_vars/a.yml:2:1",
        "  over 1    hosts:4:3  (inventory host a)",
        "  over 3    ./group_vars/all.yml:1:1",
        "  over 2    hosts:6:1  (inventory group web)",
    ]


def test_vars_tell_what_plays_and_roles_set(project: Path, call: Callable[..., str]) -> None:
    for name, text in {
        "roles/r/defaults/main.yml": "port: 6\n",
        "roles/r/vars/main.yml": "port: 7\n",
        "more.yml": "port: 8\n",
        "site.yml": "- {hosts: web, name: Web, vars: {port: 9}, vars_files: [more.yml], roles: [r]}\n"
        "- {hosts: b, vars: {port: 10}}\n",
    }.items():
        (project / name).parent.mkdir(parents=True, exist_ok=True)
        (project / name).write_text(text)
    asked = ("-i", "hosts", "--playbook", "site.yml", "--explain", "port")
    lines = call(variables.command, "a", *asked).splitlines()
    assert lines[0] == "in play 1 (Web):"
    values = [line.strip().split("    ")[0].split()[-1] for line in lines[1:]]
    assert values == ["7", "8", "9", "4", "1", "3", "2", "6"]
    assert "(vars of role r)" in lines[1]
    (other,) = [line for line in call(variables.command, "b", *asked).splitlines() if "=" in line]
    assert "port = 10" in other


def test_vars_as_json(project: Path, call: Callable[..., str]) -> None:
    found = json.loads(call(variables.command, "b", "-i", "hosts", "--json"))
    assert [each["name"] for each in found] == ["only", "port"]
    assert found[1]["definitions"] == [
        {"source": "./group_vars/all.yml", "place": "./group_vars/all.yml:1:1", "value": 3}
    ]


def test_vars_of_nothing_suggest(project: Path, call: Callable[..., str]) -> None:
    with pytest.raises(InvalidInput, match="did you mean `port`"):
        call(variables.command, "a", "-i", "hosts", "--explain", "prot")


def test_doc_shows_what_the_code_checks(call: Callable[..., str]) -> None:
    text = call(doc.command, "copy")
    assert "> copy" in text
    assert "- backup  (bool; default: False)" in text
    assert "Runs on the controller" in text
    assert "- name:" in call(doc.command, "copy", "--snippet")


def test_doc_knows_every_module(call: Callable[..., str]) -> None:
    listed = json.loads(call(doc.command, "--list", "--json"))
    assert len(listed) > 50
    assert [name for name, about in listed.items() if not about] == []
    pages = json.loads(call(doc.command, "--json", *listed))
    assert all(page["schema"] == "orchestr8.module/1" for page in pages.values())


def test_doc_suggests(call: Callable[..., str]) -> None:
    with pytest.raises(InvalidInput, match="did you mean `copy`"):
        call(doc.command, "coppy")


def test_config_tells_where_a_setting_comes_from(
    project: Path, call: Callable[..., str], monkeypatch: pytest.MonkeyPatch
) -> None:
    (project / "ansible.cfg").write_text("[defaults]\nforks = 9\nroles_path = roles:~/r\n")
    monkeypatch.setenv("ANSIBLE_GATHERING", "explicit")
    rows = json.loads(call(config.command, "dump", "--only-changed", "--json"))
    found = {row["name"]: (row["value"], row["origin"]) for row in rows}
    file = str(project / "ansible.cfg")
    assert found["FORKS"] == (9, file)
    assert found["GATHERING"] == ("explicit", "env: ANSIBLE_GATHERING")
    assert found["ROLES_PATH"] == ([str(project / "roles"), str(Path("~/r").expanduser())], file)


def test_a_wrong_setting_is_said_in_one_line(
    project: Path, call: Callable[..., str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ANSIBLE_FORKS", "many")
    with pytest.raises(InvalidInput, match="ANSIBLE_FORKS has to be a number"):
        call(config.command, "dump")


def test_a_configuration_that_anybody_may_write_is_passed_over(
    project: Path, call: Callable[..., str]
) -> None:
    (project / "ansible.cfg").write_text("[defaults]\nforks = 9\n")
    project.chmod(0o777)
    assert "FORKS(default) = 50" in call(config.command, "dump")


def test_check_writes_annotations_and_sarif(project: Path, call: Callable[..., str]) -> None:
    line = call(check.command, "site.yml", "-i", "hosts", "--format", "github")
    assert line.startswith("::warning file=site.yml,line=5,col=34,title=O8-1207::`mode: 644` is")
    document = json.loads(call(check.command, "site.yml", "-i", "hosts", "--format", "sarif"))
    result = document["runs"][0]["results"][0]
    assert result["ruleId"] == "O8-1207"
    region = result["locations"][0]["physicalLocation"]["region"]
    assert (region["startLine"], region["startColumn"], region["endColumn"]) == (5, 34, 37)


def test_check_mends_what_needs_no_decision(project: Path, call: Callable[..., str]) -> None:
    assert call(check.command, "site.yml", "-i", "hosts", "--fix") == "no mistakes found\n"
    assert (project / "site.yml").read_text() == PLAYBOOK.replace("644", '"0644"')
    assert call(check.command, "site.yml", "-i", "hosts", "--fix") == "no mistakes found\n"


def test_conditions_lose_braces_that_hold_one_expression(project: Path, call: Callable[..., str]) -> None:
    book = """\
- hosts: all
  gather_facts: false
  tasks:
    - ping:
      when: "{{ port == 'x' }}"
    - ping:
      when: ['{{ port }} == {{ port }}', '{{port is defined}}']
"""
    (project / "site.yml").write_text(book)
    left = call(check.command, "site.yml", "-i", "hosts", "--fix")
    assert left.count("O8-1310") == 1
    fixed = book.replace("{{ port == 'x' }}", "port == 'x'").replace("{{port is defined}}", "port is defined")
    assert (project / "site.yml").read_text() == fixed


def test_a_play_without_hosts_is_no_reason_to_stop(project: Path, call: Callable[..., str]) -> None:
    """Its variables may stand beside a group that this inventory does not have."""
    show = "- hosts: {hosts}\n  gather_facts: false\n  tasks: [debug: {{msg: '{{{{ unknown }}}}'}}]\n"
    for hosts, severity in (("db", "warning"), ("web", "error"), ("db:web", "error")):
        (project / "site.yml").write_text(show.format(hosts=hosts))
        found = json.loads(call(check.command, "site.yml", "-i", "hosts", "--json"))
        assert (found["severity"], found["message"]) == (
            severity,
            "the variable `unknown` is nowhere defined",
        )


def test_handlers_may_be_in_a_role_that_is_missing(project: Path, call: Callable[..., str]) -> None:
    tasks = "  tasks: [{ping: , notify: restart}]\n"
    (project / "site.yml").write_text(f"- hosts: all\n  roles: [absent]\n{tasks}")
    found = [
        json.loads(line) for line in call(check.command, "site.yml", "-i", "hosts", "--json").splitlines()
    ]
    assert {each["code"]: each["severity"] for each in found} == {"O8-1403": "error", "O8-1405": "warning"}


def test_hosts_that_are_no_pattern_are_told(project: Path, call: Callable[..., str]) -> None:
    for hosts, code in (("", "O8-1103"), ("{a: b}", "O8-1102"), ("3", "O8-1102")):
        (project / "site.yml").write_text(f"- hosts: {hosts}\n  tasks: [debug: {{msg: '{{{{ who }}}}'}}]\n")
        found = call(check.command, "site.yml", "-i", "hosts", "--json").splitlines()
        assert code in {json.loads(line)["code"] for line in found}


def test_words_of_the_past_become_those_of_today(project: Path, call: Callable[..., str]) -> None:
    old = """\
- include: more.yml
- hosts: all
  sudo: yes
  gather_facts: false
  tasks:
    - include: tasks.yml
    - include: "{{ book }}.yml"
      with_items: [tasks]
      vars: {book: "{{ item }}"}
    - ping:
      sudo_user: web
      register: out
    - ping:
      when: out|failed or not out | failed
"""
    today = """\
- import_playbook: more.yml
- hosts: all
  become: yes
  gather_facts: false
  tasks:
    - import_tasks: tasks.yml
    - include_tasks: "{{ book }}.yml"
      with_items: [tasks]
      vars: {book: "{{ item }}"}
    - ping:
      become_user: web
      register: out
    - ping:
      when: out is failed or not out is failed
"""
    (project / "site.yml").write_text(old)
    (project / "tasks.yml").write_text("- ping:\n")
    (project / "more.yml").write_text("- hosts: all\n  tasks: []\n")
    assert call(check.command, "site.yml", "-i", "hosts", "--fix") == "no mistakes found\n"
    assert (project / "site.yml").read_text() == today


def test_an_include_with_variables_in_its_text_is_left_to_its_author(
    project: Path, call: Callable[..., str]
) -> None:
    (project / "site.yml").write_text(old := "- hosts: all\n  tasks:\n    - include: tasks.yml user=web\n")
    assert "O8-1201" in call(check.command, "site.yml", "-i", "hosts", "--fix")
    assert (project / "site.yml").read_text() == old


def test_a_file_of_all_settings_reads_as_the_defaults(project: Path, call: Callable[..., str]) -> None:
    before = call(config.command, "dump", "--json")
    text = call(config.command, "init")
    (project / "ansible.cfg").write_text(text)
    after = {row["name"]: row["value"] for row in json.loads(call(config.command, "dump", "--json"))}
    assert after == {row["name"]: row["value"] for row in json.loads(before)}
    commented = call(config.command, "init", "--disabled")
    assert [line for line in commented.splitlines() if line[:1] not in ("", "#", ";", "[")] == []


def test_ansibles_names_of_settings(project: Path, call: Callable[..., str]) -> None:
    (project / "ansible.cfg").write_text("[defaults]\nforks = 9\nnocows = 1\n")
    file = project / "ansible.cfg"
    text = call(config.command, "dump", "--only-changed", "--compat")
    assert text == f"CONFIG_FILE() = {file}\nDEFAULT_FORKS({file}) = 9\n"
