"""Calendars of scheduled jobs: what is read, what cron is told, when the next moment is."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from orchestr8.deploy.calendar import calendar

NOW = datetime.fromisoformat("2026-11-21T17:05:30")
"""A Saturday."""


@pytest.mark.parametrize(
    ("text", "cron", "following"),
    [
        ("*-*-* 03:00", "0 3 * * *", "2026-11-22 03:00:00"),
        ("daily", "0 0 * * *", "2026-11-22 00:00:00"),
        ("weekly", "0 0 * * 1", "2026-11-23 00:00:00"),
        ("Mon..Fri *-*-* 09,18:30", "30 9,18 * * 1,2,3,4,5", "2026-11-23 09:30:00"),
        ("Sun 04:05", "5 4 * * 0", "2026-11-22 04:05:00"),
        ("*-*-* *:0/20", "0,20,40 * * * *", "2026-11-21 17:20:00"),
        ("*-02-29", "0 0 29 2 *", "2028-02-29 00:00:00"),
        ("quarterly", "0 0 1 1,4,7,10 *", "2027-01-01 00:00:00"),
        ("*-01..06-15 8..10:00", "0 8,9,10 15 1,2,3,4,5,6 *", "2027-01-15 08:00:00"),
    ],
)
def test_a_calendar_is_read_said_to_cron_and_foretold(text: str, cron: str, following: str) -> None:
    made = calendar(text)
    assert made.cron() == cron
    assert str(made.after(NOW)) == following


@pytest.mark.parametrize(
    ("text", "words"),
    [("03:00:30", "no seconds"), ("2027-01-01", "no years"), ("Mon *-*-13", "either of them")],
)
def test_what_cron_cannot_say_is_refused(text: str, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        calendar(text).cron()


@pytest.mark.parametrize(
    "text",
    ["", "often", "*-13-*", "25:00", "*-*-* 03:00 UTC", "*-*~01", "Foo", "*:*/0", "1..0:00", "Fri..Mon"],
)
def test_what_is_no_calendar_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="`"):
        calendar(text)


@settings(max_examples=50)
@given(st.integers(0, 59), st.integers(0, 23), st.sampled_from(["", "Mon ", "Sat,Sun "]))
def test_the_next_moment_is_the_first_that_fits(minute: int, hour: int, days: str) -> None:
    made = calendar(f"{days}{hour}:{minute}")
    found = made.after(NOW)
    names = {"": range(7), "Mon ": [0], "Sat,Sun ": [5, 6]}[days]
    moment = NOW.replace(second=0) + timedelta(minutes=1)
    while (moment.hour, moment.minute) != (hour, minute) or moment.weekday() not in names:
        moment += timedelta(minutes=1)
    assert found == moment
