"""A copy of this process that does one piece of work: code of users cannot harm what goes on here."""

import os
import sys
from typing import Callable, List

from orchestr8.remote.child import Child


def start_copy(work: Callable[[], int]) -> Child:
    """Start `work` in a copy of this process with three pipes; what it returns is its exit code."""
    pipes = [os.pipe() for _ in range(3)]
    pid = os.fork()
    if pid == 0:
        _become([pipes[0][0], pipes[1][1], pipes[2][1]], work)
    for number in (pipes[0][0], pipes[1][1], pipes[2][1]):
        os.close(number)
    return Child(pid, pipes[0][1], pipes[1][0], pipes[2][0])


def _become(ends: List[int], work: Callable[[], int]) -> None:
    """Leave all that is the caller's behind, and do the work; never returns."""
    code = 1
    try:
        from orchestr8.remote import child

        os.setsid()
        child.tidy(ends)
        os.closerange(3, 4096)
        code = work()
    except BaseException:  # noqa: BLE001 -- the copy has nobody above it
        import traceback

        traceback.print_exc()
    finally:
        for stream in (sys.stdout, sys.stderr):
            try:
                stream.flush()
            except (OSError, ValueError):
                code = code or 1
        os._exit(code & 255)
