"""Values of keywords that may be templates."""

from __future__ import annotations

from typing import Any

from orchestr8.compile.context import Fallback
from orchestr8.core.errors import Diagnostic, InvalidInput
from orchestr8.core.span import Text, span_of
from orchestr8.template.omit import OMIT
from orchestr8.template.scope import Scope
from orchestr8.template.templar import Templar

_TRUE = frozenset(("yes", "true", "on", "1", "y", "t", "1.0"))
_FALSE = frozenset(("no", "false", "off", "0", "n", "f", "0.0", ""))


class Values:
    """Renders keywords in one scope."""

    __slots__ = ("_scope", "_templar")

    def __init__(self, templar: Templar, scope: Scope) -> None:
        self._templar = templar
        self._scope = scope

    def raw(self, value: Any) -> Any:
        """Return a value rendered; None when it is `omit`."""
        if value is None or type(value) in (bool, int, float):
            return value
        if isinstance(value, Fallback):
            first = self.raw(value.first)
            return self.raw(value.then) if first is None else first
        rendered = self._templar.render(value, self._scope)
        return None if rendered is OMIT else rendered

    def flag(self, value: Any, *, default: bool = False) -> bool:
        """Return a keyword as a boolean."""
        if value is None:
            return default
        if isinstance(value, bool):
            return value
        rendered = self.raw(value)
        return default if rendered is None else as_flag(rendered, value)

    def text(self, value: Any) -> str | None:
        """Return a keyword as text; None stays None, and so does an empty text."""
        rendered = self.raw(value)
        return None if rendered in (None, "") else str(rendered)

    def number(self, value: Any) -> float | None:
        """Return a keyword as a number; None stays None."""
        rendered = self.raw(value)
        if rendered in (None, ""):
            return None
        try:
            return float(rendered)
        except (TypeError, ValueError):
            raise InvalidInput(
                Diagnostic("O8-1102", f"`{rendered}` is not a number", span_of(value))
            ) from None


def as_flag(value: Any, written: Any = None) -> bool:
    """Return a value as Ansible's booleans are read; raise InvalidInput for anything else."""
    word = str(value).strip().lower()
    if word in _TRUE:
        return True
    if word in _FALSE or value is None:
        return False
    span = written.span if isinstance(written, Text) else None
    raise InvalidInput(Diagnostic("O8-1102", f"The value {value!r} could not be converted to 'bool'", span))
