"""The moment at which a test kills a controller, and durations of the command line."""

from __future__ import annotations

import os
import signal

import pytest

from orchestr8.app.durations import seconds
from orchestr8.app.failpoints import failpoint
from orchestr8.core.errors import InvalidInput
from orchestr8.engine.services.failpoints import nowhere


@pytest.fixture
def killed(monkeypatch: pytest.MonkeyPatch) -> list[tuple[int, int]]:
    found: list[tuple[int, int]] = []
    monkeypatch.setattr(os, "kill", lambda process, number: found.append((process, number)))
    return found


def test_nothing_is_killed_where_nobody_asks_for_it() -> None:
    assert failpoint({}) is nowhere


@pytest.mark.parametrize(
    ("wish", "passed"), [("create.after:2", 4), ("create.after", 2), (":3", 3), ("stop.before", 6)]
)
def test_the_named_moment_kills_by_a_signal_that_nobody_catches(
    killed: list[tuple[int, int]], wish: str, passed: int
) -> None:
    at = failpoint({"O8_FAILPOINT": wish})
    moments = ["create.before", "create.after", "create.before", "create.after", "start.before"]
    for number, moment in enumerate(moments, 1):
        at(moment)
        assert bool(killed) == (number >= passed), moment
    assert set(killed) <= {(os.getpid(), signal.SIGKILL)}


@pytest.mark.parametrize(("text", "value"), [("45", 45), ("45s", 45), ("5m", 300), ("1.5h", 5400)])
def test_durations_are_read(text: str, value: float) -> None:
    assert seconds(text) == value


@pytest.mark.parametrize("text", ["", "-1s", "5 m", "5d", "1e3", "٣s"])
def test_what_is_no_duration_is_refused(text: str) -> None:
    with pytest.raises(InvalidInput):
        seconds(text)
