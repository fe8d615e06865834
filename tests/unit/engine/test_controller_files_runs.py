"""Actions that send files of the controller along: unarchive, assemble, uri."""

from __future__ import annotations

import tarfile
from pathlib import Path
from typing import Any

import pytest


def test_an_archive_of_the_controller_is_unpacked_once(play: Any, tmp_path: Path) -> None:
    (tmp_path / "inside").write_text("text")
    (tmp_path / "files").mkdir()
    with tarfile.open(tmp_path / "files/a.tar.gz", "w:gz") as archive:
        archive.add(tmp_path / "inside", "inside")
    (tmp_path / "out").mkdir()
    here = tmp_path
    text = f"""
        - hosts: all
          tasks:
            - {{name: unpack, unarchive: {{src: a.tar.gz, dest: {tmp_path}/out}}}}
            - {{name: kept, unarchive: {{src: a.tar.gz, dest: /nowhere, creates: {tmp_path}/out/inside}}}}
            - {{name: there, unarchive: {{src: {here}/files/a.tar.gz, copy: false, dest: {tmp_path}/out}}}}
    """
    ran = play(text)
    assert ran.ends("one") == ["unpack changed", "kept skipped", "there ok"]
    assert (tmp_path / "out/inside").read_text() == "text"
    assert play(text).ends("one")[0] == "unpack ok"


def test_fragments_of_the_controller_are_assembled(play: Any, tmp_path: Path) -> None:
    ran = play(
        f"""
        - hosts: all
          tasks:
            - {{name: join, assemble: {{src: parts, dest: {tmp_path}/whole, remote_src: false,
                regexp: '^[ab]$', delimiter: '--', mode: '0600'}}}}
            - {{name: again, assemble: {{src: {tmp_path}/files/parts, dest: {tmp_path}/whole,
                regexp: '^[ab]$', delimiter: '--'}}}}
            - {{name: bad, assemble: {{src: parts, dest: /x, remote_src: false, regexp: '['}},
                ignore_errors: true}}
        """,
        files={"files/parts/b": "two\n", "files/parts/a": "one", "files/parts/c": "no"},
    )
    assert ran.ends("one") == ["join changed", "again ok", "bad failed ignored"]
    assert (tmp_path / "whole").read_text() == "one\n--\ntwo\n"
    assert "Invalid Regexp" in ran.last("bad", "one")["msg"]


def test_a_file_of_the_controller_is_sent_to_a_web_service(play: Any, tmp_path: Path) -> None:
    sent: list[Any] = []
    play(
        """
        - hosts: all
          tasks:
            - uri: {url: http://localhost/x, method: PUT, src: body.json}
            - uri: {url: http://localhost/x, method: PUT, src: /there, remote_src: true}
        """,
        hosts={"one": {"uri": lambda request: sent.append(request.blob) or {"changed": False}}},
        files={"files/body.json": "{}"},
    )
    assert sent == [b"{}", b""]


def test_fetched_files_land_beside_the_playbook(play: Any, tmp_path: Path) -> None:
    (tmp_path / "there").write_text("text")
    text = f"""
        - hosts: all
          tasks:
            - {{name: get, fetch: {{src: {tmp_path}/there, dest: got}}}}
            - {{name: flat, fetch: {{src: {tmp_path}/there, dest: flat/, flat: true}}}}
            - {{name: folder, fetch: {{src: {tmp_path}/there, dest: flat, flat: true}}, ignore_errors: true}}
            - {{name: none, fetch: {{src: {tmp_path}/none, dest: got}}, ignore_errors: true}}
            - {{name: skip, fetch: {{src: {tmp_path}/none, dest: got, fail_on_missing: false}}}}
            - {{name: tree, fetch: {{src: {tmp_path}, dest: got}}, ignore_errors: true}}
            - {{name: check, fetch: {{src: {tmp_path}/there, dest: never}}, check_mode: true}}
    """
    ran = play(text)
    assert [line.split()[1] for line in ran.ends("one")] == [
        "changed", "changed", "failed", "failed", "ok", "failed", "skipped",
    ]  # fmt: skip
    assert (tmp_path / f"got/one{tmp_path}/there").read_text() == "text"
    assert (tmp_path / "flat/there").read_text() == "text"
    assert "use a trailing slash" in ran.last("folder", "one")["msg"]
    assert ran.last("none", "one")["msg"] == "the remote file does not exist"
    assert ran.last("skip", "one")["msg"] == "the remote file does not exist, not transferring, ignored"
    assert "cannot work on directories" in ran.last("tree", "one")["msg"]
    assert play(text).ends("one")[:2] == ["get ok", "flat ok"]


@pytest.mark.parametrize(
    ("repeated", "end", "warned"), [("warn", "ok", 1), ("ignore", "ok", 0), ("error", "failed ignored", 0)]
)
def test_keys_that_included_variables_have_twice_are_taken_as_wanted(
    play: Any, repeated: str, end: str, warned: int
) -> None:
    ran = play(
        "- hosts: all\n  tasks: [{include_vars: '{{ inventory_hostname[:0] }}v.yml', ignore_errors: true}]\n",
        hosts=["one", "two"],
        files={"v.yml": "port: 1\nport: 2\n"},
        repeated=repeated,
    )
    assert ran.ends("one") == [f"include_vars {end}"]
    assert len([text for text in ran.warnings() if "duplicate mapping key 'port'" in text]) == warned
