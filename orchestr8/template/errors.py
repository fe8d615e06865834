"""What can go wrong in a template, as errors with places."""

from __future__ import annotations

from orchestr8.core.errors import Diagnostic, HostFailed
from orchestr8.core.span import Span

SYNTAX = "O8-1301"
FAILED = "O8-1302"
UNDEFINED = "O8-1303"
CYCLE = "O8-1304"
TOO_BIG = "O8-1305"
CONDITION = "O8-1306"
LOOKUP = "O8-1307"


class TemplateError(HostFailed):
    """A template or expression cannot be read or evaluated."""


class UndefinedVariable(TemplateError):
    """A template needs a variable, attribute or item that does not exist."""


class TooBig(ValueError):
    """A template would make something absurdly large."""


class LookupFailed(Exception):
    """A lookup cannot find or do what it was asked for."""


class PluginFailed(Exception):
    """A filter, test or lookup failed; the message names it, the hint says where in a plugin's file."""

    def __init__(self, message: str, hint: str | None = None) -> None:
        super().__init__(message)
        self.hint = hint


MISTAKES = (
    ArithmeticError,
    AssertionError,
    AttributeError,
    LookupError,
    OSError,
    TypeError,
    ValueError,
    LookupFailed,
)


def template_error(
    code: str, message: str, span: Span | None = None, hint: str | None = None, notes: tuple[str, ...] = ()
) -> TemplateError:
    """Return a TemplateError with one diagnostic."""
    return TemplateError(Diagnostic(code, message, span, hint, notes=notes))
