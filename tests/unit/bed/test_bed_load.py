"""The load's report counts what was asked, by version, and what failed."""

from __future__ import annotations

from collections import Counter

from tests.bed.load import Report


def test_the_report_is_one_line() -> None:
    report = Report(versions=Counter({"v2": 3, "v1": 5}), retried=2, failures=["refused"])
    assert report.requests == 9
    assert str(report) == "9 requests: v1 5, v2 3; retried 2, failed 1"


def test_an_unused_load_has_seen_nothing() -> None:
    assert str(Report()) == "0 requests: ; retried 0, failed 0"
