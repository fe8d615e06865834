"""Which hosts and tasks a run takes: inventories, patterns, limits, tags, variables; no host is contacted."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.command_line import CommandLine, Ran

INI = """
mail.example.org
[web]
web[01:03].example.org
[db]
db-[a:c] role=primary
db-b role=replica
[prod:children]
web
db
[prod:vars]
stage=prod
size=big
[web:vars]
size=small
"""
YAML = """
all:
  hosts:
    mail.example.org:
  children:
    prod:
      vars: {stage: prod, size: big}
      children:
        web:
          hosts: {"web[01:03].example.org": {}}
          vars: {size: small}
        db:
          hosts:
            "db-[a:c]": {role: primary}
            db-b: {role: replica}
"""
PLAY = """
- name: One
  hosts: all
  gather_facts: false
  vars: {word: play, where: play}
  tasks:
    - name: Word
      debug: {msg: "{{ inventory_hostname }} {{ word }} {{ where }}"}
    - {name: Config, debug: {msg: config}, tags: [config]}
    - {name: Always, debug: {msg: always}, tags: always}
    - {name: Never, debug: {msg: never}, tags: [never, debugging]}
- name: Two
  hosts: db
  gather_facts: false
  tags: [second]
  tasks:
    - {name: Late, debug: {msg: "{{ role | default('none') }} {{ size | default('none') }}"}, tags: config}
"""


@pytest.fixture
def o8(tmp_path: Path) -> CommandLine:
    line = CommandLine(tmp_path)
    line.write("hosts.ini", INI)
    line.write("hosts.yml", YAML)
    line.write("site.yml", PLAY)
    return line


def run(o8: CommandLine, *args: str, source: str = "hosts.ini") -> Ran:
    return o8("run", "site.yml", "-i", source, *args)


def tasks(ran: Ran) -> list[str]:
    return [line.split("[")[1].split("]")[0] for line in ran.out.splitlines() if line.startswith("TASK [")]


def test_ini_and_yaml_say_the_same(o8: CommandLine) -> None:
    lists = [json.loads(o8("inventory", "-i", name).out) for name in ("hosts.ini", "hosts.yml")]
    assert lists[0] == lists[1]
    assert lists[0]["_meta"]["hostvars"]["db-b"] == {"role": "replica", "size": "big", "stage": "prod"}
    assert lists[0]["_meta"]["hostvars"]["web02.example.org"]["size"] == "small"
    runs = [run(o8, "--json", source=name) for name in ("hosts.ini", "hosts.yml")]
    tallies = [ran.events()[-1]["tallies"] for ran in runs]
    assert tallies[0] == tallies[1]
    assert len(tallies[0]) == 7


@pytest.mark.parametrize(
    ("limit", "hosts"),
    [
        ("web", ["web01.example.org", "web02.example.org", "web03.example.org"]),
        ("prod:!web", ["db-a", "db-b", "db-c"]),
        ("prod:&db:!db-a", ["db-b", "db-c"]),
        ("db-*,mail*", ["db-a", "db-b", "db-c", "mail.example.org"]),
        ("~web0[12]", ["web01.example.org", "web02.example.org"]),
        ("web[0:1]", ["web01.example.org", "web02.example.org"]),
        ("@only.txt", ["db-c"]),
    ],
)
def test_limit_takes_every_form_of_pattern(o8: CommandLine, limit: str, hosts: list[str]) -> None:
    o8.write("only.txt", "db-c\n")
    ran = run(o8, "-l", limit, "--json")
    assert ran.code == 0, ran.text
    assert sorted(ran.events()[-1]["tallies"]) == hosts


def test_a_limit_that_matches_nothing_is_a_mistake(o8: CommandLine) -> None:
    ran = run(o8, "-l", "wbe")
    assert ran.code == 1, ran.text
    assert "`wbe` leaves no host" in ran.text
    assert "did you mean `web`?" in ran.text


def test_several_sources_and_a_list_of_hosts(o8: CommandLine) -> None:
    o8.write("more.ini", "[db]\ndb-z\n")
    ran = o8("run", "site.yml", "-i", "hosts.ini", "-i", "more.ini", "-i", "x,y,", "-l", "db-z,x", "--json")
    assert ran.code == 0, ran.text
    assert sorted(ran.events()[-1]["tallies"]) == ["db-z", "x"]
    folder = o8("run", "site.yml", "-i", "nowhere.ini")
    assert folder.code == 1
    assert "nowhere.ini" in folder.text


@pytest.mark.parametrize(
    ("args", "names"),
    [
        ((), ["Word", "Config", "Always", "Late"]),
        (("--tags", "config"), ["Config", "Always", "Late"]),
        (("-t", "second"), ["Always", "Late"]),
        (("--skip-tags", "config"), ["Word", "Always"]),
        (("--skip-tags", "always,second"), ["Word", "Config"]),
        (("-t", "debugging"), ["Always", "Never"]),
        (("-t", "untagged"), ["Word", "Always"]),
        (("-t", "tagged", "--skip-tags", "second"), ["Config", "Always"]),
        (("--start-at-task", "Alw*"), ["Always", "Late"]),
        (("--start-at-task", "Late"), ["Late"]),
    ],
)
def test_tags_and_the_task_to_start_at(o8: CommandLine, args: tuple[str, ...], names: list[str]) -> None:
    ran = run(o8, *args)
    assert ran.code == 0, ran.text
    assert tasks(ran) == names


def test_a_task_to_start_at_that_is_not_there_is_a_mistake(o8: CommandLine) -> None:
    ran = run(o8, "--start-at-task", "Nothing")
    assert ran.code == 1, ran.text
    assert "no task is called `Nothing`" in ran.text


@pytest.mark.parametrize(
    ("args", "words"),
    [
        (("-e", "word=one"), "one play"),
        (("-e", "word='two words' where=here"), "two words here"),
        (("-e", '{"word": "json", "where": [1]}'), "json [1]"),
        (("-e", "@vars.yml"), "file yaml"),
        (("-e", "@vars.yml", "-e", "word=later"), "later yaml"),
    ],
)
def test_extra_variables_in_every_form(o8: CommandLine, args: tuple[str, ...], words: str) -> None:
    o8.write("vars.yml", "word: file\nwhere: yaml\n")
    ran = run(o8, "-l", "mail.example.org", *args)
    assert ran.code == 0, ran.text
    assert f'"msg": "mail.example.org {words}"' in ran.out


@pytest.mark.parametrize("wrong", ["word", "@nowhere.yml", "[1, 2]", "'unbalanced"])
def test_wrong_extra_variables_are_a_mistake(o8: CommandLine, wrong: str) -> None:
    ran = run(o8, "-e", wrong)
    assert ran.code == 1, ran.text
    assert ran.err.startswith("error[O8-")
    assert "Traceback" not in ran.text


def test_lists_contact_nobody(o8: CommandLine) -> None:
    hosts = "    hosts (3):\n      db-a\n      db-b\n      db-c\n"
    assert run(o8, "--list-hosts", "-l", "db").out == (
        "\nplaybook: site.yml\n"
        f"\n  play #1 (all): One\tTAGS: []\n    pattern: ['all']\n{hosts}"
        f"\n  play #2 (db): Two\tTAGS: [second]\n    pattern: ['db']\n{hosts}"
    )
    assert run(o8, "--list-tasks", "-t", "config").out == (
        "\nplaybook: site.yml\n"
        "\n  play #1 (all): One\tTAGS: []\n    tasks:\n"
        "      Config\tTAGS: [config]\n      Always\tTAGS: [always]\n"
        "\n  play #2 (db): Two\tTAGS: [second]\n    tasks:\n      Late\tTAGS: [config, second]\n"
    )
    assert "      TASK TAGS: [always, config, debugging, never]\n" in run(o8, "--list-tags").out
    assert run(o8, "--syntax-check").out == "\nplaybook: site.yml\n"


def test_tasks_of_one_host_that_need_nothing_of_each_other_run_together(o8: CommandLine) -> None:
    o8.write(
        "site.yml",
        "- hosts: x\n  gather_facts: false\n  strategy: dag\n  connection: local\n  tasks:\n"
        "    - {name: A, command: sleep 1.0}\n"
        "    - {name: B, command: sleep 1.0}\n"
        "    - {name: C, command: /bin/true, needs: [A, B]}\n",
    )
    ran = o8("run", "site.yml", "-i", "x,", "-e", "ansible_python_interpreter=/usr/bin/python3")
    assert ran.code == 0, ran.text
    assert ran.recap()["x"]["ok"] == 3


@pytest.mark.parametrize(
    "verb", ["run", "check", "graph", "exec", "inventory", "status", "history", "rollback"]
)
def test_every_verb_helps_with_examples(o8: CommandLine, verb: str) -> None:
    ran = o8(verb, "--help")
    assert ran.code == 0, ran.text
    assert f"Usage: o8 {verb}" in ran.out
    assert "Examples:" in ran.out
    assert f"  o8 {verb} " in ran.out
    wrong = o8(verb, "--no-such-option")
    assert wrong.code == 1
    assert "No such option" in wrong.err
    assert "Traceback" not in wrong.err


def test_a_wrong_verb_and_no_verb(o8: CommandLine) -> None:
    wrong = o8("rnu")
    assert wrong.code == 1
    assert "did you mean `run`?" in wrong.err
    assert "Verbs" in o8("--help").out
    assert o8("--version").out.startswith("orchestr8")
