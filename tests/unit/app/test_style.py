"""What `o8 check --style` tells of, and how --fix writes it."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from orchestr8.app.catalog import Actions, catalog
from orchestr8.app.request import RunRequest
from orchestr8.app.style import edited, read_style
from orchestr8.cli.main import cli
from orchestr8.language.load import Loader
from orchestr8.language.style import Edit
from orchestr8.language.walking import tasks_of

OLD = """\
---
# top
- hosts: all   # keep
  become: yes
  tasks:
    - name: one
      copy: content=a dest="/tmp/b c" mode=0644 backup=yes   # why
      when: x is defined

    - file: path=/tmp/{{ item }} state=directory
      with_items:
        - a
        - b   # second
    - debug: {msg: "{{ item.key }}"}
      with_dict: "{{ things }}"
      vars: {things: {a: 1}}
    - block:
        - ufw: {state: enabled}
      rescue:
        - shell: |
            echo yes
    - name: two
      command: echo a chdir=/tmp
      changed_when: False
    - name: three
      debug: msg={{ item }}
      with_nested: [[1], [2]]
  handlers:
    - {name: r, service: name=x state=restarted}
"""
NEW = """\
---
# top
- hosts: all   # keep
  become: true
  tasks:
    - name: one
      ansible.builtin.copy:
        content: a
        dest: /tmp/b c
        mode: '0644'
        backup: 'yes'   # why
      when: x is defined

    - ansible.builtin.file:
        path: /tmp/{{ item }}
        state: directory
      loop:
        - a
        - b   # second
    - ansible.builtin.debug: {msg: "{{ item.key }}"}
      loop: "{{ things | dict2items }}"
      vars: {things: {a: 1}}
    - block:
        - community.general.ufw: {state: enabled}
      rescue:
        - ansible.builtin.shell: |
            echo yes
    - name: two
      ansible.builtin.command: echo a chdir=/tmp
      changed_when: false
    - name: three
      ansible.builtin.debug:
        msg: '{{ item }}'
      with_nested: [[1], [2]]
  handlers:
    - {name: r, ansible.builtin.service: name=x state=restarted}
"""


@pytest.fixture
def book(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "site.yml"
    path.write_text(OLD)
    return path


def read() -> list[tuple[object, ...]]:
    """Return what a run takes of the tasks."""
    found, mistakes = Loader(catalog(Actions())).survey(["site.yml"])
    assert [each for each in mistakes if each.severity == "error"] == []
    tasks = [task for play in found.plays for task, _ in tasks_of(play, found.foreseen)]
    return [(t.action, dict(t.args), t.free_form, t.keywords.when, t.changed_when) for t in tasks]


def test_old_ways_are_written_as_today_and_mean_the_same(book: Path) -> None:
    before = read()
    ran = CliRunner().invoke(cli, ["check", "site.yml", "--style", "--fix", "--json"], standalone_mode=False)
    assert book.read_text() == NEW
    assert read() == before
    assert {code for code in ("O8-1904", "O8-1905") if code in ran.output} == {"O8-1904", "O8-1905"}
    assert "O8-1901" not in [line for line in ran.output.splitlines() if line.startswith("{")][-1]


def test_style_is_told_only_when_asked_for(book: Path) -> None:
    plain = CliRunner().invoke(cli, ["check", "site.yml"], standalone_mode=False)
    assert "O8-19" not in plain.output
    asked = CliRunner().invoke(cli, ["check", "site.yml", "--style"], standalone_mode=False)
    for code in ("O8-1901", "O8-1902", "O8-1903", "O8-1904", "O8-1905"):
        assert code in asked.output
    assert book.read_text() == OLD


def test_files_of_others_are_left_alone(book: Path) -> None:
    foreign = book.parent / "ansible_collections/a/b/roles/r/tasks/main.yml"
    foreign.parent.mkdir(parents=True)
    foreign.write_text("- ping:\n")
    book.write_text(f"- hosts: all\n  roles: [{foreign.parent.parent}]\n")
    assert read_style(RunRequest(playbooks=("site.yml",))).findings() == []


def test_of_edits_within_each_other_the_outer_one_is_made() -> None:
    assert edited("abcdef", [Edit(1, 5, "X"), Edit(2, 3, "y"), Edit(0, 1, "z")]) == "zXf"
