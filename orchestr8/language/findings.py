"""Collects everything wrong with the user's files, so that it is reported at once."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NoReturn

from orchestr8.core.errors import Diagnostic, InvalidInput
from orchestr8.core.span import Span
from orchestr8.core.suggest import did_you_mean
from orchestr8.language.former import former


class Findings:
    """Diagnostics in the order they were found, each once."""

    def __init__(self) -> None:
        self._found: dict[Diagnostic, None] = {}

    def add(self, *diagnostics: Diagnostic) -> None:
        """Take diagnostics over."""
        self._found.update(dict.fromkeys(diagnostics))

    def error(self, code: str, message: str, span: Span | None = None, hint: str | None = None) -> None:
        """Note a mistake that makes the input invalid."""
        self.add(Diagnostic(code, message, span, hint))

    def warn(self, code: str, message: str, span: Span | None = None, hint: str | None = None) -> None:
        """Note something that works but surprises."""
        self.add(Diagnostic(code, message, span, hint, severity="warning"))

    def unknown(self, code: str, message: str, word: str, known: Iterable[str], span: Span | None) -> None:
        """Note a word that nobody knows, with its successor or the nearest known one as a hint."""
        names = [*known]
        self.error(code, message, span, former(word, names) or did_you_mean(word, names))

    @property
    def all(self) -> tuple[Diagnostic, ...]:
        """Everything found, by place where it has one."""
        return tuple(self._found)

    @property
    def warnings(self) -> tuple[Diagnostic, ...]:
        """The findings that do not stand in the way."""
        return tuple(d for d in self._found if d.severity == "warning")

    @property
    def failed(self) -> bool:
        """Whether there is any error."""
        return any(d.severity == "error" for d in self._found)

    def fail(self) -> NoReturn:
        """Raise with everything found, errors and warnings."""
        raise InvalidInput(*self.all)
