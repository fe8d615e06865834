"""Rows in columns, and ages."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from orchestr8.report.columns import age, columns

NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)


def test_columns_are_aligned_and_empty_ones_left_out() -> None:
    rows = [["1", "", "healthy"], ["10", "", "up"]]
    assert columns(("SLOT", "NOTE", "HEALTH"), rows) == ["SLOT  HEALTH", "1     healthy", "10    up"]
    assert columns(("A",), []) == []


@pytest.mark.parametrize(
    ("moment", "told"),
    [
        ("2026-11-21T11:59:48.123456789Z", "11 s"),
        ("2026-11-21T11:57:00Z", "3 m"),
        ("2026-11-21T09:30:00+00:00", "2 h"),
        ("2026-11-12T09:30:00Z", "9 d"),
        ("2026-11-21T12:00:09Z", "0 s"),
        ("", ""),
    ],
)
def test_an_age_is_told_in_its_greatest_unit(moment: str, told: str) -> None:
    assert age(moment, NOW) == told
