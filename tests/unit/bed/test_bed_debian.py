"""The mirror is read from apt's own sources, in both of their forms."""

from __future__ import annotations

import pytest

from tests.bed.debian import addresses

ONE_LINE = """\
# deb http://old.example/debian bookworm main
deb http://mirror.example/debian bookworm main
deb [arch=amd64 signed-by=/usr/share/keyrings/x.gpg] https://other.example/apt stable main
deb-src http://mirror.example/debian bookworm main
"""
PARAGRAPHS = """\
Types: deb
# a comment with http://snapshot.example/debian
URIs: http://mirror.example/debian
Suites: bookworm

Types: deb
URIs:   http://mirror.example/debian-security
"""


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (ONE_LINE, ["http://mirror.example/debian", "https://other.example/apt"]),
        (PARAGRAPHS, ["http://mirror.example/debian", "http://mirror.example/debian-security"]),
        ("", []),
    ],
)
def test_addresses_of_a_source_file(text: str, found: list[str]) -> None:
    assert addresses(text) == found
