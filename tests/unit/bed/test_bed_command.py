"""Programs end as values; a missing or failing one is one line for the user."""

from __future__ import annotations

import sys

import pytest

from tests.bed import BedError
from tests.bed.cli import main, table
from tests.bed.command import Finished, attempt, run


def test_attempt_returns_both_streams_and_the_code() -> None:
    done = attempt(["sh", "-c", "cat; echo problem >&2; exit 3"], stdin="given")
    assert done == Finished(3, "given", "problem\n")
    assert done.reason == "problem"


def test_a_program_without_words_is_known_by_its_code() -> None:
    assert Finished(7, "", "").reason == "exit code 7"


def test_run_fails_with_the_last_line_said() -> None:
    with pytest.raises(BedError, match=r"^`sh -c .*` failed: last$"):
        run(["sh", "-c", "echo first >&2; echo last >&2; exit 1"])


def test_a_missing_program_is_named() -> None:
    with pytest.raises(BedError, match="the program `o8-no-such-program` is missing"):
        attempt(["o8-no-such-program"])


def test_a_program_that_hangs_is_ended() -> None:
    with pytest.raises(BedError, match="did not end within"):
        attempt([sys.executable, "-c", "import signal; signal.pause()"], timeout=0.2)


def test_a_mistake_is_one_line_and_exit_code_1(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["up", "--name", "Not-A-Name"]) == 1
    assert capsys.readouterr().err.count("\n") == 1


def test_the_status_is_readable() -> None:
    status: dict[str, object] = {
        "registry": {"address": "10.1.1.2:5000", "up": True},
        "hosts": [{"name": "h1", "address": "10.1.1.11", "ssh": True, "engine": False}],
    }
    assert table(status).splitlines() == [
        "registry  10.1.1.2:5000       up",
        "h1        10.1.1.11           ssh up, engine down",
    ]
