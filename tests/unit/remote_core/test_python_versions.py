from __future__ import annotations

import pytest

from orchestr8.remote.python_versions import among


@pytest.mark.parametrize(
    ("version", "asked", "answer"),
    [
        ("1.10", ">=1.9", True),
        ("1.9", ">1.9.0", False),
        ("2.0", ">=1,<2", False),
        ("1.4.2", "~=1.4", True),
        ("2.0", "~=1.4", False),
        ("1.4.2", "==1.4.*", True),
        ("1.4.2", "!=1.4.*", False),
        ("1.4", "==1.4.0", True),
        ("1.4", "===1.4.0", False),
        ("1.0rc1", ">=1", None),
        ("1.0", ">=1.0rc1", None),
        ("1.0", ">=1; python_version > '3'", None),
    ],
)
def test_versions_are_compared_where_numbers_can_tell(version: str, asked: str, answer: bool | None) -> None:
    assert among(version, asked) is answer
