"""Mends the findings whose repair is mechanical: nothing but the text at the finding's place changes."""

from __future__ import annotations

import os
import re
import stat
import tempfile
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from orchestr8.compile.references import BRACED, NAMELESS
from orchestr8.core.errors import Diagnostic
from orchestr8.core.span import Span
from orchestr8.language.former import MODULE, WORD, successor

_WRITE = re.compile(r'write ("[^"\n]+")')
_BRACES = re.compile(r"\{\{-?\s*((?:(?!\{\{|\}\}).)+?)\s*-?\}\}")

Mended = tuple[int, int, str]
"""Where in a line something else is to stand, from and up to which column, and what."""


@dataclass(frozen=True, slots=True)
class _Written:
    """What stands at a finding's place."""

    line: str
    start: int
    end: int
    finding: Diagnostic

    @property
    def text(self) -> str:
        return self.line[self.start : self.end]

    def by(self, text: str) -> Mended:
        return self.start, self.end, text


def _mode(written: _Written) -> Mended | None:
    """Write a decimal file mode as the quoted octal one that its author meant."""
    wanted = _WRITE.search(written.finding.hint or "")
    return written.by(wanted[1]) if wanted and written.text.isdigit() else None


def _condition(written: _Written) -> Mended | None:
    """Write a condition in braces without them."""
    found = _BRACES.fullmatch(written.text)
    return written.by(found[1]) if found else None


def _renamed(written: _Written) -> Mended | None:
    """Write the word that stands for a former one now."""
    now = successor(written.finding.hint)
    return written.by(now) if now and written.text.isidentifier() else None


def _test(written: _Written) -> Mended | None:
    """Write a test that is asked like a filter as it is asked now: `x|failed` becomes `x is failed`."""
    found = re.search(rf"\s*\|\s*{re.escape(written.text)}\b", written.line)
    if found is None or written.finding.hint != f"it is a test: `is {written.text}`":
        return None
    return found.start(), found.end(), f" is {written.text}"


_MENDERS: Mapping[str, Callable[[_Written], Mended | None]] = {
    WORD: _renamed,
    MODULE: _renamed,
    "O8-1207": _mode,
    NAMELESS: _test,
    BRACED: _condition,
}
FIXABLE = frozenset(_MENDERS)


def mend(found: Iterable[Diagnostic]) -> list[Diagnostic]:
    """Rewrite files and return the findings that were mended."""
    wanted: dict[str, list[tuple[Span, Diagnostic]]] = defaultdict(list)
    for each in found:
        if each.code in FIXABLE and each.span:
            wanted[each.span.file].append((each.span, each))
    return [done for file, changes in wanted.items() for done in _mend(file, changes)]


def _mend(file: str, changes: list[tuple[Span, Diagnostic]]) -> list[Diagnostic]:
    lines = Path(file).read_bytes().decode("utf-8").split("\n")
    done = []
    for span, finding in sorted(changes, key=lambda each: each[0], reverse=True):
        line, start = lines[span.line - 1], span.column - 1
        mended = _MENDERS[finding.code](_Written(line, start, start + span.width, finding))
        if mended is not None:
            lines[span.line - 1] = line[: mended[0]] + mended[2] + line[mended[1] :]
            done.append(finding)
    if done:
        write_in_place(file, "\n".join(lines))
    return done


def write_in_place(file: str, text: str) -> None:
    """Write a file beside the old one and put it in its place, so that no half of it is ever there."""
    target = Path(os.path.realpath(file))
    handle, name = tempfile.mkstemp(dir=target.parent)
    with os.fdopen(handle, "wb") as stream:
        stream.write(text.encode("utf-8"))
    Path(name).chmod(stat.S_IMODE(target.stat().st_mode))
    Path(name).replace(target)
