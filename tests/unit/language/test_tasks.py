"""All the ways to write a task come out alike."""

from collections.abc import Callable

import pytest

from orchestr8.core.errors import InvalidInput
from orchestr8.core.span import Text
from orchestr8.language.syntax import Block, Play, Task

One = Callable[[str], Task]


@pytest.mark.parametrize(
    "text",
    [
        "copy: {src: /a, dest: /b}",
        "copy: src=/a dest=/b",
        "ansible.builtin.copy: {src: /a, dest: /b}",
        "action: copy src=/a dest=/b",
        "action: {module: copy, src: /a, dest: /b}",
        "action: {module: copy, args: {src: /a, dest: /b}}",
        "copy:\nargs: {src: /a, dest: /b}",
        "copy: src=/a\nargs: {src: /other, dest: /b}",
    ],
)
def test_forms_of_a_module(task: One, text: str) -> None:
    found = task(text)
    assert found.action == "copy"
    assert dict(found.args) == {"src": "/a", "dest": "/b"}
    assert found.free_form is None


@pytest.mark.parametrize(
    "text",
    [
        "command: make all chdir=/src",
        "command: make all\nargs: {chdir: /src}",
        "action: command make all chdir=/src",
        "command: {_raw_params: make all, chdir: /src}",
    ],
)
def test_forms_of_a_command(task: One, text: str) -> None:
    found = task(text)
    assert (found.free_form, dict(found.args)) == ("make all", {"chdir": "/src"})


@pytest.mark.parametrize(
    ("text", "action", "args"),
    [
        (
            "action: '{{ prefix }}file path=/a state=absent'",
            "{{ prefix }}file",
            {"path": "/a", "state": "absent"},
        ),
        ("action: '{{ name }} path=/a'", "{{ name }}", {"path": "/a"}),
        ("action: '{{ name }}'", "{{ name }}", {}),
    ],
)
def test_an_action_may_be_named_by_a_template(
    task: One, text: str, action: str, args: dict[str, str]
) -> None:
    found = task(text)
    assert (found.action, dict(found.args)) == (action, args)


def test_local_action_is_delegated(task: One) -> None:
    found = task("local_action: command echo hi")
    assert found.keywords.delegate_to == "localhost"
    assert found.free_form == "echo hi"


def test_arguments_may_come_from_a_template(task: One) -> None:
    assert task("copy:\nargs: '{{ given }}'").args_template == "{{ given }}"
    assert task("copy: '{{ given }}'").args_template == "{{ given }}"


def test_values_are_templates_with_their_places(task: One) -> None:
    found = task("debug:\n  msg: '{{ greeting }}'")
    assert isinstance(found.args["msg"], Text)
    assert str(found.args["msg"].span) == "playbook.yml:4:15"
    assert str(found.args.key_spans["msg"]) == "playbook.yml:4:9"
    assert str(found.action_span) == "playbook.yml:3:7"


def test_keywords_are_read_as_what_they_mean(task: One) -> None:
    found = task("ping:\nbecome: 'yes'\nretries: '3'\nwhen: a\ntags: x,y\nregister: out\nchanged_when: false")
    assert found.keywords.become is True
    assert found.retries == 3
    assert found.keywords.when == ("a",)
    assert found.keywords.tags == ("x", "y")
    assert found.changed_when == (False,)
    assert found.register == "out"


def test_what_is_not_written_is_none(task: One) -> None:
    found = task("ping:\nbecome:\nwhen:\nregister:")
    assert found.keywords.become is None
    assert found.keywords.when == ()
    assert found.changed_when is None
    assert found.register is None


def test_loops(task: One) -> None:
    found = task("ping:\nwith_dict: {a: 1}\nloop_control: {loop_var: pair}").loop
    assert found is not None
    assert (found.kind, found.items, found.control["loop_var"]) == ("dict", {"a": 1}, "pair")
    plain = task("ping:\nloop: '{{ things }}'").loop
    assert plain is not None
    assert (plain.kind, plain.items) == ("loop", "{{ things }}")


def test_blocks_keep_their_sections_and_hand_notify_down(play: Callable[..., Play]) -> None:
    node = play(
        "  tasks:\n    - block: [{ping: }]\n      rescue: [{fail: {msg: no}}]\n"
        "      always: [{debug: {msg: x}}]\n"
        "      when: a\n      notify: h\n  handlers: [{name: h, ping: }]\n"
    ).tasks[0]
    assert isinstance(node, Block)
    sections = (*node.tasks, *node.rescue, *node.always)
    names = [each.action for each in sections if isinstance(each, Task)]
    assert names == ["ping", "fail", "debug"]
    assert node.keywords.when == ("a",)
    assert isinstance(node.tasks[0], Task)
    assert node.tasks[0].notify == ("h",)


def test_a_module_nobody_knows_is_only_warned_of_under_a_condition(load: Callable[..., object]) -> None:
    playbook = load("- hosts: all\n  tasks:\n    - zypper: {name: x}\n      when: suse\n")
    assert [d.code for d in playbook.warnings] == ["O8-1201"]  # type: ignore[attr-defined]
    with pytest.raises(InvalidInput):
        load("- hosts: all\n  tasks:\n    - zypper: {name: x}\n")


@pytest.mark.parametrize("value", ["'{{ wanted }}'", "plain"])
def test_arguments_that_need_each_other_are_not_missed_behind_templates(task: One, value: str) -> None:
    """A template is a value: only what is really not there is missing."""
    found = task(f"sysctl: {{name: a.b, state: present, value: {value}}}")
    assert "value" in found.args


def test_arguments_that_need_each_other_are_missed(task: One) -> None:
    with pytest.raises(InvalidInput, match="state is present but all of the following are missing: value"):
        task("sysctl: {name: a.b, state: present}")


def test_arguments_with_ansibles_own_prefix_are_refused(play: Callable[..., Play]) -> None:
    with pytest.raises(InvalidInput, match="is reserved for internal use only"):
        play("  tasks:\n    - {set_fact: {_ansible_x: 1}, ignore_errors: true}\n")
