"""Where in a plugin's file something went wrong."""

from __future__ import annotations


def failing_line(failure: BaseException, path: str) -> int | None:
    """Return the line of a file that a failure comes from, or None when none of it was running."""
    line = None
    trace = failure.__traceback__
    while trace is not None:
        if trace.tb_frame.f_code.co_filename == path:
            line = trace.tb_lineno
        trace = trace.tb_next
    if line is None and isinstance(failure, SyntaxError) and failure.filename == path:
        return failure.lineno
    return line
