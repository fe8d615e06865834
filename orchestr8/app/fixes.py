"""Mends the findings whose repair is mechanical: nothing but the text at the finding's place changes."""

from __future__ import annotations

import os
import re
import stat
import tempfile
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path

from orchestr8.core.errors import Diagnostic
from orchestr8.core.span import Span

FIXABLE = frozenset(("O8-1207",))
"""A decimal file mode is written as a quoted octal one, which is what its author meant."""

_WRITE = re.compile(r'write ("[^"\n]+")')


def mend(found: Iterable[Diagnostic]) -> list[Diagnostic]:
    """Rewrite files and return the findings that were mended."""
    wanted: dict[str, list[tuple[Diagnostic, Span, str]]] = defaultdict(list)
    for each in found:
        written = _WRITE.search(each.hint or "") if each.code in FIXABLE else None
        if written and each.span:
            wanted[each.span.file].append((each, each.span, written[1]))
    return [done for file, changes in wanted.items() for done in _mend(file, changes)]


def _mend(file: str, changes: list[tuple[Diagnostic, Span, str]]) -> list[Diagnostic]:
    lines = Path(file).read_bytes().decode("utf-8").split("\n")
    done = []
    for finding, span, text in sorted(changes, key=lambda each: each[1], reverse=True):
        line = lines[span.line - 1]
        found = re.compile(r"\d+").match(line, span.column - 1)
        if found is not None:
            lines[span.line - 1] = line[: found.start()] + text + line[found.end() :]
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
