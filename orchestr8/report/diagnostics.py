"""Shows diagnostics with the line they are about, a caret and a hint."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from orchestr8.core.errors import Diagnostic
from orchestr8.core.span import Span

_MAX_WIDTH = 160
_COLOURS = {"error": "31", "warning": "33", "hint": "36", "dim": "2"}


@dataclass(frozen=True, slots=True)
class Frame:
    """How diagnostics are drawn: the arrow, the bar, whether in colour, and whether headed as by Ansible."""

    arrow: str = "──▶"
    bar: str = "│"
    colour: bool = False
    ansible: bool = False

    def paint(self, text: str, kind: str) -> str:
        """Return `text` in the colour of `kind`, when colours are on."""
        code = _COLOURS.get(kind)
        return f"\x1b[1;{code}m{text}\x1b[0m" if self.colour and code else text


UNICODE = Frame()
ASCII = Frame(arrow="-->", bar="|")


def read_line(file: str, line: int) -> str | None:
    """Return a line of a file on the disk, or None when there is none."""
    try:
        with Path(file).open(encoding="utf-8", errors="replace") as stream:
            return next((text for number, text in enumerate(stream, 1) if number == line), None)
    except (OSError, ValueError):
        return None


def render(
    diagnostics: Iterable[Diagnostic],
    frame: Frame = UNICODE,
    line_of: Callable[[str, int], str | None] = read_line,
) -> str:
    """Return all diagnostics as text, by file and line, and how many there are."""
    found = sorted(diagnostics, key=_order)
    parts = [_one(diagnostic, frame, line_of) for diagnostic in found]
    return "\n\n".join([*parts, _count(found)]) + "\n" if parts else ""


def _order(diagnostic: Diagnostic) -> tuple[bool, str, int, int]:
    span = diagnostic.span
    return (span is None, span.file if span else "", span.line if span else 0, span.column if span else 0)


def _one(diagnostic: Diagnostic, frame: Frame, line_of: Callable[[str, int], str | None]) -> str:
    lines = [f"{_head(diagnostic, frame)}: {diagnostic.message}"]
    margin = ""
    if diagnostic.span:
        margin = " " * len(str(diagnostic.span.line))
        lines.append(f"{margin}{frame.paint(frame.arrow, 'dim')} {diagnostic.span}")
        lines += _excerpt(diagnostic.span, diagnostic.severity, frame, line_of)
    notes = (*diagnostic.notes, diagnostic.code) if frame.ansible else diagnostic.notes
    lines += [f"{margin} = {note}" for note in notes]
    if diagnostic.hint:
        lines.append(f"{margin} = {frame.paint('hint', 'hint')}: {diagnostic.hint}")
    return "\n".join(lines)


def _head(diagnostic: Diagnostic, frame: Frame) -> str:
    severity, code = diagnostic.severity, diagnostic.code
    return frame.paint(f"[{severity.upper()}]" if frame.ansible else f"{severity}[{code}]", severity)


def _excerpt(span: Span, severity: str, frame: Frame, line_of: Callable[[str, int], str | None]) -> list[str]:
    text = line_of(span.file, span.line)
    if text is None:
        return []
    text = _printable(text.rstrip("\r\n"))
    start = max(span.column - 1, 0)
    cut = max(0, start - _MAX_WIDTH // 2)
    shown = text[cut : cut + _MAX_WIDTH]
    width = max(1, min(span.width, len(shown) - (start - cut)))
    caret = " " * _columns(shown[: start - cut]) + frame.paint("^" * width, severity)
    margin = " " * len(str(span.line))
    bar = frame.paint(frame.bar, "dim")
    return [f"{span.line} {bar} {shown}".rstrip(), f"{margin} {bar} {caret}"]


def _printable(text: str) -> str:
    """Show a tab as one space and what would upset a terminal as a question mark; columns stay."""
    return "".join(" " if char == "\t" else char if char.isprintable() else "?" for char in text)


def _columns(text: str) -> int:
    wide = sum(1 for char in text if unicodedata.east_asian_width(char) in "WF")
    narrow = sum(1 for char in text if unicodedata.combining(char))
    return len(text) + wide - narrow


def _count(diagnostics: list[Diagnostic]) -> str:
    errors = sum(1 for d in diagnostics if d.severity == "error")
    warnings = len(diagnostics) - errors
    counts = [(errors, "error"), (warnings, "warning")]
    return ", ".join(f"{n} {word}{'s' * (n != 1)}" for n, word in counts if n)
