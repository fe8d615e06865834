"""Chooses what shows a run: live on a terminal, plain lines elsewhere, JSON lines when asked."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from typing import TextIO, cast

from orchestr8.app.request import ExecRequest, FleetRequest, RunRequest
from orchestr8.app.settings import Settings
from orchestr8.core.clock import Clock, SystemClock
from orchestr8.core.errors import Diagnostic, InvalidInput
from orchestr8.engine.ports import Sink
from orchestr8.report.log import Both, LogLines

_COLOURS = {
    "ok": "32",
    "changed": "33",
    "skipped": "36",
    "failed": "31",
    "unreachable": "1;31",
    "warning": "1;35",
}


def choose(request: FleetRequest, clock: Clock, *, coloured: bool) -> Sink:
    """Return the reporter that fits where standard output goes, beside it one for the log file asked for."""
    shown = _shown(request, clock, coloured=coloured)
    path = Settings()["LOG_PATH"]
    return Both((shown, _logged(str(path), request, clock))) if path else shown


def _logged(path: str, request: FleetRequest, clock: Clock) -> Sink:
    from orchestr8.report.plain import PlainReporter

    try:
        # Left open: it takes the last line of the process.
        file = open(path, "a", encoding="utf-8", errors="backslashreplace")  # noqa: SIM115
    except OSError as error:
        message = f"cannot write the log {path}: {error.strerror}"
        raise InvalidInput(Diagnostic("O8-1730", message, hint="see ANSIBLE_LOG_PATH")) from None
    lines = cast("TextIO", LogLines(file, clock))
    verbosity = Settings()["LOG_VERBOSITY"]
    return PlainReporter(lines, verbosity=request.verbose if verbosity is None else int(verbosity))


def _shown(request: FleetRequest, clock: Clock, *, coloured: bool) -> Sink:
    """Return the reporter that fits where standard output goes; rich is loaded only for a live view."""
    if request.as_json:
        from orchestr8.report.jsonl import JsonReporter

        return JsonReporter(sys.stdout, clock)
    if _is_live(request):
        return _live(request, clock, coloured=coloured)
    from orchestr8.report.plain import PlainReporter

    return PlainReporter(
        sys.stdout,
        verbosity=request.verbose,
        paint=_painter(coloured=coloured),
        custom_stats=Settings()["SHOW_CUSTOM_STATS"],
        warnings=sys.stderr,
        brief=request.plain,
        debug=Settings()["DEBUG"],
    )


def ad_hoc(request: ExecRequest, *, coloured: bool) -> Sink:
    """Return the reporter of one task on many hosts."""
    if request.as_json:
        from orchestr8.report.jsonl import JsonReporter

        return JsonReporter(sys.stdout, SystemClock())
    from orchestr8.report.adhoc import AdHocReporter

    together = not (request.ungrouped or request.one_line)
    paint = _painter(coloured=coloured)
    return AdHocReporter(
        sys.stdout, request.module, together=together, one_line=request.one_line, paint=paint
    )


def _is_live(request: FleetRequest) -> bool:
    steps = isinstance(request, RunRequest) and request.step
    quiet = request.plain or steps or os.environ.get("CI") or os.environ.get("TERM") == "dumb"
    return not quiet and sys.stdout.isatty()


def _live(request: FleetRequest, clock: Clock, *, coloured: bool) -> Sink:
    from rich.console import Console

    from orchestr8.report.console import ConsoleReporter

    return ConsoleReporter(Console(no_color=not coloured), clock, verbosity=request.verbose)


def _painter(*, coloured: bool) -> Callable[[str, str], str]:
    def paint(text: str, status: str) -> str:
        code = _COLOURS.get(status)
        return f"\x1b[0;{code}m{text}\x1b[0m" if coloured and code else text

    return paint
