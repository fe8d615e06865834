"""Signals: the first asks for a safe stop, and what it replaced comes back afterwards."""

from __future__ import annotations

import os
import signal

import pytest

from orchestr8.app.signals import stopping


@pytest.mark.parametrize(
    ("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGHUP, 143)]
)
def test_the_first_signal_asks_once(number: int, code: int, capsys: pytest.CaptureFixture[str]) -> None:
    asked: list[int] = []
    before = signal.getsignal(number)
    with stopping(lambda: asked.append(1)) as stop:
        os.kill(os.getpid(), number)
        assert asked == [1]
        assert stop.code == code
    assert signal.getsignal(number) is before
    assert "once more to end at once" in capsys.readouterr().err


def test_without_a_signal_there_is_no_code() -> None:
    with stopping(lambda: None) as stop:
        pass
    assert stop.code is None
