from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestr8.remote.blocks import Block, with_block

HEAD = "# BEGIN ANSIBLE MANAGED BLOCK\n"
TAIL = "# END ANSIBLE MANAGED BLOCK\n"
TEXT = "one\ntwo\nthree\n"


@pytest.mark.parametrize(
    ("before", "args", "after", "msg"),
    [
        (TEXT, {"block": "x\ny"}, TEXT + HEAD + "x\ny\n" + TAIL, "Block inserted"),
        ("one", {"block": "x"}, "one\n" + HEAD + "x\n" + TAIL, "Block inserted"),
        (HEAD + "old\n" + TAIL + TEXT, {"block": "new"}, HEAD + "new\n" + TAIL + TEXT, "Block inserted"),
        (HEAD + "old\n" + TAIL + TEXT, {"block": ""}, TEXT, "Block removed"),
        (HEAD + "old\n" + TAIL + TEXT, {"state": "absent"}, TEXT, "Block removed"),
        (TEXT, {"state": "absent"}, TEXT, ""),
        (TEXT, {"block": "x", "insertbefore": "BOF"}, HEAD + "x\n" + TAIL + TEXT, "Block inserted"),
        (
            TEXT,
            {"block": "x", "insertafter": "^one"},
            "one\n" + HEAD + "x\n" + TAIL + "two\nthree\n",
            "Block inserted",
        ),
        (
            TEXT,
            {"block": "x", "insertbefore": "^thr"},
            "one\ntwo\n" + HEAD + "x\n" + TAIL + "three\n",
            "Block inserted",
        ),
        (
            TEXT,
            {"block": "x", "insertafter": "(?m)^one\ntwo"},
            "one\ntwo\n" + HEAD + "x\n" + TAIL + "three\n",
            "Block inserted",
        ),
        (TEXT, {"block": "x", "insertafter": "nowhere"}, TEXT + HEAD + "x\n" + TAIL, "Block inserted"),
        (
            TEXT,
            {"block": "x", "insertafter": "^one", "prepend_newline": True, "append_newline": True},
            "one\n\n" + HEAD + "x\n" + TAIL + "\ntwo\nthree\n",
            "Block inserted",
        ),
        (
            TEXT,
            {"block": "x", "marker": "<!-- {mark} -->", "marker_begin": "B", "marker_end": "E"},
            TEXT + "<!-- B -->\nx\n<!-- E -->\n",
            "Block inserted",
        ),
        (None, {"block": "x", "create": True}, HEAD + "x\n" + TAIL, "File created"),
        (None, {"state": "absent", "create": True}, None, None),
    ],
)
def test_edits(apply, tmp_path: Path, before, args, after, msg) -> None:
    path = tmp_path / "f"
    if before is not None:
        path.write_text(before)
    predicted = apply("blockinfile", path=str(path), check=True, **args)
    result = apply("blockinfile", path=str(path), **args)
    assert (path.read_text() if path.exists() else None) == after
    assert result["msg"] == (msg if msg is not None else f"File {path} not present")
    assert predicted["changed"] is result["changed"] is (before != after)
    assert apply("blockinfile", path=str(path), **args)["changed"] is False


def test_mistakes(apply, tmp_path: Path) -> None:
    missing = apply("blockinfile", path=str(tmp_path / "no"), block="x")
    assert (missing["msg"], missing["rc"]) == (f"Path {tmp_path}/no does not exist !", 257)
    assert apply("blockinfile", path=str(tmp_path), block="x")["rc"] == 256


@given(
    st.text(alphabet="ab\n#", max_size=20),
    st.text(alphabet="xy\n", max_size=6),
    st.booleans(),
    st.booleans(),
    st.booleans(),
)
def test_a_second_time_changes_nothing(
    before: str, body: str, after: bool, blank_before: bool, blank_after: bool
) -> None:
    block = Block(
        (b"# B", b"# E"), body.encode(), None, after=after, blank_before=blank_before, blank_after=blank_after
    )
    once = with_block(before.encode(), block)
    assert with_block(once, block) == once
    gone = with_block(once, Block((b"# B", b"# E"), b""))
    assert b"# B\n" not in gone
