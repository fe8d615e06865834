"""Modules that users wrote, by the real command over SSH: as another user, twice, on every host."""

from __future__ import annotations

import json
from pathlib import Path
from textwrap import dedent

import pytest
import testinfra

from tests.bed import Fleet
from tests.command_line import CommandLine, inventory

pytestmark = pytest.mark.fleet

NOTE = """
    import os
    from ansible.module_utils.basic import AnsibleModule
    from ansible.module_utils.words import loud

    def main():
        module = AnsibleModule(
            argument_spec=dict(path=dict(type="path", required=True), text=dict(no_log=True)),
            add_file_common_args=True, supports_check_mode=True,
        )
        path, text = module.params["path"], loud(module.params["text"])
        changed = not os.path.exists(path) or open(path).read() != text
        if changed and not module.check_mode:
            with open(os.path.join(module.tmpdir, "new"), "w") as file:
                file.write(text)
            module.atomic_move(file.name, path)
        attributes = module.load_file_common_arguments(module.params)
        changed = module.set_fs_attributes_if_different(attributes, changed)
        code, out, _ = module.run_command(["id", "-un"], check_rc=True)
        module.exit_json(changed=changed, who=out.strip())

    main()
"""
PLAY = [
    {
        "hosts": "all",
        "become": True,
        "gather_facts": False,
        "tasks": [
            {
                "note": {"path": "/opt/own/note", "text": "sesame", "mode": "0640", "group": "daemon"},
                "register": "r",
            },
            {"assert": {"that": ["r.who == 'root'"]}},
            {"shout": {"word": "hi"}, "become": False},
        ],
    }
]
SHOUT = '#!/bin/sh\n# WANT_JSON\nprintf \'{"changed": false, "who": "%s"}\' "$(id -un)"\n'


def test_users_modules_run_on_every_host_and_leave_nothing(fleet: Fleet, tmp_path: Path) -> None:
    o8 = CommandLine(tmp_path)
    o8.write("library/note.py", dedent(NOTE).lstrip())
    o8.write("library/shout", SHOUT)
    o8.write("module_utils/words.py", "def loud(text):\n    return text.upper()\n")
    user = {"ansible_user": "deploy", "ansible_become_password": "deploy-pw"}
    o8.write("hosts.ini", inventory(fleet, **{host.name: user for host in fleet.hosts}))
    for host in fleet.hosts:
        host.exec(["rm", "-rf", "/opt/own"])
        host.exec(["mkdir", "/opt/own"])
    everything = json.dumps(PLAY)
    assert o8.play(everything, "--check").changed() == len(fleet.hosts)
    first, second = o8.play(everything), o8.play(everything, "-v")
    assert first.code == 0, first.text
    assert (first.changed(), second.changed()) == (len(fleet.hosts), 0)
    assert second.out.count('"who": "deploy"') == len(fleet.hosts)
    assert "sesame" not in first.text + second.text
    assert "SESAME" not in first.text + second.text
    for host in fleet.hosts:
        note = testinfra.get_host(f"docker://{host.container}").file("/opt/own/note")
        assert (note.content_string, note.mode, note.group) == ("SESAME", 0o640, "daemon")
        assert not host.exec(["find", "/tmp", "/root", "/home/deploy", "-name", "*note*"]).stdout
