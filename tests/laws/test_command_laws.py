"""What commands report and how their lines are cut is what the standard library would say, only sooner."""

from __future__ import annotations

import shlex
from datetime import datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

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
