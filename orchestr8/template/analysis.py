"""Which variables a template uses, where, and whether it copes with their absence; without rendering."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache

from orchestr8.core.span import Span


@dataclass(frozen=True, slots=True)
class Use:
    """A use of a free variable: `tls.kye` has name "tls" and path ("kye",).

    line and column (from 1) say where the name stands within the text. columns: those of the path's parts.
    guarded: the template copes when it is missing. branched: only one of the ways through leads here.
    """

    name: str
    path: tuple[str, ...]
    line: int
    column: int
    guarded: bool = False
    columns: tuple[int, ...] = ()
    branched: bool = False

    def at(self, index: int) -> Use:
        """Return the same use, placed at a part of its path."""
        return replace(self, column=self.columns[index]) if index < len(self.columns) else self


@dataclass(frozen=True, slots=True)
class SyntaxProblem:
    """Why a text cannot be parsed, and on which of its lines."""

    message: str
    line: int


@dataclass(frozen=True, slots=True)
class Unknown:
    """A filter or test (`kind`) that does not exist, and its line."""

    kind: str
    name: str
    line: int


@dataclass(frozen=True, slots=True)
class Analysis:
    """What a template's text uses, or why it cannot be parsed.

    uses: free variables. templates: other templates' names, None for a computed one. defines: what it sets
    at its top level. unknown: filters and tests that do not exist.
    """

    uses: tuple[Use, ...] = ()
    templates: tuple[str | None, ...] = ()
    defines: frozenset[str] = frozenset()
    unknown: tuple[Unknown, ...] = ()
    problem: SyntaxProblem | None = None

    def free(self) -> frozenset[str]:
        """Return the names of the free variables that are not guarded."""
        return frozenset(use.name for use in self.uses if not use.guarded)

    def moved(self, lines: int) -> Analysis:
        """Return the same, `lines` further down."""
        problem = self.problem and replace(self.problem, line=self.problem.line + lines)
        uses = tuple(replace(use, line=use.line + lines) for use in self.uses)
        unknown = tuple(replace(each, line=each.line + lines) for each in self.unknown)
        return replace(self, uses=uses, unknown=unknown, problem=problem)


_NOTHING = Analysis()


def is_template(text: str) -> bool:
    """Return whether a text contains anything to render."""
    return "{" in text and ("{{" in text or "{%" in text or "{#" in text)


@lru_cache(maxsize=20_000)
def analyse(text: str) -> Analysis:
    """Return what a template's text uses."""
    if not is_template(text):
        return _NOTHING
    from orchestr8.template.parsing import parse_template

    return parse_template(str(text))


@lru_cache(maxsize=20_000)
def analyse_expression(text: str) -> Analysis:
    """Return what a bare expression (`when`, `until` …) uses."""
    from orchestr8.template.parsing import parse_expression

    return parse_expression(str(text))


def analyse_file(text: str, options: tuple[tuple[str, object], ...] = ()) -> Analysis:
    """Return what a template file's text uses; `options` are Jinja's, such as other delimiters."""
    from orchestr8.template.parsing import parse_file

    return parse_file(text, dict(options))


def use_span(use: Use, text: str) -> Span | None:
    """Return the place of a use in the file its text stands in."""
    from orchestr8.template.places import place_in

    return place_in(text, use.line, use.column, len(use.name))
