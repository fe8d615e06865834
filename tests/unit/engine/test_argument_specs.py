"""Roles say what they need; what does not fit is found before the run, or else when they start."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from orchestr8.core.errors import InvalidInput
from orchestr8.language.argument_check import problems

Play = Callable[..., Any]

FILES = {
    "roles/web/meta/argument_specs.yml": """
        argument_specs:
          main:
            short_description: A web server
            options:
              port: {type: int, required: true, description: "Use {{ this }}."}
              mode: {type: str, choices: [fast, safe], default: fast}
          stop:
            options:
              grace: {type: int, required: true}
        """,
    "roles/web/tasks/main.yml": "- {name: serve, debug: {msg: '{{ port }}'}}\n",
    "roles/web/tasks/stop.yml": "- {name: stop, debug: {msg: '{{ grace }}'}}\n",
}
TITLE = "Validating arguments against arg spec 'main' - A web server"


def book(tasks: str) -> str:
    return f"- hosts: all\n  gather_facts: false\n  tasks:\n{tasks}"


def test_a_role_checks_what_it_is_given_before_its_tasks(play: Play) -> None:
    ran = play(
        book(
            "    - set_fact: {wish: many}\n"
            "    - include_role: {name: web}\n      vars: {port: '{{ wish }}'}\n"
        ),
        files=FILES,
    )
    failed = ran.last(TITLE, "one")
    assert failed["argument_errors"] == [
        (
            "argument 'port' is of type str and we were unable to convert to int:"
            " \"'many'\" cannot be converted to an int"
        ),
    ]
    assert failed["validate_args_context"]["name"] == "web"
    assert failed["validate_args_context"]["path"].endswith("roles/web")
    assert failed["argument_spec_data"]["port"]["description"] == "Use {{ this }}."
    assert not ran.results("serve", "one")


@pytest.mark.parametrize("tags", [(), ("other",)])
def test_good_arguments_pass_and_the_check_runs_with_any_tags(play: Play, tags: tuple[str, ...]) -> None:
    ran = play(book("    - import_role: {name: web}\n      vars: {port: '80'}\n"), files=FILES, tags=tags)
    assert ran.last(TITLE, "one")["msg"] == "The arg spec validation passed"
    assert bool(ran.results("serve", "one")) is not tags


def test_other_entries_have_specifications_of_their_own_and_checks_can_be_left_out(play: Play) -> None:
    ran = play(
        book(
            "    - set_fact: {grace: 1}\n"
            "    - include_role: {name: web, tasks_from: stop.yml}\n"
            "    - include_role: {name: web, rolespec_validate: false}\n      vars: {port: no number}\n"
        ),
        files=FILES,
    )
    assert ran.last("stop", "one")["msg"] == 1
    assert ran.last("serve", "one")["msg"] == "no number"
    assert not ran.results(TITLE, "one")


@pytest.mark.parametrize(
    ("spec", "given", "found"),
    [
        ({"a": {"required": True}}, {}, ["missing required arguments: a"]),
        ({"a": {"required": True, "default": "x"}}, {}, []),
        ({"a": {"type": "int"}}, {"a": None}, []),
        (
            {"a": {"type": "list", "required": True}},
            {"a": None},
            [
                (
                    "argument 'a' is of type NoneType and we were unable to convert to list:"
                    " <class 'NoneType'> cannot be converted to a list"
                ),
            ],
        ),
        (
            {"a": {"choices": ["x", "y"]}},
            {"a": "z"},
            ["value of a must be one of: x, y, got: z"],
        ),
        (
            {"a": {"type": "list", "choices": ["x", "y"]}},
            {"a": ["x", "z"]},
            ["value of a must be one or more of: x, y. Got no match for: z"],
        ),
        ({"a": {"aliases": ["b"], "required": True}}, {"b": 1}, []),
        ({"a": {}}, {"c": 1}, ["c. Supported parameters include: a."]),
        (
            {"a": {"type": "dict", "options": {"b": {"type": "int", "required": True}}}},
            {"a": {"c": 1}},
            [
                "missing required arguments: b found in a",
                "a.c. Supported parameters include: b.",
            ],
        ),
        (
            {"a": {"type": "list", "elements": "dict", "options": {"b": {"type": "bool"}}}},
            {"a": [{"b": "maybe"}]},
            [
                (
                    "argument 'b' is of type str found in 'a'. and we were unable to convert to bool:"
                    " The value 'maybe' is not a valid boolean."
                ),
            ],
        ),
        (
            {"a": {"type": "dict", "options": {"b": {}, "c": {}}, "required_together": [["b", "c"]]}},
            {"a": {"b": 1}},
            ["parameters are required together: b, c found in a"],
        ),
        (
            {"a": {"type": "dict", "options": {"b": {}, "c": {}}, "required_if": [["b", "x", ["c"]]]}},
            {"a": {"b": "x"}},
            ["b is x but all of the following are missing: c found in a"],
        ),
    ],
)
def test_the_words_for_what_does_not_fit(
    spec: dict[str, Any], given: dict[str, Any], found: list[str]
) -> None:
    assert problems(spec, given) == found


def test_a_broken_specification_is_named_before_the_run(play: Play) -> None:
    broken = FILES["roles/web/meta/argument_specs.yml"].replace("type: int", "type: number")
    with pytest.raises(InvalidInput) as caught:
        play(
            book("    - import_role: {name: web}\n"),
            files={**FILES, "roles/web/meta/argument_specs.yml": broken},
        )
    assert "`type` cannot be `number`" in caught.value.diagnostics[0].message
