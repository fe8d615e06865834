"""The command's ends: exit codes, words for mistakes, help, colours."""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from orchestr8.cli.family import Family
from orchestr8.cli.main import VERBS, _run, cli
from orchestr8.cli.options import colours


@pytest.fixture
def o8(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path):
    monkeypatch.chdir(tmp_path)

    def run(*args: str) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["o8", *args])
        code = _run()
        out, err = capsys.readouterr()
        return code, out, err

    before = os.umask(0o022)
    yield run
    os.umask(before)


@pytest.mark.parametrize("verb", VERBS)
def test_every_verb_has_help_with_examples_that_name_it(o8, verb: str) -> None:
    code, out, _ = o8(verb, "--help")
    assert code == 0
    assert "Examples:" in out
    assert f"  o8 {verb} " in out


@pytest.mark.parametrize("family", ["lock", "vault"])
def test_every_verb_of_a_family_has_examples_too(o8, family: str) -> None:
    command = cli.get_command(click.Context(cli), family)
    assert isinstance(command, Family)
    for word in command.commands:
        code, out, _ = o8(family, word, "--help")
        assert code == 0
        assert f"Examples:\n    o8 {family} {word} " in out


def test_a_mistyped_verb_of_a_family_is_told_with_the_nearest(o8) -> None:
    code, _, err = o8("vault", "encypt", "x")
    assert code == 1
    assert "there is no `o8 vault encypt`; did you mean `encrypt`?" in err


@pytest.mark.parametrize(
    "args", [("run", "--no-such-option"), ("nothing",), ("run",), ("run", "-f", "0", "x")]
)
def test_wrong_usage_is_invalid_input(o8, args: tuple[str, ...]) -> None:
    code, out, err = o8(*args)
    assert code == 1
    assert out == ""
    assert "Error: " in err


def test_a_missing_playbook_and_inventory_are_told_together(o8) -> None:
    code, _, err = o8("run", "nowhere.yml", "-i", "nothing.ini")
    assert code == 1
    assert "nowhere.yml" in err
    assert "nothing.ini" in err
    assert "2 errors" in err


def test_a_run_over_nothing_converges(o8, tmp_path: Path) -> None:
    (tmp_path / "site.yml").write_text("- hosts: x\n  gather_facts: false\n  tasks: [{debug: {msg: hi}}]\n")
    code, out, _ = o8("run", "site.yml", "-i", "x,", "--plain")
    assert code == 0
    assert '"msg": "hi"' in out
    code, out, _ = o8("run", "site.yml", "-i", "x,", "--syntax-check")
    assert (code, out) == (0, "\nplaybook: site.yml\n")


TWICE = "- hosts: x\n  gather_facts: false\n  vars:\n    foo: bar\n    foo: baz\n"


@pytest.mark.parametrize(
    ("how", "code", "said"), [("warn", 0, True), ("error", 4, True), ("ignore", 0, False)]
)
def test_a_key_that_stands_twice_is_taken_as_the_settings_say(
    o8, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, how: str, code: int, said: bool
) -> None:
    (tmp_path / "site.yml").write_text(TWICE)
    monkeypatch.setenv("ANSIBLE_DUPLICATE_YAML_DICT_KEY", how)
    ended, _, err = o8("run", "site.yml", "-i", "x,", "--plain")
    assert (ended, "Found duplicate mapping key 'foo'" in err) == (code, said)


def test_as_ansible_playbook_a_file_that_cannot_be_understood_ends_with_4(
    o8, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "site.yml").write_text(TWICE)
    monkeypatch.setenv("ANSIBLE_DUPLICATE_YAML_DICT_KEY", "error")
    for words in (("compat", "ansible-playbook"), ("run", "--plain")):
        code, _, err = o8(*words, "site.yml", "-i", "x,")
        assert (code, "[ERROR]: Found duplicate mapping key 'foo'" in err) == (4, True)
        assert o8(*words, "nowhere.yml", "-i", "x,")[0] == 1
        assert o8(*words, "site.yml", "-i", "x,", "-e", "x")[0] == 5
    assert o8("run", "site.yml", "-i", "x,")[0] == 1


def test_mistakes_are_headed_as_ansible_heads_them_where_it_is_stood_in_for(o8) -> None:
    code, _, err = o8("compat", "ansible", "localhost", "-m", "meta", "-a", "end_role")
    assert (code, err.splitlines()[0]) == (4, "[ERROR]: Cannot execute 'end_role' from outside of a role")
    assert " = O8-1105" in err


def test_a_setting_of_how_severe_something_is_knows_its_words(o8, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ANSIBLE_DUPLICATE_YAML_DICT_KEY", "loud")
    code, _, err = o8("run", "site.yml", "-i", "x,")
    assert code == 1
    assert "ANSIBLE_DUPLICATE_YAML_DICT_KEY has to be error, warn or ignore, not `loud`" in err


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(
    ("env", "terminal", "coloured"),
    [
        ({}, True, True),
        ({}, False, False),
        ({"NO_COLOR": "1"}, True, False),
        ({"NO_COLOR": ""}, True, True),
        ({"TERM": "dumb"}, True, False),
        ({"FORCE_COLOR": "1"}, False, True),
        ({"FORCE_COLOR": "1", "NO_COLOR": "1"}, True, False),
    ],
)
def test_when_output_is_coloured(
    monkeypatch: pytest.MonkeyPatch, env: dict[str, str], terminal: bool, coloured: bool
) -> None:
    for name in ("NO_COLOR", "FORCE_COLOR", "CLICOLOR_FORCE", "TERM"):
        monkeypatch.delenv(name, raising=False)
    for name, value in env.items():
        monkeypatch.setenv(name, value)
    assert colours(Terminal() if terminal else io.StringIO()) is coloured


def test_tags_that_are_templates_are_listed_as_what_they_are_worth(o8, tmp_path: Path) -> None:
    text = (
        "[{hosts: all, vars: {t: [b, a]}, tasks: [{debug: , tags: '{{ t }}'}, {debug: , tags: '{{ u }}'}]}]"
    )
    (tmp_path / "site.yml").write_text(text)
    _, out, _ = o8("run", "site.yml", "-i", "x,", "--list-tasks")
    assert [line.strip() for line in out.splitlines()[-2:]] == [
        "debug\tTAGS: [a, b]",
        "debug\tTAGS: [{{ u }}]",
    ]
    _, out, _ = o8("run", "site.yml", "-i", "x,", "--list-tasks", "-t", "b")
    assert [line.strip() for line in out.splitlines()[-2:]] == ["tasks:", "debug\tTAGS: [a, b]"]


def test_tasks_are_listed_as_by_ansible(o8, tmp_path: Path) -> None:
    (tmp_path / "roles/r/tasks").mkdir(parents=True)
    (tmp_path / "roles/i/tasks").mkdir(parents=True)
    (tmp_path / "roles/i/tasks/main.yml").write_text("[{ansible.builtin.debug: {msg: '{{ nobody_knows }}'}}]")
    (tmp_path / "roles/r/tasks/main.yml").write_text(
        "- {name: named, debug: }\n"
        "- {debug: }\n"
        "- {name: in, include_role: {name: i}}\n"
        "- {name: im, import_role: {name: i}}\n"
        "- block: [{name: body, debug: }]\n"
        "  rescue: [{name: saved, debug: , tags: never_listed}]\n"
        "  always: [{block: [{name: after, copy: {src: nowhere, dest: /x}}]}]\n"
    )
    (tmp_path / "site.yml").write_text("[{hosts: all, roles: [r]}]")
    code, out, err = o8("run", "site.yml", "-i", "x,", "--list-tasks")
    assert code == 0, err
    tasks = [line.strip().partition("\t")[0] for line in out.splitlines()[4:]]
    assert tasks == ["tasks:", "r : named", "debug", "in", "ansible.builtin.debug", "r : body"], out
    assert "never_listed" not in o8("run", "site.yml", "-i", "x,", "--list-tags")[1]


@pytest.fixture
def own_umask() -> Iterator[None]:
    """Whatever a command of a process of its own does to new files' modes is undone."""
    before = os.umask(0o022)
    yield
    os.umask(before)


def test_ansible_vault_tells_a_wrong_option_from_other_failures(o8, own_umask: None, tmp_path: Path) -> None:
    for name in ("one", "two", "plain"):
        (tmp_path / name).write_text("text\n")
    options = ("--vault-id", "one", "--vault-id", "two")
    assert o8("compat", "ansible-vault", "encrypt", *options, "plain")[0] == 5
    assert o8("compat", "ansible-vault", "decrypt", "--vault-id", "one", "plain")[0] == 1
    assert o8("compat", "ansible-vault", "view", "nowhere")[0] == 1


@pytest.mark.parametrize(
    ("line", "said", "place"),
    [
        ("placement: {hosts: nosuch}", "`placement.hosts: nosuch` selects no host", "6:18"),
        ('environment: {A: "{{ nope.x }}"}', "'nope' is undefined", "6:28"),
        ("replicas: \"{{ 'many' }}\"", "needs a whole number", "6:18"),
        ("secrets: [nope]", "no variable `nope`", "6:17"),
    ],
)
def test_what_is_wrong_in_a_rendered_service_names_its_place(
    o8, tmp_path: Path, line: str, said: str, place: str
) -> None:
    play = f"- hosts: x\n  gather_facts: false\n  services:\n    web:\n      image: a\n      {line}\n"
    (tmp_path / "site.yml").write_text(play)
    code, out, err = o8("plan", "site.yml", "-i", "x,")
    assert code == 1
    assert said in out + err
    assert f"at site.yml:{place}" in out + err


@pytest.mark.parametrize(
    ("tasks", "image", "code"),
    [
        ("debug: {msg: hi}", "app:{{ nope }}", 1),
        ("debug: {msg: hi}", "app:{{ 5 }}", 1),
        ("command: 'true'", "app:{{ nope }}", 2),
    ],
)
def test_services_written_wrongly_are_invalid_input_as_long_as_nothing_was_touched(
    o8, tmp_path: Path, tasks: str, image: str, code: int
) -> None:
    play = f"- hosts: x\n  gather_facts: false\n  tasks: [{{{tasks}}}]\n"
    services = f"  services: {{app: {{image: '{image}', mode: '{{{{ 7 }}}}'}}}}\n"
    (tmp_path / "site.yml").write_text(play + services)
    ended, out, _ = o8("run", "site.yml", "-i", "x,", "-c", "local", "--plain", "-e", "o8_project=shop")
    assert ended == code, out
