"""How errors that reach the command line are shown."""

from __future__ import annotations

import sys
import traceback

from orchestr8 import __version__
from orchestr8.core.errors import O8Error


def show_error(error: O8Error) -> None:
    """Write a user's mistake with its place to standard error."""
    from orchestr8.cli.options import colours
    from orchestr8.report.diagnostics import render

    sys.stderr.write(render(error.diagnostics, colour=colours(sys.stderr)))


def show_defect(error: Exception) -> None:
    """Write a defect of ours so that it can be reported."""
    sys.stderr.write("".join(traceback.format_exception(error)))
    name = type(error).__name__
    sys.stderr.write(
        f"error[O8-9001]: orchestr8 {__version__} failed unexpectedly ({name}); please report this\n"
    )
