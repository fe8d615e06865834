"""Mends the findings whose repair is mechanical: nothing but the text at the finding's place changes."""

from __future__ import annotations

import os
import re
import stat
import tempfile
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

from orchestr8.compile.references import BRACED
from orchestr8.core.errors import Diagnostic
from orchestr8.core.span import Span

_WRITE = re.compile(r'write ("[^"\n]+")')
_BRACES = re.compile(r"\{\{-?\s*((?:(?!\{\{|\}\}).)+?)\s*-?\}\}")


def _mode(written: str, finding: Diagnostic) -> str | None:
    """Return a decimal file mode as the quoted octal one that its author meant."""
    wanted = _WRITE.search(finding.hint or "")
    return wanted[1] if wanted and written.isdigit() else None


def _condition(written: str, _finding: Diagnostic) -> str | None:
    """Return a condition in braces without them."""
    found = _BRACES.fullmatch(written)
    return found[1] if found else None


_MENDERS: Mapping[str, Callable[[str, Diagnostic], str | None]] = {"O8-1207": _mode, BRACED: _condition}
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
        text = _MENDERS[finding.code](line[start : start + span.width], finding)
        if text is not None:
            lines[span.line - 1] = line[:start] + text + line[start + span.width :]
            done.append(finding)
    if done:
        _replace(file, "\n".join(lines))
    return done


def _replace(file: str, text: str) -> None:
    """Write a file beside the old one and put it in its place, so that no half of it is ever there."""
    target = Path(os.path.realpath(file))
    handle, name = tempfile.mkstemp(dir=target.parent)
    with os.fdopen(handle, "wb") as stream:
        stream.write(text.encode("utf-8"))
    Path(name).chmod(stat.S_IMODE(target.stat().st_mode))
    Path(name).replace(target)
