"""Compose's files of variables."""

from __future__ import annotations

import pytest

from orchestr8.engine.services.env_file import parse

TEXT = r"""# a comment

A=1
export B = two words # and a comment
C='as it $stands # here'
D="a\n\"b\" \$5" # comment
E=
F=a#b
"""


def test_values_are_bare_or_quoted() -> None:
    assert parse(TEXT) == {
        "A": "1",
        "B": "two words",
        "C": "as it $stands # here",
        "D": 'a\n"b" $5',
        "E": "",
        "F": "a#b",
    }


def test_raw_values_reach_to_the_end_of_the_line() -> None:
    assert parse("A='x' # ${HOME}", raw=True) == {"A": "'x' # ${HOME}"}


@pytest.mark.parametrize(
    ("text", "why"),
    [("\nHOME", "line 2: a variable needs a value"), ("A='x", "not closed"), ("A=${B}", "is not replaced")],
)
def test_what_has_no_meaning_is_named_by_its_line(text: str, why: str) -> None:
    with pytest.raises(ValueError, match=why):
        parse(text)
