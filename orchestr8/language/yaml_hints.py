"""Explains YAML syntax errors by the line they stand on."""

from __future__ import annotations

import re
from typing import Any

import yaml

from orchestr8.core.errors import Diagnostic
from orchestr8.core.span import Span

_TEMPLATE = re.compile(r"(?:^|[:\-]\s+)\{[{%]")
_QUOTED_START = re.compile(r"""^\s*(?:-\s+)?[\w.]+:\s+(["'])""")
_NO_SPACE = re.compile(r"""^\s*(?:-\s+)?[A-Za-z_]\w*:[^\s/:\\"']""")
_TWO_COLONS = re.compile(r"""^\s*(?:-\s+)?[\w.]+:\s+[^"'\s{\[|>#][^#]*:(?:\s|$)""")
_KEY = re.compile(r"""^\s*(?:-\s+)*[\w."' -]+:(?:\s|$)""")


def explain(error: Exception, text: str, file: str) -> Diagnostic:
    """Return a diagnostic for what the parser raised, with a hint where the cause can be guessed."""
    if isinstance(error, yaml.reader.ReaderError):
        return _bad_character(text, file)
    mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
    if mark is None:
        return Diagnostic("O8-1001", f"not valid YAML: {error}", Span(file, 1, 1))
    lines = text.split("\n")
    line = min(mark.line, max(len(lines) - 1, 0))
    place = Span(file, line + 1, mark.column + 1)
    return Diagnostic(
        "O8-1001", _message(error), place, _hint(error, lines, line), notes=_context(error, file)
    )


def _message(error: Any) -> str:
    problem = (error.problem or "something unexpected").strip()
    return f"not valid YAML: {problem}"


def _context(error: Any, file: str) -> tuple[str, ...]:
    mark = getattr(error, "context_mark", None)
    if mark is None or not error.context:
        return ()
    return (f"{error.context} that starts at {Span(file, mark.line + 1, mark.column + 1)}",)


def _bad_character(text: str, file: str) -> Diagnostic:
    bad = next((i for i, char in enumerate(text) if _unprintable(char)), 0)
    line = text.count("\n", 0, bad) + 1
    column = bad - text.rfind("\n", 0, bad)
    code = ord(text[bad]) if text else 0
    message = f"the character U+{code:04X} is not allowed in YAML"
    return Diagnostic(
        "O8-1002", message, Span(file, line, column), 'write it as an escape in "double quotes"'
    )


def _unprintable(char: str) -> bool:
    code = ord(char)
    if code < 0x20:
        return char not in "\t\n\r"
    if 0x7F <= code <= 0x9F:
        return code != 0x85
    return 0xD800 <= code <= 0xDFFF or code in (0xFFFE, 0xFFFF)


def _hint(error: Any, lines: list[str], index: int) -> str | None:
    context = getattr(error, "context_mark", None)
    near = [index, index - 1]
    if context is not None:
        near.append(context.line)
    for number in near:
        if 0 <= number < len(lines) and (hint := _line_hint(lines[number])):
            return hint
    if "quoted scalar" in (error.context or ""):
        return "quotes are not closed"
    return _above(lines, index) if "mapping values" in (error.problem or "") else None


def _above(lines: list[str], index: int) -> str | None:
    """Return what the line above has to do with a key that may not stand where it does."""
    before = next((at for at in range(index - 1, -1, -1) if lines[at].strip()), None)
    if before is None or _KEY.match(lines[index]) is None:
        return None
    if _KEY.match(lines[before]) is None:
        return f"is there a colon missing at the end of line {before + 1}?"
    return f"indent it like the keys beside it; line {before + 1} already has a value"


def _line_hint(line: str) -> str | None:
    indent = line[: len(line) - len(line.lstrip())]
    if "\t" in indent:
        return "indent with spaces; YAML allows no tab here"
    if _TEMPLATE.search(line):
        return 'quote a value that starts with `{{`: "{{ … }}"'
    if _unbalanced(line):
        return "a value that starts with a quote has to end with it; quote the whole value"
    if _NO_SPACE.match(line):
        return "put a space after the colon"
    if _TWO_COLONS.match(line):
        return "quote a value that contains `: `"
    return None


def _unbalanced(line: str) -> bool:
    found = _QUOTED_START.match(line)
    if not found:
        return False
    rest = line[found.end() :].split(" #")[0].rstrip()
    return not rest.endswith(found[1]) or rest.count(found[1]) % 2 == 0
