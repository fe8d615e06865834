"""What hosts do without a part of the standard library is what that part would do, only sooner."""

from __future__ import annotations

import re
import shlex
from datetime import datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from orchestr8.remote.edited import finder
from orchestr8.remote.modules.command import words
from orchestr8.remote.moments import moment, span

LETTERS = st.sampled_from("ab$~#=-/\t\n\r \x0b\x0c\x1c\x85\u2003é")


@given(st.integers(0, 4_000_000_000), st.sampled_from([0, 1, 250_000, 999_999]))
def test_a_moment_is_written_as_datetime_writes_it(seconds: int, micro: int) -> None:
    expected = str(datetime.fromtimestamp(seconds).replace(microsecond=micro))  # noqa: DTZ006 -- local, as shown
    assert moment(seconds * 10**6 + micro) == expected


@given(st.integers(-(10**12), 10**14))
def test_a_span_is_written_as_timedelta_writes_it(micro: int) -> None:
    assert span(micro) == str(timedelta(microseconds=micro))


@given(st.text(LETTERS, max_size=30))
def test_a_line_without_quotes_is_cut_as_shlex_cuts_it(line: str) -> None:
    assert words(line) == shlex.split(line)


@given(st.sampled_from(["", "^"]), st.text("ab #=é-&~\n", max_size=3), st.text("ab #=é-&~\n", max_size=8))
def test_plain_text_is_found_as_expressions_find_it(start: str, text: str, line: str) -> None:
    expected = re.search((start + text).encode(), line.encode()) is not None
    assert bool(finder(start + text, "regexp")(line.encode())) is expected


@given(st.text("ab.^$*+?|()[]{}\\", max_size=4), st.text("ab.$", max_size=8))
def test_other_expressions_are_left_to_the_engine(source: str, line: str) -> None:
    try:
        expected = re.search(source.encode(), line.encode()) is not None
    except re.error:
        return
    assert bool(finder(source, "regexp")(line.encode())) is expected
