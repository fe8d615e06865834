"""Variables whose names the language uses itself."""

from __future__ import annotations

from orchestr8.compile.reserved import reserved
from orchestr8.language.yaml import load


def test_names_of_keywords_and_globals_are_warned_of_where_they_stand() -> None:
    layer = load("mine: 1\nlookup: 2\nhosts: 3\nvars: 4\n", "v.yml")
    found = sorted(reserved([layer, {"q": 1}]), key=str)
    assert [(str(each.span), each.severity, each.message) for each in found] == [
        ("v.yml:2:1", "warning", "Found variable using reserved name 'lookup'."),
        ("v.yml:3:1", "warning", "Found variable using reserved name 'hosts'."),
    ]
