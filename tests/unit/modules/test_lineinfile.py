from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestr8.remote.lines import END, Wish, split, with_line, without_lines

TEXT = "a=1\nb=2\nc=3\n"


def edit(apply, tmp_path: Path, before: str | None, **args) -> tuple[str | None, dict]:
    """Return the file and the result, having shown that check mode predicts and touches nothing."""
    path = tmp_path / "f"
    if before is not None:
        path.write_bytes(before.encode())
    predicted = apply("lineinfile", path=str(path), check=True, **args)
    assert path.exists() is (before is not None)
    assert before is None or path.read_bytes() == before.encode()
    result = apply("lineinfile", path=str(path), **args)
    if not result.get("failed"):
        assert predicted["changed"] == result["changed"]
    return (path.read_bytes().decode() if path.exists() else None), result


@pytest.mark.parametrize(
    ("before", "args", "after", "msg"),
    [
        (TEXT, {"line": "d=4"}, TEXT + "d=4\n", "line added"),
        (TEXT, {"line": "b=2"}, TEXT, ""),
        ("a=1", {"line": "d=4"}, "a=1\nd=4\n", "line added"),
        ("a=1", {"line": "a=1"}, "a=1\n", "line replaced"),
        ("", {"line": "d=4"}, "d=4\n", "line added"),
        (TEXT, {"line": "b=9", "regexp": "^b="}, "a=1\nb=9\nc=3\n", "line replaced"),
        (TEXT, {"line": "z=9", "regexp": "^z="}, TEXT + "z=9\n", "line added"),
        ("x=1\nx=2\n", {"line": "x=9", "regexp": "^x="}, "x=1\nx=9\n", "line replaced"),
        ("x=1\nx=2\n", {"line": "x=9", "regexp": "^x=", "firstmatch": True}, "x=9\nx=2\n", "line replaced"),
        (TEXT, {"line": "n", "insertafter": "^a"}, "a=1\nn\nb=2\nc=3\n", "line added"),
        (TEXT, {"line": "n", "insertbefore": "^c"}, "a=1\nb=2\nn\nc=3\n", "line added"),
        (TEXT, {"line": "n", "insertafter": "^c"}, TEXT + "n\n", "line added"),
        ("a=1\nc=3", {"line": "n", "insertafter": "^c"}, "a=1\nc=3\nn\n", "line added"),
        (TEXT, {"line": "n", "insertbefore": "BOF"}, "n\n" + TEXT, "line added"),
        (TEXT, {"line": "n", "insertafter": "^zzz"}, TEXT + "n\n", "line added"),
        (
            TEXT,
            {"line": r"b=\g<1>0", "regexp": r"^b=(\d)", "backrefs": True},
            "a=1\nb=20\nc=3\n",
            "line replaced",
        ),
        (TEXT, {"line": r"z=\1", "regexp": r"^z=(\d)", "backrefs": True}, TEXT, ""),
        (TEXT, {"line": "q", "search_string": "=2"}, "a=1\nq\nc=3\n", "line replaced"),
        (TEXT, {"state": "absent", "regexp": "^[ab]="}, "c=3\n", "2 line(s) removed"),
        (TEXT, {"state": "absent", "line": "b=2"}, "a=1\nc=3\n", "1 line(s) removed"),
        (TEXT, {"state": "absent", "line": "nope"}, TEXT, ""),
        (TEXT, {"state": "absent", "search_string": "3"}, "a=1\nb=2\n", "1 line(s) removed"),
        ("a\r\nb\r\n", {"line": "a"}, "a\nb\r\n", "line replaced"),
        (None, {"line": "new", "create": True}, "new\n", "line added"),
        (None, {"state": "absent", "line": "x"}, None, "file not present"),
    ],
)
def test_edits(apply, tmp_path: Path, before, args, after, msg) -> None:
    text, result = edit(apply, tmp_path, before, **args)
    assert (text, result["msg"]) == (after, msg)
    assert result["changed"] is (before != after)
    if not args.get("backrefs"):
        assert apply("lineinfile", path=str(tmp_path / "f"), **args)["changed"] is False


@pytest.mark.parametrize(
    ("before", "args", "msg"),
    [
        (None, {"line": "x"}, "does not exist !"),
        (TEXT, {}, "line is required with state=present"),
        (TEXT, {"line": "x", "backrefs": True}, "regexp is required with backrefs=true"),
        (TEXT, {"line": "x", "regexp": "("}, "not a valid regular expression"),
        (TEXT, {"state": "absent"}, "one of line, search_string, or regexp is required"),
        (TEXT, {"line": "x", "insertafter": "a", "insertbefore": "b"}, "mutually exclusive"),
    ],
)
def test_mistakes(apply, tmp_path: Path, before, args, msg) -> None:
    text, result = edit(apply, tmp_path, before, **args)
    assert msg in result["msg"]
    assert text == before


def test_mode_and_content_are_both_reported(apply, tmp_path: Path) -> None:
    path = tmp_path / "secret"
    result = apply("lineinfile", path=str(path), line="x", create=True, mode="0600", diff=True)
    assert result["msg"] == "line added and ownership, perms or SE linux context changed"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert result["diff"][0]["after"] == "x\n"
    assert result["diff"][0]["after_header"] == f"{path} (content)"
    assert result["diff"][1]["after"] == {"mode": "0600"}
    only = apply("lineinfile", path=str(path), line="x", mode="0640")
    assert (only["changed"], only["msg"]) == (True, "ownership, perms or SE linux context changed")


def test_a_link_stays_and_its_target_is_edited(apply, tmp_path: Path) -> None:
    (tmp_path / "target").write_text(TEXT)
    (tmp_path / "link").symlink_to("target")
    apply("lineinfile", path=str(tmp_path / "link"), line="d")
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "target").read_text() == TEXT + "d\n"


def test_validation_and_backup(apply, tmp_path: Path) -> None:
    path = tmp_path / "f"
    path.write_text(TEXT)
    bad = apply("lineinfile", path=str(path), line="bad", validate="sh -c '! grep bad $0' %s", backup=True)
    assert bad["msg"].startswith("failed to validate: rc:1")
    assert os.listdir(tmp_path) == ["f"]
    good = apply("lineinfile", path=str(path), line="good", validate="grep good %s", backup=True)
    assert Path(good["backup"]).read_text() == TEXT


def test_a_fifo_is_refused(apply, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "p")
    assert "Not a regular file" in apply("lineinfile", path=str(tmp_path / "p"), line="x")["msg"]


def test_an_empty_expression_warns(apply, tmp_path: Path) -> None:
    (tmp_path / "f").write_text(TEXT)
    assert "use '^'" in apply("lineinfile", path=str(tmp_path / "f"), regexp="", line="x")["warnings"][0]


text = st.text(alphabet="ab\n\r", max_size=12).map(str.encode)
line = st.text(alphabet="ab", min_size=1, max_size=2).map(str.encode)


@given(text, line)
def test_after_adding_the_line_is_there_once_more_changes_nothing(before: bytes, wanted: bytes) -> None:
    after, _ = with_line(split(before), Wish(wanted, anchor=END))
    assert wanted + b"\n" in after
    assert with_line(after, Wish(wanted, anchor=END)) == (after, "")


@given(text, line)
def test_removing_leaves_the_others_in_order(before: bytes, wanted: bytes) -> None:
    lines = split(before)
    assert b"".join(lines) == before
    kept, count = without_lines(lines, lambda one: wanted in one)
    assert len(kept) + count == len(lines)
    assert kept == [one for one in lines if wanted not in one]


def test_extended_attributes_outlive_the_change(apply, tmp_path: Path) -> None:
    path = tmp_path / "f"
    path.write_text("one\n")
    try:
        os.setxattr(path, "user.o8test", b"kept")
    except OSError:
        pytest.skip("the file system has no attributes of users")
    assert apply("lineinfile", path=str(path), regexp="one", line="two")["changed"]
    assert (path.read_text(), os.getxattr(path, "user.o8test")) == ("two\n", b"kept")
