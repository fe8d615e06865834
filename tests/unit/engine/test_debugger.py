"""The debugger: where it stops, and what its commands do."""

from __future__ import annotations

from collections import Counter
from typing import Any

from orchestr8.core.event import Asking
from orchestr8.engine.ports import Request


class Typist:
    """A terminal at which lines are typed that were written before; then its input ends."""

    def __init__(self, *lines: str) -> None:
        self.lines = list(lines)
        self.prompts: list[str] = []
        self.said: list[str] = []

    def ask(self, prompt: str) -> str | None:
        self.prompts.append(prompt)
        return self.lines.pop(0) if self.lines else None

    def say(self, text: str) -> None:
        self.said.append(text)


def picky(request: Request) -> dict[str, Any]:
    good = request.args.get("data") == "good"
    return {"changed": False, "ping": "ok"} if good else {"failed": True, "changed": False, "msg": "no"}


PLAY = """
    - hosts: all
      tasks:
        - {name: first, ping: {data: "{{ word }}"}, debugger: on_failed, vars: {word: bad}, register: found}
        - debug: {msg: "{{ found.ping }}"}
"""


def test_arguments_and_variables_are_changed_and_the_task_is_done_again(play: Any) -> None:
    for change in (
        "task_vars['word'] = 'good'",
        "task.args['data'] = 'good'",
        "task.args['data'] = '{{ \"good\" }}'",
    ):
        typist = Typist("p task.args.data", "p word", "p result.msg", change, "u", "redo")
        ran = play(PLAY, hosts={"one": {"ping": picky}}, terminal=typist)
        assert ran.ends() == ["first one ok", "debug one ok"]
        assert ran.msgs("one") == ["ok"]
        assert typist.said == ["[one] first: failed: no", "'bad'", "'bad'", "'no'"]
        assert set(typist.prompts) == {"[one] TASK: first (debug)> "}
        assert [event.opened for event in ran.events if isinstance(event, Asking)] == [True, False]


def test_the_line_of_a_command_is_an_argument_too(play: Any) -> None:
    typist = Typist("p task.args", "task.args['_raw_params'] = 'new {{ 1 + 1 }}'", "r")
    seen: list[str] = []

    def command(request: Request) -> dict[str, Any]:
        seen.append(request.args["_raw_params"])
        return {"failed": seen[-1] == "old", "changed": True}

    play(
        "[{hosts: all, tasks: [{command: old, debugger: on_failed}]}]",
        hosts={"one": {"command": command}},
        terminal=typist,
    )
    assert seen == ["old", "new 2"]
    assert typist.said[1] == "{'_raw_params': 'old'}"


def test_the_run_goes_on_or_ends(play: Any) -> None:
    hosts = {"one": {"ping": picky}, "two": {"ping": picky}}
    on = Typist("c", "c")
    assert play(PLAY, hosts=hosts, terminal=on).tally("two") == {"failed": 1}
    assert len(on.prompts) == 2
    left = Typist("quit")
    ran = play(PLAY, hosts=hosts, terminal=left)
    assert len(left.prompts) == 1
    assert ran.result.interrupted


def test_what_nobody_understands_is_answered(play: Any) -> None:
    typist = Typist("what", "p nothing_known", "task_vars['a'] = b", "p (", "c")
    play(PLAY, hosts={"one": {"ping": picky}}, terminal=typist)
    _, helped, unknown, value, expression = typist.said
    assert "carry out the task again" in helped
    assert "nothing_known" in unknown
    assert value == "no value: b (texts stand in quotes)"
    assert expression


def test_where_it_stops(play: Any) -> None:
    tasks = """
        - hosts: all
          tasks:
            - {name: always, ping: {data: good}, debugger: always}
            - {name: never, ping: , debugger: never, ignore_errors: true}
            - {name: skipped, ping: , debugger: on_skipped, when: false}
            - {name: ignored, ping: , debugger: on_failed, ignore_errors: true}
            - {name: plain, ping: }
    """

    def stops(**options: Any) -> list[str]:
        typist = Typist(*["c"] * 9)
        play(tasks, hosts={"one": {"ping": picky}}, terminal=typist, **options)
        return list(Counter(prompt.split()[2] for prompt in typist.prompts))

    assert stops() == ["always", "skipped"]
    assert stops(debugger=True) == ["always", "skipped", "plain"]
    assert stops(debugger=True, debugger_past_ignored=False) == ["always", "skipped", "ignored", "plain"]
