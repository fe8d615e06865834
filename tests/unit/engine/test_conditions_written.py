"""Conditions that tasks evaluate themselves: what the user wrote is one, what came from elsewhere is not."""

from __future__ import annotations

from typing import Any


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
