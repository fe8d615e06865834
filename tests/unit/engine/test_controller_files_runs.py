"""Actions that send files of the controller along: unarchive, assemble, uri."""

from __future__ import annotations

import tarfile
from pathlib import Path
from typing import Any


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
