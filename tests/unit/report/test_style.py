"""The form of results that readers choose."""

from __future__ import annotations

from typing import Any

import pytest

from orchestr8.report.style import Style

RESULT: dict[str, Any] = {
    "changed": True,
    "cmd": ["a", "b"],
    "stdout": "one\ntwo \n",
    "stdout_lines": ["one", "two "],
    "msg": "",
}


def test_yaml_stands_below_the_host_with_texts_in_blocks() -> None:
    assert Style(form="yaml").text(RESULT, wide=False, verbose=False).splitlines() == [
        "",
        "    changed: true",
        "    cmd:",
        "    - a",
        "    - b",
        "    msg: ''",
        "    stdout: |-",
        "        one",
        "        two",
        "    stdout_lines: <omitted>",
    ]


def test_texts_are_spoken_as_they_are() -> None:
    text = Style(form="spoken").text(RESULT, wide=False, verbose=False)
    assert text.splitlines()[-5:] == ["", "STDOUT:", "", "one", "two "]
    assert '"stdout"' not in text
    assert "stdout_lines" not in text


@pytest.mark.parametrize(("pretty", "wide", "lines"), [(None, True, 4), (None, False, 1), (True, False, 4)])
def test_json_is_spread_where_readers_want_it(pretty: bool | None, wide: bool, lines: int) -> None:
    text = Style(pretty=pretty).text({"a": 1, "b": 2}, wide=wide, verbose=False)
    assert len(text.splitlines()) == lines
