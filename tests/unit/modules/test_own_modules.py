"""Modules that users wrote, from the playbook to the host: here this machine, through the real runner."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest

from orchestr8.core.errors import InvalidInput
from orchestr8.language.own_code import packed
from orchestr8.remote.own import names
from orchestr8.remote.own.formatters import bytes_to_human, human_to_bytes
from orchestr8.remote.own.hiding import remove_values
from orchestr8.remote.own.specs import ArgumentSpecValidator
from orchestr8.remote.own.versions import LooseVersion, StrictVersion

HELLO = """
    from ansible.module_utils.basic import AnsibleModule
    from ansible.module_utils.shared import shout
    from ansible.module_utils.common.file import S_IRWU_RWG_RWO
    from ansible.module_utils.six.moves.urllib.parse import quote

    def main():
        module = AnsibleModule(
            argument_spec=dict(name=dict(required=True), word=dict(no_log=True), many=dict(type="int")),
            supports_check_mode=True,
        )
        rc, out, err = module.run_command(["echo", module.params["name"]], check_rc=True)
        if module.params["many"] == 0:
            raise ValueError("none")
        module.exit_json(changed=not module.check_mode, said=shout(out.strip()) + quote(" "),
                         word=module.params["word"], many=module.params["many"])

    main()
"""


class Project:
    """A playbook for this machine and what lies beside it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def write(self, name: str, text: str) -> Path:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(dedent(text).lstrip())
        return path

    def run(
        self, *tasks: dict[str, Any], options: Sequence[str] = (), **play: Any
    ) -> tuple[list[dict[str, Any]], str]:
        """Run tasks and return the result of each, and what was said."""
        whole = [{"hosts": "localhost", "gather_facts": False, "tasks": list(tasks), **play}]
        path = self.write("play.yml", json.dumps(whole))
        line = [
            sys.executable,
            "-m",
            "orchestr8",
            "run",
            str(path),
            "-i",
            "localhost,",
            "-c",
            "local",
            "--json",
            *options,
        ]
        settings = {"ORCHESTR8_COLLECTIONS_PATH": str(self.folder / "collections")}
        done = subprocess.run(
            line, capture_output=True, text=True, env={**os.environ, **settings}, check=False
        )
        events = [json.loads(row) for row in done.stdout.splitlines() if row.startswith("{")]
        ended = [event for event in events if event["event"] == "host_finished"]
        return [event["outcome"]["result"] for event in ended], done.stdout + done.stderr


@pytest.fixture
def project(tmp_path: Path) -> Project:
    found = Project(tmp_path)
    found.write("library/hello.py", HELLO)
    found.write("module_utils/shared.py", "def shout(text):\n    return text.upper()\n")
    return found


def test_a_module_in_python_with_what_it_imports(project: Project) -> None:
    results, said = project.run(
        {"hello": "name=bob word=sesame many=4"},
        {"hello": {"name": "x"}, "check_mode": True},
        {"hello": {"name": "x", "many": "two", "nmae": 1}, "ignore_errors": True},
        {"hello": {"many": 1}, "ignore_errors": True},
        {"hello": {"name": "x", "nmae": 1}, "ignore_errors": True},
        {"hello": {"name": "x", "many": 0}, "ignore_errors": True},
    )
    assert len(results) == 6, said
    first = results[0]
    assert (first["changed"], first["said"], first["many"]) == (True, "BOB%20", 4)
    assert first["word"] == "VALUE_SPECIFIED_IN_NO_LOG_PARAMETER"
    assert results[1]["changed"] is False
    assert "argument 'many' is of type str and we were unable to convert to int" in results[2]["msg"]
    assert results[3]["msg"] == "missing required arguments: name"
    assert results[4]["msg"].startswith("Unsupported parameters for (hello) module: nmae. Supported")
    assert results[5]["msg"] == "Task failed: Module failed: none"
    assert "hello.py" in results[5]["exception"]


def test_a_difference_nobody_asked_for_is_kept_and_not_shown(project: Project) -> None:
    answer = {"changed": True, "diff": {"before": "a", "after": "b"}}
    project.write("library/telling", f"#!/bin/sh\n# WANT_JSON\necho '{json.dumps(answer)}'\n")
    _, said = project.run({"telling": {}}, {"telling": {}, "diff": True}, {"telling": {}, "loop": [1]})
    events = [json.loads(row) for row in said.splitlines() if row.startswith("{")]
    ended = [each for each in events if each["event"] in ("host_finished", "item_finished")]
    assert [each["diff"] for each in ended] == [False, True, False, False], said
    assert ended[0]["outcome"]["result"]["diff"] == answer["diff"]


def test_folders_of_modules_are_named_on_the_command_line(project: Project) -> None:
    project.write("far/away", '#!/bin/sh\n# WANT_JSON\necho \'{"changed": false, "msg": "far"}\'\n')
    results, said = project.run({"away": {}}, options=["-M", f"/nowhere:{project.folder / 'far'}"])
    assert [result["msg"] for result in results] == ["far"], said


def test_modules_in_other_languages(project: Project) -> None:
    project.write("library/wants.sh", '#!/bin/sh\n# WANT_JSON\nprintf \'{"got": %s}\' "$(cat $1)"\n')
    project.write("library/old", '#!/bin/sh\n. $1\necho \'{"changed": true, "msg": "\'$who\'"}\'\nexit 0\n')
    project.write("library/dumb", "#!/bin/sh\necho nothing\nexit 3\n")
    results, said = project.run(
        {"wants": {"a": [1, {"b": None}]}},
        {"old": 'who="me"'},
        {"dumb": {}, "ignore_errors": True},
    )
    assert results[0]["got"]["a"] == [1, {"b": None}], said
    assert (results[1]["changed"], results[1]["msg"]) == (True, "me")
    assert (results[2]["rc"], results[2]["module_stdout"]) == (3, "nothing\n")
    assert results[2]["msg"] == "Module result deserialization failed: No start of json char found"


def test_modules_of_roles_and_collections(project: Project) -> None:
    project.write("roles/r/library/mine.py", HELLO)
    project.write("roles/r/tasks/main.yml", "- mine: {name: r}\n")
    place = "collections/ansible_collections/ns/col"
    project.write(f"{place}/plugins/module_utils/deep/__init__.py", "")
    project.write(f"{place}/plugins/module_utils/deep/words.py", "from . import more\nWORD = more.WORD\n")
    project.write(f"{place}/plugins/module_utils/deep/more.py", "WORD = 'deep'\n")
    project.write(
        f"{place}/plugins/modules/dig.py",
        """
        from ansible.module_utils.basic import AnsibleModule
        from ..module_utils.deep.words import WORD
        AnsibleModule({}).exit_json(word=WORD)
        """,
    )
    project.write(f"{place}/roles/digger/tasks/main.yml", "- dig:\n")
    results, said = project.run(
        {"ns.col.dig": {}}, {"dig": {}, "collections": ["ns.col"]}, roles=["r", "ns.col.digger"]
    )
    assert [each.get("word") for each in results] == [None, "deep", "deep", "deep"], said
    assert results[0]["said"] == "R%20"


def test_a_short_name_of_old_is_found_in_the_installed_collections(project: Project) -> None:
    for collection, word in (("zz.other", "far"), ("community.general", "near")):
        place = "collections/ansible_collections/" + collection.replace(".", "/")
        code = f"""
            from ansible.module_utils.basic import AnsibleModule
            AnsibleModule({{}}).exit_json(word="{word}")
        """
        project.write(f"{place}/plugins/modules/formerly.py", code)
    results, said = project.run({"formerly": {}})
    assert results[0]["word"] == "near", said


def test_a_playbook_of_a_collection_finds_its_own_roles(project: Project) -> None:
    place = "collections/ansible_collections/ns/col"
    project.write(f"{place}/playbooks/site.yml", "- {hosts: all, gather_facts: false, roles: [mine]}\n")
    project.write(f"{place}/roles/mine/tasks/main.yml", "- debug: {msg: found}\n")
    path = project.write("all.yml", "- import_playbook: ns.col.site\n")
    for name in (path.name, "ns.col.site"):
        line = [sys.executable, "-m", "orchestr8", "run", name, "-i", "localhost,", "-c", "local"]
        done = subprocess.run(line, capture_output=True, text=True, check=False, cwd=project.folder)
        assert '"msg": "found"' in done.stdout, done.stdout + done.stderr


def test_facts_of_a_failed_task_are_not_kept(project: Project) -> None:
    project.write(
        "library/told.py",
        """
        from ansible.module_utils.basic import AnsibleModule
        module = AnsibleModule({"fail": {"type": "bool"}})
        end = module.fail_json if module.params["fail"] else module.exit_json
        end(msg="x", ansible_facts={"zoo": str(module.params["fail"])})
        """,
    )
    results, said = project.run(
        {"told": {"fail": False}},
        {"told": {"fail": True}, "ignore_errors": True},
        {"debug": {"msg": "{{ zoo }}"}},
    )
    assert results[2]["msg"] == "False", said


def test_an_action_plugin_is_named_with_its_file(project: Project) -> None:
    plugin = project.write("action_plugins/hello.py", "class ActionModule: pass\n")
    results, said = project.run({"hello": {"name": "x"}})
    assert not results
    assert "O8-1214" in said
    assert str(plugin) in said


def test_a_module_for_windows_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "win.ps1"
    path.write_text("#Requires -Module Ansible.ModuleUtils.Legacy\n")
    with pytest.raises(InvalidInput, match="written for Windows"):
        packed("win", str(path), "", (), ())


def test_every_name_stands_for_something() -> None:
    for name in names.MODULES.values():
        import_module(name)


@pytest.mark.parametrize(
    ("spec", "more", "given", "said"),
    [
        (
            {"a": {}, "b": {}},
            {"mutually_exclusive": [["a", "b"]]},
            {"a": 1, "b": 2},
            "exclusive: a|b",
        ),
        ({"a": {}, "b": {}}, {"required_together": [["a", "b"]]}, {"a": 1}, "required together: a, b"),
        ({"a": {}, "b": {}}, {"required_one_of": [["a", "b"]]}, {}, "is required: a, b"),
        (
            {"a": {}, "b": {}},
            {"required_if": [("a", "x", ["b"])]},
            {"a": "x"},
            "a is x but all of",
        ),
        ({"a": {}, "b": {}}, {"required_by": {"a": "b"}}, {"a": "x"}, "required by 'a': b"),
        ({"a": {"choices": ["x", "y"]}}, {}, {"a": "z"}, "value of a must be one of: x, y, got: z"),
        ({"a": {"type": "list", "elements": "int"}}, {}, {"a": "1,x"}, "Elements value for option 'a'"),
        (
            {"a": {"type": "dict", "options": {"b": {"required": True}}}},
            {},
            {"a": {}},
            "b found in a",
        ),
        (
            {"a": {"type": "dict", "options": {"b": {"type": "int"}}}},
            {},
            {"a": {"b": "x"}},
            "argument 'b' is of type str found in 'a'. and we were unable to convert to int",
        ),
        (
            {"a": {"type": "dict", "options": {"b": {}}}},
            {},
            {"a": {"c": 1}},
            "a.c. Supported",
        ),
    ],
)
def test_what_is_wrong_with_parameters(spec: Any, more: Any, given: Any, said: str) -> None:
    assert said in ArgumentSpecValidator(spec, **more).validate(given).error_messages[0]


def test_parameters_are_completed() -> None:
    spec: Any = {
        "name": {"aliases": ["n"], "required": True},
        "on": {"type": "bool", "default": False},
        "deep": {"type": "list", "elements": "dict", "options": {"port": {"type": "int", "default": 80}}},
        "left": {},
    }
    found = ArgumentSpecValidator(spec).validate({"n": "x", "on": "yes", "deep": [{}, {"port": "1"}]})
    assert found.error_messages == []
    values = found.validated_parameters
    assert (values["name"], values["on"], values["left"]) == ("x", True, None)
    assert values["deep"] == [{"port": 80}, {"port": 1}]


def test_small_things_that_modules_use() -> None:
    assert LooseVersion("1.10") > LooseVersion("1.9a")
    assert StrictVersion("1.0a1") < StrictVersion("1.0")
    assert (human_to_bytes("1.5MB"), human_to_bytes("8", "K")) == (1572864, 8192)
    assert bytes_to_human(2048) == "2.00 KB"
    hidden = remove_values({"a": ["xsecretx", "secret", 1], "b": True}, {"secret"})
    assert hidden == {"a": ["x********x", "VALUE_SPECIFIED_IN_NO_LOG_PARAMETER", 1], "b": True}
