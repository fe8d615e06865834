"""How the process begins and ends cheaply: what it made is not taken apart piece by piece."""

from __future__ import annotations

import atexit
import gc
import os
import sys
from typing import NoReturn, TextIO

from orchestr8.core.errors import Exit

YOUNG = 100_000
"""New objects between two looks for garbage; with the usual 700, loading our modules looks often, in vain."""


def begin() -> None:
    """Let the start be free of searches for garbage that cannot be there yet."""
    gc.set_threshold(YOUNG, 20, 100)


def leave(code: int) -> NoReturn:
    """End the process at once: an interpreter with some hundred modules takes 60 ms to clear itself away.

    What was registered for the end is done, and what was said is out. No thread is waited for: those that
    still run belong to connections that are closed.
    """
    atexit._run_exitfuncs()  # noqa: SLF001 -- there is no public name for it
    for stream in (sys.stdout, sys.stderr):
        code = _flushed(stream, code)
    os._exit(code)


def _flushed(stream: TextIO | None, code: int) -> int:
    """Flush a stream; output that is lost is a failure, unless its reader went away."""
    try:
        if stream is not None and not stream.closed:
            stream.flush()
    except BrokenPipeError:
        return code
    except OSError as error:
        os.write(2, f"o8: cannot write the output: {error.strerror}\n".encode())
        return code or Exit.INTERNAL
    return code
