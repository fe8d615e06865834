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
from orchestr8.report.style import Style

_COLOURS = {
    "ok": "32",
    "changed": "33",
    "skipped": "36",
    "failed": "31",
    "unreachable": "1;31",
    "warning": "1;35",
}
_CALLBACKS = frozenset(("default", "yaml", "debug", "json", "minimal", "oneline"))
"""What stdout_callback may name."""


def choose(request: FleetRequest, clock: Clock, *, coloured: bool) -> Sink:
    """Return the reporter that fits where standard output goes, beside it one for the log file asked for."""
    _head(request, plain=request.plain)
    shown = _shown(request, clock, coloured=coloured)
    path = Settings()["LOG_PATH"]
    shown = _timed(shown, clock)
    return Both((shown, _logged(str(path), request, clock))) if path else shown


def _head(request: FleetRequest, *, plain: bool) -> None:
    """Say which settings count, as Ansible does from -v on."""
    if plain and request.verbose:
        file = Settings().file
        said = f"Using {file} as config file" if file else "No config file found; using defaults"
        (sys.stderr if request.as_json else sys.stdout).write(said + "\n")


def _timed(sink: Sink, clock: Clock) -> Sink:
    """Return the reporter with what tells how long tasks took, where that was asked for."""
    wanted = [str(name).rpartition(".")[2] for name in Settings()["CALLBACKS_ENABLED"]]
    if not wanted:
        return sink
    from orchestr8.report.timing import KINDS, Timing

    for name in sorted(set(wanted) - {*KINDS}):
        sys.stderr.write(f"[WARNING]: callbacks_enabled: there is no `{name}` here\n")
    kinds = frozenset(wanted) & {*KINDS}
    return Timing(sink, sys.stdout, clock, kinds) if kinds else sink


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
    if isinstance(request, RunRequest) and (chosen := _chosen(clock, coloured=coloured)):
        return chosen
    from orchestr8.report.plain import PlainReporter

    return PlainReporter(
        sys.stdout,
        verbosity=request.verbose,
        paint=_painter(coloured=coloured),
        custom_stats=Settings()["SHOW_CUSTOM_STATS"],
        warnings=sys.stderr,
        brief=request.plain,
        debug=Settings()["DEBUG"],
        style=_style(),
    )


def _callback() -> str:
    """Return the short name of the output that was chosen; raise InvalidInput for one that is not here."""
    name = str(Settings()["STDOUT_CALLBACK"]).rpartition(".")[2]
    if name not in _CALLBACKS:
        hint = f"known are {', '.join(sorted(_CALLBACKS))}; see stdout_callback"
        raise InvalidInput(Diagnostic("O8-1732", f"Could not load '{name}' callback plugin.", hint=hint))
    return name


def _chosen(clock: Clock, *, coloured: bool) -> Sink | None:
    """Return the reporter that stdout_callback names, unless that is the usual one in some style."""
    name = _callback()
    if name == "json":
        from orchestr8.report.document import DocumentReporter

        return DocumentReporter(sys.stdout, sys.stderr, clock, custom_stats=Settings()["SHOW_CUSTOM_STATS"])
    if name in ("minimal", "oneline"):
        from orchestr8.report.adhoc import AdHocReporter

        paint = _painter(coloured=coloured)
        return AdHocReporter(sys.stdout, "", one_line=name == "oneline", paint=paint, warnings=sys.stderr)
    return None


def _style() -> Style:
    """Return the form of results that settings ask for."""
    settings, name = Settings(), _callback()
    form = "yaml" if name == "yaml" or settings["CALLBACK_RESULT_FORMAT"] == "yaml" else "json"
    return Style(
        form="spoken" if name == "debug" else form,
        pretty=settings["CALLBACK_FORMAT_PRETTY"],
        margin=2 if name == "yaml" else 4,
        skipped=settings["DISPLAY_SKIPPED_HOSTS"],
        ok=settings["DISPLAY_OK_HOSTS"],
        aside=settings["DISPLAY_FAILED_STDERR"],
        path=settings["SHOW_TASK_PATH_ON_FAILURE"],
        context=settings["DIFF_CONTEXT"],
    )


def ad_hoc(request: ExecRequest, *, coloured: bool) -> Sink:
    """Return the reporter of one task on many hosts."""
    _head(request, plain=request.ungrouped)
    if request.as_json:
        from orchestr8.report.jsonl import JsonReporter

        return JsonReporter(sys.stdout, SystemClock())
    from orchestr8.report.adhoc import AdHocReporter

    together = not (request.ungrouped or request.one_line)
    paint = _painter(coloured=coloured)
    return AdHocReporter(
        sys.stdout,
        request.module,
        together=together,
        one_line=request.one_line,
        paint=paint,
        warnings=sys.stderr,
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
        if not coloured or not code:
            return text
        begin = "" if code.startswith("1;") else "0;"
        return "\n".join(f"\x1b[{begin}{code}m{line}\x1b[0m" for line in text.split("\n"))

    return paint
