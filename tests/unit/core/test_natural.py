"""The order in which people count."""

from __future__ import annotations

from orchestr8.core.natural import natural


def test_numbers_in_names_count_as_numbers() -> None:
    names = ["web10", "web2", "db", "web1a", "web1", "7", "10"]
    assert sorted(names, key=natural) == ["db", "web1", "web1a", "web2", "web10", "7", "10"]
