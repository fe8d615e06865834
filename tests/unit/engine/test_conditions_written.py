"""Conditions that tasks evaluate themselves: what the user wrote is one, what came from elsewhere is not."""

from __future__ import annotations

from typing import Any

import pytest


def test_an_assertion_may_hold_braces_and_templates_in_its_texts(play: Any) -> None:
    ran = play(
        """
        - hosts: all
          tasks:
            - name: braces
              assert: {that: ["{'a': 1} | length == 1", "\\"{{ 'hi' }}\\" == 'hi'"]}
            - name: one text
              assert:
                that: |
                  "{{ 'hi' }}" == "hi"
        """
    )
    assert ran.ends("one") == ["braces ok", "one text ok"]


def test_a_template_gives_a_list_of_conditions_each_with_its_own_trust(play: Any) -> None:
    ran = play(
        """
        - hosts: all
          vars:
            mine: [true, "1 == 1", "{{ 2 == 2 }}"]
            theirs: [true, !unsafe "1 == 1"]
          tasks:
            - {name: mine, assert: {that: "{{ mine }}"}}
            - {name: theirs, assert: {that: "{{ theirs }}"}, ignore_errors: true}
        """
    )
    assert ran.ends("one") == ["mine ok", "theirs failed ignored"]
    assert "untrusted" in ran.last("theirs", "one")["msg"]


def test_failed_when_outweighs_an_until_that_was_never_met(play: Any) -> None:
    ran = play(
        """
        - hosts: all
          tasks:
            - {name: spared, debug: , until: 1 == 0, retries: 2, failed_when: 1 == 0, loop: [1, 2]}
            - {name: failed, debug: , until: 1 == 0, retries: 2, loop: [1, 2]}
        """
    )
    assert ran.ends("one") == ["spared ok", "failed failed"]


def test_files_of_variables_are_chosen_for_each_host(play: Any) -> None:
    ran = play(
        """
        - hosts: all
          gather_facts: false
          vars: {found: ["{{ kind }}.yml", common.yml]}
          vars_files:
            - base.yml
            - "{{ lookup('first_found', found) }}"
          tasks:
            - {debug: {msg: "{{ x }} {{ y | default('none') }}"}}
        """,
        inventory="one kind=special\ntwo kind=usual\n",
        hosts=["one", "two"],
        files={"base.yml": "y: 0\n", "special.yml": "x: 1\ny: 1\n", "common.yml": "x: 2\n"},
    )
    assert (ran.msgs("one"), ran.msgs("two")) == (["1 1"], ["2 0"])


@pytest.mark.parametrize("word", ["changed_when", "failed_when"])
def test_a_condition_that_cannot_be_judged_says_so_in_the_result(play: Any, word: str) -> None:
    ran = play(
        f"""
        - hosts: all
          tasks: [{{name: try, command: x, {word}: gone, ignore_errors: true}}]
        """
    )
    found = ran.last("try", "one")
    assert (found["failed"], found[f"{word}_result"], found["rc"]) == (True, "'gone' is undefined", 0)


def test_a_failure_that_failed_when_takes_back_is_kept_under_another_name(play: Any) -> None:
    ran = play(
        """
        - hosts: all
          tasks: [{name: try, shell: exit 1, failed_when: false}]
        """,
        hosts={"one": {"shell": lambda _: {"changed": True, "rc": 1, "failed": True}}},
    )
    found = ran.last("try", "one")
    assert ("exception" in found, "failed_when_suppressed_exception" in found) == (False, True)


def test_facts_are_gathered_for_an_environment_that_needs_them(play: Any) -> None:
    ran = play(
        """
        - hosts: all
          gather_facts: true
          environment: {PATH: "{{ ansible_env.PATH ~ ':/more' }}", A: a}
          tasks:
            - {name: see, command: x}
            - {name: gone, command: x, environment: {A: "{{ ansible_env.NONE }}"}, ignore_errors: true}
        """,
        hosts={
            "one": {
                "setup": lambda request: {
                    "ansible_facts": {"ansible_env": {"PATH": "/bin", **request.environ}}
                },
                "command": lambda request: {
                    "changed": False,
                    "rc": 0,
                    "stdout": " ".join(request.environ.values()),
                },
            }
        },
    )
    assert ran.last("see", "one")["stdout"] == "/bin:/more a"
    assert ran.last("gone", "one")["failed"]
