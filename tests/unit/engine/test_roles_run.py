"""Which roles run on a host, what they see of each other, and what magic variables say of them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from orchestr8.core.errors import InvalidInput
from orchestr8.core.event import DEBUG, Remarked
from orchestr8.engine.ports import Request

SAY = "- {name: said, debug: {msg: done}}\n"


def test_a_role_runs_once_after_it_did_something(play: Any) -> None:
    ran = play(
        """
        - hosts: all
          roles:
            - {role: a, when: ready is defined}
            - b
            - {role: a, when: ready is defined}
            - {role: a, when: ready is defined}
        """,
        files={"roles/a/tasks/main.yml": SAY, "roles/b/tasks/main.yml": "- set_fact: {ready: 1}\n"},
    )
    assert ran.ends("one") == ["said skipped", "set_fact ok", "said ok"]


def test_a_role_that_failed_for_one_host_runs_for_the_others(play: Any) -> None:
    ran = play(
        """
        - hosts: all
          ignore_errors: true
          roles: [a, b, a, a]
        """,
        files={
            "roles/a/tasks/main.yml": "- {name: said, debug: , failed_when: x is undefined, run_once: 1}\n",
            "roles/b/tasks/main.yml": "- set_fact: {x: 1}\n",
        },
        hosts=["one", "two"],
    )
    assert ran.ends() == ["said one failed ignored", "set_fact one ok", "set_fact two ok", "said two ok"]


def test_roles_see_variables_of_what_they_depend_on_before_those_of_their_parents(play: Any) -> None:
    ran = play(
        """
        - hosts: all
          roles: [top]
        """,
        files={
            "roles/top/meta/main.yml": "dependencies: [middle]\n",
            "roles/top/vars/main.yml": "x: parent\n",
            "roles/top/tasks/main.yml": "- debug: {msg: '{{ x }} {{ ansible_dependent_role_names }}'}\n",
            "roles/middle/meta/main.yml": "dependencies: [low]\n",
            "roles/middle/tasks/main.yml": "- debug: {msg: '{{ x }} {{ ansible_play_role_names }}'}\n",
            "roles/low/vars/main.yml": "x: dependency\n",
        },
    )
    assert ran.msgs("one") == ["dependency ['top']", "parent ['low', 'middle']"]


def test_variables_are_found_by_names_worked_out(play: Any) -> None:
    ran = play(
        """
        - hosts: all
          vars: {a_x: "{{ b }}1", b: q, n: x}
          tasks:
            - debug: {msg: "{{ vars['a_' ~ n] }} {{ 'none' in vars }} {{ vars.get('none', 'no') }}"}
            - {debug: {msg: "{{ vars[n] }}"}, ignore_errors: true}
        """
    )
    assert ran.msgs("one")[0] == "q1 False no"
    assert ran.ends("one")[1] == "debug failed ignored"


COLLECTION = "collections/ansible_collections/ns/col/roles"


def test_roles_of_collections_beside_the_playbook(play: Any) -> None:
    ran = play(
        """
        - hosts: all
          roles: [{role: ns.col.web}]
          tasks:
            - {command: x, notify: ['web : topic', 'ns.col.web : reload', 'ns.col.web : topic']}
        """,
        files={
            f"{COLLECTION}/web/meta/main.yml": "dependencies: [base]\n",
            f"{COLLECTION}/web/tasks/main.yml": "- debug: {msg: '{{ role_name }} {{ ansible_role_name }}'}\n",
            f"{COLLECTION}/web/handlers/main.yml": (
                "- {name: reload, debug: {msg: reloaded}}\n- {name: b, listen: topic, debug: {msg: heard}}\n"
            ),
            f"{COLLECTION}/base/tasks/main.yml": "- debug: {msg: '{{ ansible_role_name }}'}\n",
        },
    )
    assert ran.msgs("one") == ["ns.col.base", "web ns.col.web", "reloaded", "heard"]


@pytest.mark.parametrize("how", ["include_role", "import_role"])
def test_roles_of_the_collections_that_are_listed(play: Any, how: str) -> None:
    ran = play(
        f"""
        - hosts: all
          collections: [no.such, ns.col]
          tasks:
            - {how}: {{name: web}}
        - hosts: all
          tasks:
            - {{{how}: {{name: base}}, collections: [ns.col]}}
            - {{{how}: {{name: inner}}, collections: [ns.col]}}
            - {{{how}: {{name: other}}}}
        """,
        files={
            f"{COLLECTION}/web/tasks/main.yml": "- debug: {msg: '{{ ansible_role_name }}'}\n",
            "roles/web/tasks/main.yml": "- debug: {msg: not this}\n",
            f"{COLLECTION}/base/tasks/main.yml": "- include_role: {name: inner}\n",
            f"{COLLECTION}/inner/tasks/main.yml": "- debug: {msg: of the collection}\n",
            "roles/other/meta/main.yml": "collections: [ns.col]\n",
            "roles/other/tasks/main.yml": "- include_role: {name: inner}\n",
            "roles/inner/tasks/main.yml": "- debug: {msg: not of a collection}\n",
        },
    )
    inside = "of the collection"
    assert ran.msgs("one") == ["ns.col.web", inside, inside, inside]


def test_of_handlers_with_one_name_counts_the_first_of_the_play(play: Any) -> None:
    ran = play(
        """
        - hosts: all
          roles: [web]
          tasks:
            - {command: x, notify: reload}
          handlers:
            - {name: reload, debug: {msg: first}}
            - {name: reload, debug: {msg: second}}
            - {name: other, listen: reload, debug: {msg: heard}}
            - {name: other, listen: reload, debug: {msg: not again}}
        """,
        files={"roles/web/handlers/main.yml": "- {name: reload, debug: {msg: of the role}}\n"},
    )
    assert ran.msgs("one") == ["first", "heard"]


def test_a_role_that_ended_counts_as_run_and_keeps_its_handlers(play: Any) -> None:
    ran = play(
        """
        - hosts: all
          roles: [a]
          tasks:
            - include_role: {name: a, allow_duplicates: false}
        """,
        files={
            "roles/a/tasks/main.yml": (
                "- {command: x, notify: told}\n- meta: end_role\n- debug: {msg: not here}\n"
            ),
            "roles/a/handlers/main.yml": "- {name: told, debug: {msg: told}}\n",
        },
    )
    assert ran.msgs("one") == ["told"]
    assert [line.split()[0] for line in ran.ends("one")].count("command") == 1


@pytest.mark.parametrize(
    ("play_text", "said"),
    [
        ("tasks: [{meta: end_role}]", "Cannot execute 'end_role' from outside of a role"),
        ("handlers: [{name: x, meta: end_role}]", "Cannot execute 'end_role' from a handler"),
    ],
)
def test_roles_end_from_within_only(play: Any, play_text: str, said: str) -> None:
    with pytest.raises(InvalidInput, match=said):
        play(f"- hosts: all\n  {play_text}\n")


@pytest.mark.parametrize(
    ("private", "seen"), [(None, "1 0"), (True, "0 0"), (False, "1 1")], ids=["usual", "private", "public"]
)
def test_who_sees_variables_of_roles(play: Any, private: bool | None, seen: str) -> None:
    ran = play(
        """
        - hosts: all
          tasks:
            - import_role: {name: a}
            - include_role: {name: b}
            - debug: {msg: "{{ a | default(0) }} {{ b | default(0) }}"}
        """,
        files={"roles/a/vars/main.yml": "a: 1\n", "roles/b/vars/main.yml": "b: 1\n"},
        private_roles=private,
    )
    assert ran.msgs("one") == [seen]


def test_the_inventory_is_read_again_and_keeps_what_the_run_added(play: Any, tmp_path: Path) -> None:
    def write(_request: Request) -> dict[str, Any]:
        (tmp_path / "hosts").write_text("two\nthree x=3\n")
        return {"changed": True}

    ran = play(
        """
        - hosts: all
          tasks:
            - {add_host: {name: added, groups: [extra]}, run_once: true}
            - {command: x, run_once: true}
            - meta: refresh_inventory
            - {debug: {msg: "{{ groups.all | sort }} {{ groups.extra }} {{ hostvars.three.x }}"}}
        - hosts: two:three
          tasks: [{debug: {msg: there}}]
        """,
        hosts={"one": {"command": write}, "two": {}, "three": {}},
        inventory="one\ntwo\n",
    )
    assert ran.msgs("one") == ["['added', 'three', 'two'] ['added'] 3"]
    assert ran.msgs("three") == ["there"]


def test_an_inventory_that_cannot_be_read_again_fails_the_task(play: Any, tmp_path: Path) -> None:
    def spoil(_request: Request) -> dict[str, Any]:
        (tmp_path / "hosts").write_text("[a\n")
        return {"changed": True}

    ran = play(
        """
        - hosts: all
          tasks: [{command: x}, {meta: refresh_inventory}, {debug: {msg: not here}}]
        """,
        hosts={"one": {"command": spoil}},
    )
    assert ran.msgs("one")[-1] != "not here"
    assert ran.tally("one")["failed"] == 1


def test_handlers_of_an_included_role_see_what_the_roles_around_it_define(play: Any) -> None:
    ran = play(
        """
        - hosts: all
          tasks:
            - include_role: {name: outer}
        """,
        files={
            "roles/outer/defaults/main.yml": "word: from outer\n",
            "roles/outer/tasks/main.yml": "- include_role: {name: inner}\n",
            "roles/inner/tasks/main.yml": "- {name: change, command: make, notify: tell}\n",
            "roles/inner/handlers/main.yml": "- {name: tell, debug: {msg: '{{ word }}'}}\n",
        },
    )
    assert ran.last("tell", "one")["msg"] == "from outer"


def test_running_handlers_is_remarked_on(play: Any) -> None:
    ran = play(
        """
        - hosts: all
          tasks:
            - {command: make, notify: [tell, more]}
            - {meta: flush_handlers}
            - {command: make, notify: tell}
          handlers:
            - {name: tell, debug: }
            - {name: more, debug: }
        """,
        hosts=["one", "two"],
    )
    said = [(each.message, each.level) for each in ran.events if isinstance(each, Remarked)]
    text = "META: triggered running handlers for"
    assert said == [(f"{text} {host}", level) for level in (2, DEBUG) for host in ("one", "two")]


def test_a_role_may_name_its_files_of_tasks_from_its_own_folder(play: Any) -> None:
    ran = play(
        "- {hosts: all, gather_facts: false, roles: [r]}",
        files={
            "roles/r/tasks/main.yml": "- include_tasks: tasks/more.yml\n- import_tasks: tasks/more.yml\n",
            "roles/r/tasks/more.yml": "- debug: {msg: more}\n",
        },
    )
    assert ran.msgs("one") == ["more", "more"]
