from __future__ import annotations

import hashlib
import os
import time
from pathlib import Path

import pytest


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    (tmp_path / "sub/deep").mkdir(parents=True)
    for name, text in {
        "a.log": "error: x\n",
        "b.txt": "fine\n",
        ".hidden": "",
        "sub/c.log": "z" * 3000,
        "sub/deep/d.log": "",
    }.items():
        (tmp_path / name).write_text(text)
    (tmp_path / "link").symlink_to("a.log")
    os.utime(tmp_path / "b.txt", (1, time.time() - 7200))
    (tmp_path / "b.txt").chmod(0o600)
    (tmp_path / "a.log").chmod(0o644)
    return tmp_path


@pytest.mark.parametrize(
    ("args", "names"),
    [
        ({}, {"a.log", "b.txt"}),
        ({"hidden": True}, {"a.log", "b.txt", ".hidden"}),
        ({"patterns": "*.log", "recurse": True}, {"a.log", "c.log", "d.log"}),
        ({"patterns": ["*.log", "*.txt"], "excludes": ["a*"]}, {"b.txt"}),
        ({"patterns": "^[ab]\\.", "use_regex": True}, {"a.log", "b.txt"}),
        ({"recurse": True, "depth": 2, "patterns": "*.log"}, {"a.log", "c.log"}),
        ({"file_type": "directory", "recurse": True}, {"sub", "deep"}),
        ({"file_type": "link"}, {"link"}),
        ({"file_type": "any"}, {"a.log", "b.txt", "link", "sub"}),
        ({"age": "1h"}, {"b.txt"}),
        ({"age": "-1h"}, {"a.log"}),
        ({"size": "2k", "recurse": True}, {"c.log"}),
        ({"size": "-1k"}, {"a.log", "b.txt"}),
        ({"contains": "error"}, {"a.log"}),
        ({"contains": "x"}, set()),
        ({"contains": "x", "read_whole_file": True}, {"a.log"}),
        ({"mode": "0600"}, {"b.txt"}),
        ({"mode": "o=r", "exact_mode": False}, {"a.log"}),
    ],
)
def test_what_is_found(apply, tree: Path, args: dict, names: set[str]) -> None:
    result = apply("find", paths=str(tree), **args)
    assert {Path(found["path"]).name for found in result["files"]} == names
    assert result["matched"] == len(names)
    assert (result["changed"], result["msg"]) == (False, "All paths examined")


def test_what_is_told_of_each(apply, tree: Path) -> None:
    found = apply("find", paths=[str(tree)], patterns="b.txt", get_checksum=True)["files"][0]
    assert (found["mode"], found["isreg"], found["size"]) == ("0600", True, 5)
    assert found["checksum"] == hashlib.sha1(b"fine\n").hexdigest()


def test_limits_and_paths_that_are_not_there(apply, tree: Path) -> None:
    limited = apply("find", paths=str(tree), recurse=True, limit=1)
    assert (limited["matched"], limited["msg"]) == (1, "Limit of matches reached")
    missing = apply("find", paths=[str(tree / "no"), str(tree)])
    assert missing["matched"] == 2
    assert missing["skipped_paths"] == {f"{tree}/no": f"'{tree}/no' is not a directory"}
    assert "warnings" in missing
    assert apply("find", paths="/", age="soon")["msg"] == "failed to process age"
    assert "limit cannot be 0" in apply("find", paths="/", limit=0)["msg"]


def test_fragments_are_assembled(apply, tmp_path: Path) -> None:
    src = tmp_path / "src"
    src.mkdir()
    for name, text in {"2": "two\n", "1": "one", "3": "three", ".x": "hidden"}.items():
        (src / name).write_text(text)
    dest = tmp_path / "dest"
    args = {"src": str(src), "dest": str(dest), "ignore_hidden": True, "delimiter": "# --\\n"}
    assert apply("assemble", **args, check=True)["changed"] is True
    assert not dest.exists()
    assert apply("assemble", **args, mode="0640")["mode"] == "0640"
    assert dest.read_text() == "one\n# --\ntwo\n# --\nthree"
    assert apply("assemble", **args)["changed"] is False
    apply("assemble", **{**args, "regexp": "^[12]$", "delimiter": None})
    assert dest.read_text() == "one\ntwo\n"
    assert apply("assemble", src=str(dest), dest="x")["msg"] == f"Source ({dest}) is not a directory"


def test_a_file_that_is_not_in_the_encoding_ends_the_look_at_its_path(apply, tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_bytes("你好".encode("gbk"))
    asked = {"paths": [str(tmp_path)], "contains": "你好"}
    found = apply("find", **asked)
    why = f"Failed to read the file {tmp_path}/a.txt due to an encoding error. current encoding: utf-8"
    assert found["skipped_paths"] == {str(tmp_path): why}
    assert found["msg"] == "Not all paths examined, check warnings for details"
    assert apply("find", **asked, encoding="gbk")["matched"] == 1


def test_what_is_looked_at_is_one_level_more_than_what_is_found(apply, tmp_path: Path) -> None:
    (tmp_path / "a/b/c").mkdir(parents=True)
    found = apply("find", paths=[str(tmp_path)], recurse=True, depth=2, file_type="any")
    assert [Path(each["path"]).name for each in found["files"]] == ["a", "b"]
    assert (found["matched"], found["examined"]) == (2, 3)
