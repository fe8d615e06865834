"""The process ends at once, with its code, and nothing it said is lost."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

BEGIN = "import atexit, sys, threading, time\nfrom orchestr8.cli.leaving import leave\n"


def ended(program: str, **streams: object) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", BEGIN + program]
    kept = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, **streams}
    environ = {name: value for name, value in os.environ.items() if name != "PYTHONUNBUFFERED"}
    return subprocess.run(command, text=True, timeout=60, env=environ, **kept)  # type: ignore[call-overload]


@pytest.mark.parametrize("code", [0, 2, 70, 130])
def test_the_code_is_the_one_that_was_given(code: int) -> None:
    assert ended(f"leave({code})").returncode == code


def test_what_was_said_is_out() -> None:
    done = ended("print('x' * 300_000, end=''); sys.stderr.write('why'); leave(2)")
    assert (len(done.stdout), done.stderr, done.returncode) == (300_000, "why", 2)


def test_what_was_registered_for_the_end_is_done() -> None:
    assert ended("atexit.register(print, 'bye'); leave(0)").stdout == "bye\n"


def test_no_thread_is_waited_for() -> None:
    program = "threading.Thread(target=time.sleep, args=(60,)).start(); leave(4)"
    assert ended(program).returncode == 4


def test_output_that_cannot_be_written_is_a_failure() -> None:
    with Path("/dev/full").open("w") as full:
        done = ended("print('lost'); leave(0)", stdout=full)
    assert done.returncode == 70
    assert "cannot write the output: No space left on device" in done.stderr


def test_a_reader_who_went_away_is_no_failure() -> None:
    program = "import os\nr, w = os.pipe()\nos.dup2(w, 1)\nos.close(r)\nos.close(w)\nprint('x')\nleave(0)"
    assert (ended(program).returncode, ended(program).stderr) == (0, "")


def test_a_closed_stream_is_passed_over() -> None:
    assert ended("sys.stderr.close(); leave(3)").returncode == 3
