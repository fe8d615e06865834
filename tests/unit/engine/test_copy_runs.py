"""copy of folders and texts, from the playbook to the files."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest


def _copy(play: Any, **args: Any) -> dict[str, Any]:
    lines = "".join(f"\n                {name}: {value}" for name, value in args.items())
    ran = play(
        f"""
        - hosts: all
          tasks:
            - name: put
              copy:{lines}
        """
    )
    return dict(ran.last("put", "one"))


def test_a_folder_arrives_with_its_links(play: Any, tmp_path: Path) -> None:
    source = tmp_path / "tree"
    (source / "inner").mkdir(parents=True)
    (source / "inner/file").write_text("text")
    (source / "inner/file").chmod(0o640)
    (source / "nowhere").symlink_to("/no/such/thing")
    (source / "circle").symlink_to("../tree")
    (source / "alias").symlink_to("inner")
    assert _copy(play, src=source, dest=tmp_path / "out", mode="preserve")["changed"] is True
    got = tmp_path / "out/tree"
    assert (got / "alias/file").read_text() == "text"
    assert not (got / "alias").is_symlink()
    assert os.readlink(got / "nowhere") == "/no/such/thing"
    assert os.readlink(got / "circle") == "../tree"
    assert (got / "inner/file").stat().st_mode & 0o777 == 0o640
    assert _copy(play, src=source, dest=tmp_path / "out", mode="preserve")["changed"] is False
    _copy(play, src=f"{source}/", dest=tmp_path / "flat/", local_follow="false")
    assert os.readlink(tmp_path / "flat/alias") == "inner"


@pytest.mark.parametrize(
    ("args", "said"),
    [
        ({"dest": "/tmp/x"}, "src (or content) is required"),
        ({"content": "'{{ no_text | default(\"x\") }}'"}, "dest is required"),
        ({"content": "x", "src": "y", "dest": "/tmp/x"}, "src and content are mutually exclusive"),
    ],
)
def test_copy_words_mistakes_as_playbooks_expect(
    play: Any, tmp_path: Path, args: dict[str, str], said: str
) -> None:
    lines = "".join(f", {name}: {value}" for name, value in args.items())
    ran = play(
        f"""
        - hosts: all
          tasks:
            - name: put
              vars: {{given: {{{lines[2:]}}}}}
              copy: "{{{{ given }}}}"
        """
    )
    assert ran.last("put", "one")["msg"] == said


def test_content_has_to_have_the_checksum_it_is_said_to_have(play: Any, tmp_path: Path) -> None:
    result = _copy(play, content="a", dest=tmp_path / "out", checksum="'" + "a" * 40 + "'")
    assert (result["failed"], result["expected_checksum"]) == (True, "a" * 40)
    assert not (tmp_path / "out").exists()
    assert _copy(play, content="a", dest=tmp_path / "out", checksum=result["checksum"])["changed"] is True


def test_a_home_is_the_homes_of_the_hosts_user(play: Any) -> None:
    asked: list[Any] = []
    play(
        """
        - hosts: all
          tasks:
            - {copy: {content: x, dest: ~/x}}
            - {file: {path: ~/x, state: absent}}
        """,
        hosts={"one": {name: lambda request: asked.append(request.args) or {} for name in ("copy", "file")}},
    )
    assert [args.get("dest", args.get("path")) for args in asked] == ["~/x", "~/x"]


def test_check_mode_tells_of_folders_that_are_not_there_yet(play: Any, tmp_path: Path) -> None:
    (tmp_path / "tree/inner/deep").mkdir(parents=True)
    (tmp_path / "tree/inner/deep/file").write_text("x")
    for source in ("tree", "tree/"):
        ran = play(
            f"""
            - hosts: all
              tasks: [{{name: put, copy: {{src: {source}, dest: {tmp_path}/out}}}}]
            """,
            check=True,
        )
        assert ran.last("put", "one")["changed"] is True
    assert not (tmp_path / "out").exists()


def test_a_loop_of_small_files_is_one_flight_and_large_ones_go_alone(play: Any, tmp_path: Path) -> None:
    for name in ("a", "b", "c"):
        (tmp_path / name).write_text(name)
    (tmp_path / "large").write_bytes(bytes(100_000))
    ran = play(
        f"""
        - hosts: all
          tasks:
            - name: put
              copy: {{src: "{tmp_path}/{{{{ item }}}}", dest: "{tmp_path}/out-{{{{ item }}}}"}}
              loop: [a, b, large, c]
        """
    )
    assert ran.last("put", "one")["changed"] is True
    assert ran.hosts["one"].flights == [3]
    assert [(tmp_path / f"out-{name}").read_text() for name in ("a", "b", "c")] == ["a", "b", "c"]
    assert (tmp_path / "out-large").stat().st_size == 100_000


def test_the_diff_of_a_small_file_is_a_list(play: Any, tmp_path: Path) -> None:
    ran = play(
        f"""
        - hosts: all
          tasks: [{{name: put, diff: true, copy: {{content: text, dest: {tmp_path}/out}}}}]
        """
    )
    (diff,) = ran.last("put", "one")["diff"]
    assert (diff["before"], diff["after"]) == ("", "text")
