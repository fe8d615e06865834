"""Who agrees to a change where nobody is at a terminal."""

from __future__ import annotations

import pytest

from orchestr8.cli.service_options import asking, insisting


@pytest.fixture(autouse=True)
def nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin.isatty", lambda: False)


def test_what_can_be_undone_needs_nobody() -> None:
    assert asking(yes=False)("Go on?")


def test_what_cannot_be_undone_needs_a_word(capsys: pytest.CaptureFixture[str]) -> None:
    assert insisting(yes=True)("Remove 2 things for good?")
    assert not insisting(yes=False)("Remove 2 things for good?")
    assert capsys.readouterr().err == (
        "Remove 2 things for good? Nobody is at a terminal to say so: give --yes.\n"
    )
