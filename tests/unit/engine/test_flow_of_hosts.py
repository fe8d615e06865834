"""`--step`, `host_pinned`, and loops that end early."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from orchestr8.engine.gate import Gate

Play = Callable[..., Any]

THREE = """
- hosts: all
  gather_facts: false
  tasks:
    - {name: first, ping: }
    - {name: second, ping: }
    - {name: third, ping: }
"""


def test_step_asks_for_each_task_once_until_told_to_continue(play: Play) -> None:
    asked: list[str] = []
    answers = iter(["n", "c"])

    def confirm(question: str) -> str:
        asked.append(question)
        return next(answers)

    ran = play(THREE, hosts=["a", "b"], confirm=confirm)
    assert [line.split(":")[2].split("(")[0].strip() for line in asked] == ["first", "second"]
    assert {line.split()[0] for line in ran.ends()} == {"second", "third"}
    assert ran.result.exit_code == 0


def test_step_asks_for_each_host_when_hosts_go_alone(play: Play) -> None:
    asked: list[str] = []
    ran = play(
        THREE.replace("gather_facts", "strategy: free\n  gather_facts"),
        hosts=["a", "b"],
        confirm=lambda question: asked.append(question) or ("y" if " on a " in question else ""),
    )
    assert len(asked) == 6
    assert {line.split()[1] for line in ran.ends()} == {"a"}


def test_pinned_hosts_begin_when_others_are_through(play: Play) -> None:
    book = THREE.replace("gather_facts", "strategy: host_pinned\n  gather_facts")
    ran = play(book, hosts=["a", "b", "c"], forks=1)
    ended = [(line.split()[1], line.split()[0]) for line in ran.ends()]
    assert ended == [(host, task) for host in "abc" for task in ("first", "second", "third")]
    free = play(book.replace("host_pinned", "free"), hosts=["a", "b", "c"], forks=1)
    assert [line.split()[1] for line in free.ends()][:3] == ["a", "b", "c"]


def test_a_gate_that_others_wait_behind_is_widened() -> None:
    done: set[int] = set()
    gate = Gate(done.__contains__, alone=True, places=1)
    assert not gate.waits(0, 0, 0)
    assert gate.waits(0, 1, 0)
    gate.widen()
    assert not gate.waits(0, 1, 0)
    done.add(0)
    gate.began(0, [1])
    assert gate.waits(1, 1, 0)
    gate.ended(0, [1])
    assert not gate.waits(1, 1, 0)


@pytest.mark.parametrize(("condition", "rounds"), [("item >= 2", 2), ("r.msg == 3", 3), ("false", 4)])
def test_a_loop_ends_after_the_round_for_which_break_when_holds(
    play: Play, condition: str, rounds: int
) -> None:
    ran = play(f"""
    - hosts: all
      gather_facts: false
      tasks:
        - debug: {{msg: "{{{{ item }}}}"}}
          loop: [1, 2, 3, 4]
          loop_control: {{break_when: ["{condition}"]}}
          register: r
        - name: rounds
          debug: {{msg: "{{{{ r.results | length }}}}"}}
    """)
    assert ran.last("rounds", "one")["msg"] == rounds


def test_a_broken_break_when_fails_its_round(play: Play) -> None:
    ran = play("""
    - hosts: all
      gather_facts: false
      tasks:
        - debug: {msg: hello}
          loop: [1, 2]
          loop_control: {break_when: nothing_like_it > 1}
    """)
    assert ran.tally("one") == {"failed": 1}


def test_templates_see_how_a_host_is_reached_though_no_variable_says_it(play: Play) -> None:
    text = (
        "{{ ansible_connection }} {{ ansible_host }} {{ ansible_timeout }} {{ ansible_user | default('-') }}"
    )
    ran = play(
        f"""
    - hosts: all
      gather_facts: false
      tasks:
        - debug: {{msg: "{text}"}}
        - debug: {{msg: "{text}"}}
          connection: local
          remote_user: eve
        - debug: {{msg: "{{{{ hostvars.one.ansible_connection is defined }}}}"}}
    """,
        connection_vars={"ansible_timeout": 5},
    )
    assert ran.msgs("one") == ["ssh one 5 -", "local one 5 eve", False]
