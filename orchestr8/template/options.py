"""How a template file is read and written: delimiters, block trimming, newlines."""

from __future__ import annotations

import ast
from dataclasses import dataclass, fields, replace
from typing import Any

from orchestr8.core.span import Span
from orchestr8.template.errors import SYNTAX, template_error

_HEADER = "#jinja2:"


@dataclass(frozen=True, slots=True)
class Options:
    """Jinja's options that a template file may set, with Ansible's defaults."""

    block_start_string: str = "{%"
    block_end_string: str = "%}"
    variable_start_string: str = "{{"
    variable_end_string: str = "}}"
    comment_start_string: str = "{#"
    comment_end_string: str = "#}"
    line_statement_prefix: str | None = None
    line_comment_prefix: str | None = None
    trim_blocks: bool = True
    lstrip_blocks: bool = False
    newline_sequence: str = "\n"
    keep_trailing_newline: bool = False

    def changed(self) -> dict[str, Any]:
        """Return what differs from the defaults."""
        return {
            each.name: getattr(self, each.name)
            for each in fields(self)
            if getattr(self, each.name) != each.default
        }


_KNOWN = frozenset(each.name for each in fields(Options))


def read_header(text: str, file: str = "") -> tuple[str, dict[str, Any]]:
    """Return a template's text without its `#jinja2:` line, and the options that line sets."""
    if not text.startswith(_HEADER):
        return text, {}
    line, newline, body = text.partition("\n")
    if not newline:
        raise _bad("there is no line after it", file)
    found: dict[str, Any] = {}
    for pair in line[len(_HEADER) :].split(","):
        key, colon, value = pair.partition(":")
        if not colon:
            raise _bad(f"Missing key-value separator `:` in `{pair.strip()}`", file)
        if key.strip() not in _KNOWN:
            raise _bad(f"`{pair.strip()}` is no option of Jinja", file)
        found[key.strip()] = _literal(value.strip(), file)
    return body, found


def _literal(value: str, file: str) -> Any:
    try:
        return ast.literal_eval(value)
    except (ValueError, SyntaxError):
        raise _bad(f"{value} is neither a boolean nor a quoted text", file) from None


def _bad(reason: str, file: str) -> Exception:
    span = Span(file, 1) if file else None
    hint = "write for instance #jinja2: lstrip_blocks: True, trim_blocks: False"
    return template_error(
        SYNTAX, f"Syntax error in template: the #jinja2 line is wrong: {reason}", span, hint
    )


def merged(options: Options, header: dict[str, Any]) -> Options:
    """Return options with those of a header in place."""
    return replace(options, **header) if header else options
