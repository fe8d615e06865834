"""Variables that say where a task is and what the run is about: as ansible-core has them in each place."""

from __future__ import annotations

from typing import Any

from orchestr8.core.event import TaskStarted
from orchestr8.report.wording import title

NAMES = "{{ role_name }} {{ ansible_parent_role_names | default('none') }}"
COLLECTION = "ansible_collection_name is none"


def test_a_role_that_others_need_has_no_parents_but_one_that_tasks_include_has(play: Any) -> None:
    ran = play(
        "[{hosts: all, roles: [top]}]",
        files={
            "roles/top/meta/main.yml": "dependencies: [needed]\n",
            "roles/top/tasks/main.yml": "- {include_role: {name: inner}}\n",
            "roles/needed/tasks/main.yml": f'- debug: {{msg: "{NAMES} {{{{ {COLLECTION} }}}}"}}\n',
            "roles/inner/meta/main.yml": "dependencies: [deep]\n",
            "roles/inner/tasks/main.yml": f'- debug: {{msg: "{NAMES}"}}\n',
            "roles/deep/tasks/main.yml": f'- debug: {{msg: "{NAMES}"}}\n',
        },
    )
    assert ran.msgs("one") == ["needed none True", "deep ['top']", "inner ['top']"]


def test_roles_that_were_included_are_among_the_plays_from_then_on(play: Any) -> None:
    names = "{{ ansible_play_role_names }} {{ role_names }}"
    ran = play(
        f"[{{hosts: all, tasks: [{{include_role: {{name: a}}}}, {{debug: {{msg: '{names}'}}}}]}}]",
        files={"roles/a/tasks/main.yml": f'- debug: {{msg: "{names}"}}\n'},
    )
    assert ran.msgs("one") == ["['a'] ['a']", "['a'] ['a']"]


def test_the_environment_is_known_layer_by_layer(play: Any) -> None:
    ran = play(
        """
        - hosts: all
          environment: {A: "{{ 1 + 1 }}"}
          tasks:
            - {debug: {msg: "{{ environment }}"}, environment: {B: b}}
        - hosts: all
          tasks: [{debug: {msg: "{{ environment }}"}}]
        """
    )
    assert ran.msgs("one") == [[{"A": 2}, {"B": "b"}], []]


def test_other_hosts_know_what_the_run_is_about_but_not_the_play(play: Any) -> None:
    asked = (
        "playbook_dir",
        "ansible_version",
        "ansible_check_mode",
        "ansible_play_hosts",
        "ansible_play_name",
    )
    text = "{{ [" + ", ".join(f"hostvars.two.{name} is defined" for name in asked) + "] }}"
    ran = play(f"[{{hosts: one, tasks: [{{debug: {{msg: '{text}'}}}}]}}]", hosts=["one", "two"])
    assert ran.msgs("one") == [[True, True, True, False, False]]


def test_tasks_without_names_are_called_as_they_are_written(play: Any) -> None:
    ran = play(
        """
        - hosts: all
          roles: [a]
          tasks:
            - ansible.builtin.debug:
            - {name: named, ansible.builtin.debug: }
            - {action: ansible.builtin.debug msg=x}
        """,
        files={
            "roles/a/tasks/main.yml": "[{ansible.builtin.debug: }, {include_role: {name: b}}, "
            "{name: own, ansible.builtin.include_role: {name: b}}]\n",
            "roles/b/tasks/main.yml": "[]\n",
        },
    )
    titles = [title(event) for event in ran.events if isinstance(event, TaskStarted)]
    assert titles == [
        "a : ansible.builtin.debug", "include_role : b", "own", "ansible.builtin.debug", "named",
        "ansible.builtin.debug",
    ]  # fmt: skip
