"""ini_file: options of a section change, everything else stays byte by byte."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.unit.modules.conftest import Apply

TEXT = "top = 1\n# words\n[one]\na = 1\n;b = old\n\n[two]\na=2\na=3\n"


@pytest.mark.parametrize(
    ("args", "after", "msg"),
    [
        ({"section": "one", "option": "a", "value": "1"}, TEXT, "OK"),
        ({"section": "one", "option": "a", "value": "9"}, TEXT.replace("a = 1", "a = 9"), "option changed"),
        (
            {"section": "one", "option": "b", "value": "new"},
            TEXT.replace(";b = old", "b = new"),
            "option changed",
        ),
        (
            {"section": "one", "option": "b", "value": "new", "modify_inactive_option": False},
            TEXT.replace("a = 1\n", "a = 1\nb = new\n"),
            "option added",
        ),
        (
            {"section": "one", "option": "c", "value": "x"},
            TEXT.replace("a = 1\n", "a = 1\nc = x\n"),
            "option added",
        ),
        (
            {"section": "two", "option": "a", "value": "3"},
            TEXT.replace("a=2\na=3", "a = 3"),
            "option changed",
        ),
        (
            {"section": "two", "option": "a", "value": "3", "exclusive": False, "no_extra_spaces": True},
            TEXT,
            "OK",
        ),
        (
            {"section": "two", "option": "a", "values": ["2", "4"], "no_extra_spaces": True},
            TEXT.replace("a=3", "a=4"),
            "option changed",
        ),
        (
            {"section": "three", "option": "z", "value": "0"},
            TEXT + "[three]\nz = 0\n",
            "section and option added",
        ),
        ({"option": "top", "value": "2"}, TEXT.replace("top = 1", "top = 2"), "option changed"),
        (
            {"section": "two", "option": "a", "state": "absent"},
            TEXT.replace("a=2\na=3\n", ""),
            "option changed",
        ),
        (
            {"section": "two", "option": "a", "value": "2", "state": "absent", "exclusive": False},
            TEXT.replace("a=2\n", ""),
            "option changed",
        ),
        ({"section": "one", "state": "absent"}, "top = 1\n# words\n[two]\na=2\na=3\n", "section removed"),
        (
            {"section": "two", "option": "a", "value": "2", "ignore_spaces": True},
            TEXT.replace("a=3\n", ""),
            "option changed",
        ),
        (
            {"section": "one", "option": "skip", "allow_no_value": True},
            TEXT.replace("a = 1\n", "a = 1\nskip\n"),
            "option added",
        ),
    ],
)
def test_edits(apply: Apply, tmp_path: Path, args: dict[str, Any], after: str, msg: str) -> None:
    path = tmp_path / "file.ini"
    path.write_text(TEXT)
    predicted = apply("ini_file", path=str(path), check=True, **args)
    assert path.read_text() == TEXT
    result = apply("ini_file", path=str(path), diff=True, **args)
    assert path.read_text() == after
    assert result["msg"] == msg
    assert result["changed"] == predicted["changed"] == (after != TEXT)
    assert apply("ini_file", path=str(path), **args)["changed"] is False


def test_sections_are_told_apart_by_what_they_have(apply: Apply, tmp_path: Path) -> None:
    path = tmp_path / "wg.conf"
    path.write_text("[Peer]\nKey = A\nKeep = 1\n[Peer]\nKey = B\nKeep = 1\n")
    having = [{"option": "Key", "value": "B"}]
    args = {"section": "Peer", "section_has_values": having, "option": "Keep", "value": "2"}
    assert apply("ini_file", path=str(path), **args)["changed"] is True
    assert path.read_text() == "[Peer]\nKey = A\nKeep = 1\n[Peer]\nKey = B\nKeep = 2\n"
    args["section_has_values"] = [{"option": "Key", "value": "C"}]
    assert apply("ini_file", path=str(path), **args)["msg"] == "section and option added"
    assert path.read_text().endswith("[Peer]\nKey = C\nKeep = 2\n")


def test_a_missing_file(apply: Apply, tmp_path: Path) -> None:
    path = tmp_path / "new/file.ini"
    refused = apply("ini_file", path=str(path), section="a", option="b", value="c", create=False)
    assert refused["msg"] == f"Destination {path} does not exist!"
    assert apply("ini_file", path=str(path), section="a", state="absent")["changed"] is False
    made = apply("ini_file", path=str(path), section="a", option="b", value="c", mode="0600")
    assert path.read_text() == "[a]\nb = c\n"
    assert made["mode"] == "0600"
    lacking = apply("ini_file", path=str(path), section="a", option="b")
    assert lacking["failed"] is True
