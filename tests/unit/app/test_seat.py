"""Whether the process of a lock's holder is known to be dead."""

from __future__ import annotations

import subprocess
import sys

import pytest

from orchestr8.app.seat import gone, seat

TELL = "from orchestr8.app.seat import seat; print(seat(), flush=True); input()"


def test_only_a_dead_process_of_this_machine_is_known_to_be_gone() -> None:
    if not seat():
        pytest.skip("the system does not tell of processes")
    other = subprocess.Popen(
        [sys.executable, "-c", TELL], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert other.stdout is not None
    theirs = other.stdout.readline().strip()
    assert not gone(theirs)
    assert not gone(seat())
    other.kill()
    while not gone(theirs):
        pass
    other.communicate()
    assert gone(theirs)


def test_of_other_machines_nothing_is_known() -> None:
    assert not gone("")
    assert not gone("another-boot.4026531836 1 17")
    assert not gone(seat().split(" ")[0] + " x 17")
