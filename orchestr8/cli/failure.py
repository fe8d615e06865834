"""How errors that reach the command line are shown."""

from __future__ import annotations

import sys
import traceback
from collections.abc import Iterable
from typing import TextIO

from orchestr8 import __version__
from orchestr8.core.codes import ANSIBLE_ENDS
from orchestr8.core.errors import Diagnostic, O8Error


def show_error(error: O8Error) -> None:
    """Write a user's mistake with its place to standard error."""
    show(error.diagnostics, sys.stderr)


def warn(diagnostic: Diagnostic) -> None:
    """Write a warning to standard error."""
    show([diagnostic], sys.stderr)


def end_as_ansible(error: O8Error) -> int:
    """Write a user's mistake under Ansible's heads and return Ansible's exit code."""
    show(error.diagnostics, sys.stderr, ansible=True)
    wrong = [each.code for each in error.diagnostics if each.severity == "error"]
    ends = (end for code in wrong for start, end in ANSIBLE_ENDS.items() if code.startswith(start))
    return next(ends, error.exit_code)


def show(diagnostics: Iterable[Diagnostic], out: TextIO, *, ansible: bool = False) -> None:
    """Write diagnostics with their places, in colour and with arrows where the stream can show them."""
    from dataclasses import replace

    from orchestr8.cli.options import colours
    from orchestr8.report.diagnostics import ASCII, UNICODE, render

    frame = UNICODE if (out.encoding or "").lower().startswith("utf") else ASCII
    out.write(render(diagnostics, replace(frame, colour=colours(out), ansible=ansible)))


def show_defect(error: Exception) -> None:
    """Write a defect of ours so that it can be reported."""
    sys.stderr.write("".join(traceback.format_exception(error)))
    name = type(error).__name__
    sys.stderr.write(
        f"error[O8-9001]: orchestr8 {__version__} failed unexpectedly ({name}); please report this\n"
    )
