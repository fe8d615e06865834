"""Roles, imports and imported playbooks end up where they belong."""

from collections.abc import Callable

import pytest

from orchestr8.core.errors import InvalidInput
from orchestr8.language.load import Loader
from orchestr8.language.syntax import Block, Play, Playbook, Task

WEB = {
    "roles/web/tasks/main.yml": "- debug: {msg: web}\n  notify: reload\n",
    "roles/web/tasks/extra.yaml": "- debug: {msg: extra}\n",
    "roles/web/handlers/main.yml": "- name: reload\n  ping:\n",
    "roles/web/defaults/main.yaml": "port: 80\n",
    "roles/web/vars/main/a.yml": "a: 1\nb: 1\n",
    "roles/web/vars/main/b.yml": "b: 2\n",
    "roles/web/meta/main.yml": "dependencies:\n  - role: base\n    level: 3\n    when: wanted\n",
    "roles/base/tasks/main.yml": "- ping:\n",
    "roles/base/tasks/main.json": "[]",
}


def test_a_role_with_its_files_and_dependencies(play: Callable[..., Play]) -> None:
    found = play("  roles:\n    - {role: web, colour: blue, tags: x, vars: {deep: 1}}\n", WEB)
    block = found.roles[0]
    use = block.role
    assert use is not None
    assert (dict(use.params), use.keywords.tags, dict(use.keywords.vars)) == (
        {"colour": "blue"},
        ("x",),
        {"deep": 1},
    )
    assert (dict(use.role.defaults), dict(use.role.vars)) == ({"port": 80}, {"a": 1, "b": 2})
    assert [each.role.name for each in found.role_uses] == ["base", "web"]
    base = use.role.uses[0]
    assert (dict(base.params), base.keywords.when) == ({"level": 3}, ("wanted",))
    task = block.tasks[0]
    assert isinstance(task, Task)
    assert task.role is use
    assert task.source == "roles/web/tasks/main.yml"
    assert isinstance(use.role.handlers[0], Task)


def test_import_role_stands_in_place(play: Callable[..., Play]) -> None:
    found = play("  tasks:\n    - import_role: {name: web, tasks_from: extra}\n      when: x\n", WEB)
    block = found.tasks[0]
    assert isinstance(block, Block)
    assert block.role is not None
    assert block.keywords.when == ("x",)
    assert block.tasks[0].args["msg"] == "extra"  # type: ignore[union-attr]
    assert "web" in [use.role.name for use in found.role_uses]


def test_import_tasks_is_a_block_with_the_keywords_of_the_task(play: Callable[..., Play]) -> None:
    files = {"more/a.yml": "- import_tasks: b.yml\n", "more/b.yml": "- ping:\n"}
    block = play("  tasks:\n    - import_tasks: more/a.yml\n      tags: t\n", files).tasks[0]
    assert isinstance(block, Block)
    assert (block.origin, block.keywords.tags) == ("import_tasks", ("t",))
    inner = block.tasks[0]
    assert isinstance(inner, Block)
    assert inner.tasks[0].source == "more/b.yml"  # type: ignore[union-attr]


def test_names_of_static_imports_may_use_known_variables(play: Callable[..., Play]) -> None:
    found = play(
        "  vars: {kind: web}\n  tasks:\n    - import_tasks: '{{ kind }}.yml'\n", {"web.yml": "- ping:\n"}
    )
    assert isinstance(found.tasks[0], Block)


def test_includes_stay_tasks_and_are_foreseen(load: Callable[..., Playbook]) -> None:
    playbook = load("- hosts: all\n  tasks:\n    - include_tasks: later.yml\n", {"later.yml": "- ping:\n"})
    task = playbook.plays[0].tasks[0]
    assert isinstance(task, Task)
    assert (task.action, task.args["file"]) == ("include_tasks", "later.yml")
    assert playbook.foreseen[task][0].action == "ping"  # type: ignore[index,union-attr]


def test_imported_playbooks_hand_their_keywords_down(load: Callable[..., Playbook]) -> None:
    text = "- import_playbook: sub/two.yml\n  vars: {a: 1, b: 1}\n  tags: t\n  when: w\n- hosts: c\n"
    plays = load(text, {"sub/two.yml": "- hosts: b\n  vars: {b: 2}\n"}).plays
    assert [play.hosts for play in plays] == ["b", "c"]
    words = plays[0].keywords
    assert (dict(words.vars), words.tags, words.when) == ({"a": 1, "b": 1}, ("t",), ("w",))


def test_tasks_and_roles_are_loaded_during_the_run(load: Callable[..., Playbook], loader: Loader) -> None:
    load("- hosts: all\n", {**WEB, "later.yml": "- ping:\n"})
    assert len(loader.tasks("later.yml", source="playbook.yml", playbook_dir=".")) == 1
    use = loader.role("web", playbook_dir=".", parts={"tasks": "extra"})
    assert use.role.tasks[0].args["msg"] == "extra"  # type: ignore[union-attr]
    with pytest.raises(InvalidInput, match="nowhere"):
        loader.role("nowhere", playbook_dir=".")
    with pytest.raises(InvalidInput, match="absent"):
        loader.tasks("absent.yml", source="playbook.yml", playbook_dir=".")


def test_every_mistake_of_every_file_is_raised_at_once(load: Callable[..., Playbook]) -> None:
    with pytest.raises(InvalidInput) as wrong:
        load(
            "- hosts: all\n  rolls: []\n  roles: [web, none]\n",
            {**WEB, "roles/base/tasks/main.yml": "- pign:\n"},
        )
    assert [d.code for d in wrong.value.diagnostics] == ["O8-1101", "O8-1201", "O8-1403"]
