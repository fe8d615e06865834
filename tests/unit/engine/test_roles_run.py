"""Which roles run on a host, what they see of each other, and what magic variables say of them."""

from __future__ import annotations

from typing import Any

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
