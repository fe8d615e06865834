"""set_stats and include_vars, from the playbook to the end of the run."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

from orchestr8.core.event import RunFinished
from orchestr8.report.plain import PlainReporter


def test_statistics_add_up_for_the_run_and_stand_alone_for_hosts(play: Any) -> None:
    ran = play(
        """
        - hosts: all
          tasks:
            - set_stats: {data: {sum: 10, names: [a], deep: {x: 1}, kept: 1}}
            - set_stats: {data: {sum: 15, names: [b], deep: {y: 2}}}
            - set_stats: {data: {kept: 7}, aggregate: false}
            - set_stats: {data: {mine: "{{ inventory_hostname }}"}, per_host: true}
        """,
    )
    custom = ran.events[-1].custom
    assert custom[""] == {"sum": 25, "names": ["a", "b"], "deep": {"x": 1, "y": 2}, "kept": 7}
    assert custom["one"] == {"mine": "one"}
    out = io.StringIO()
    PlainReporter(out, custom_stats=True).emit(ran.events[-1])
    assert '\tone: { "mine": "one"}\n\tRUN: {' in out.getvalue()
    out = io.StringIO()
    PlainReporter(out).emit(RunFinished("1", {}, 0, 0.0, custom=custom))
    assert "RUN" not in out.getvalue()


def test_bad_statistics_fail_in_ansibles_words(play: Any) -> None:
    ran = play(
        """
        - hosts: all
          tasks:
            - {name: list, set_stats: {data: [1, 2]}, ignore_errors: true}
            - {name: dot, set_stats: {data: {.bad: 1}}, ignore_errors: true}
        """
    )
    assert ran.last("list", "one")["msg"] == "The 'data' option needs to be a dictionary/hash"
    assert "Invalid variable name '.bad'" in ran.last("dot", "one")["msg"]


VARS = {
    "vars/all/a.yml": "a: 1\nconfig: {k1: 1, k2: {x: 1}}\n",
    "vars/all/b": "b: 2\n",
    "vars/all/deep/c.json": '{"c": 3, "a": 9}\n',
    "vars/all/notes.txt": "none\n",
}


def _included(play: Any, args: str, then: str = "none") -> Any:
    return play(
        f"""
        - hosts: all
          vars: {{config: {{k0: 0, k2: {{y: 2}}}}}}
          tasks:
            - {{name: read, include_vars: {args}, ignore_errors: true}}
            - {{name: see, debug: {{msg: "{{{{ [a | d(0), b | d(0), c | d(0), config] }}}}"}}}}
        """,
        files=VARS,
    )


def test_a_folder_of_variables_is_read_as_the_options_say(play: Any, tmp_path: Path) -> None:
    ran = _included(play, "{dir: all, ignore_files: [notes.txt], extensions: ['', yml, json]}")
    assert ran.msgs("one")[-1] == [9, 2, 3, {"k1": 1, "k2": {"x": 1}}]
    files = ran.last("read", "one")["ansible_included_var_files"]
    assert [Path(each).name for each in files] == ["a.yml", "b", "c.json"]
    ran = _included(play, "{dir: all, ignore_unknown_extensions: true, depth: 1, hash_behaviour: merge}")
    assert ran.msgs("one")[-1] == [1, 0, 0, {"k0": 0, "k1": 1, "k2": {"x": 1, "y": 2}}]
    ran = _included(play, "{dir: all, files_matching: '^c'}")
    assert ran.msgs("one")[-1][:3] == [9, 0, 3]


def test_a_folder_of_variables_fails_in_ansibles_words(play: Any) -> None:
    assert (
        "does not have a valid extension: yaml, yml, json"
        in _included(play, "{dir: all}").last("read", "one")["message"]
    )
    gone = _included(play, "{dir: nowhere}").last("read", "one")
    assert gone["message"] == "nowhere directory does not exist"
    mixed = _included(play, "{dir: all, file: x}").last("read", "one")
    assert "mixing file only and dir only" in mixed["msg"]


def test_what_is_tagged_unsafe_is_never_evaluated(play: Any) -> None:
    ran = play(
        """
        - hosts: all
          vars: {secret: 1}
          tasks:
            - {name: show, debug: {var: !unsafe secret}, ignore_errors: true}
            - {name: wait, wait_for_connection: "{{ {'foo': 1} }}", ignore_errors: true}
        """
    )
    assert "untrusted template or expression" in ran.last("show", "one")["msg"]
    assert ran.last("wait", "one")["msg"] == "Invalid options for wait_for_connection: foo"


def test_a_variable_names_the_package_manager(play: Any) -> None:
    asked: list[Any] = []
    ran = play(
        """
        - hosts: all
          tasks:
            - {name: bad, package: {name: x}, vars: {ansible_package_use: lola}, ignore_errors: true}
            - {package: {name: x, state: present}, vars: {ansible_package_use: apk}}
        """,
        hosts={"one": {"package": lambda request: asked.append(request.args) or {"changed": False}}},
    )
    assert ran.last("bad", "one")["msg"] == 'Could not find a matching action for the "lola" package manager.'
    assert [args["use"] for args in asked] == ["apk"]


def test_a_template_names_the_action(play: Any) -> None:
    ran = play(
        """
        - hosts: all
          vars: {what: ping, how: command}
          tasks:
            - {name: first, action: "{{ what }}"}
            - {name: second, action: "{{ how }} echo hi"}
            - {name: third, action: {module: "{{ what ~ 'x' }}"}, ignore_errors: true}
        """
    )
    assert ran.ends("one") == ["first ok", "second changed", "third failed ignored"]
    assert [request.args for request in ran.hosts["one"].calls] == [{}, {"_raw_params": "echo hi"}]
    assert "couldn't resolve module/action 'pingx'" in ran.last("third", "one")["msg"]


def test_settings_of_become_are_looked_up(play: Any) -> None:
    ran = play(
        """
        - hosts: all
          tasks:
            - debug:
                msg: "{{ lookup('config', 'become_flags', plugin_type='become', plugin_name='sudo') }}"
        """
    )
    assert ran.msgs("one") == ["-H -S -n"]
