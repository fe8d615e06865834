"""Jinja's side of a templar; made when the first template needs more than names."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jinja2.exceptions import TemplateSyntaxError
from jinja2.loaders import FileSystemLoader

from orchestr8.core.errors import O8Error
from orchestr8.core.secret import Secret
from orchestr8.core.span import Span, Text, span_of
from orchestr8.template.analysis import Analysis, analyse_file
from orchestr8.template.calls import run_lookup, template_globals
from orchestr8.template.environment import Environment, TextEnvironment
from orchestr8.template.errors import FAILED, SYNTAX, PluginFailed, template_error
from orchestr8.template.explain import explain, hint_of, missing_error, name_hint, syntax_error
from orchestr8.template.options import Options, merged, read_header
from orchestr8.template.plain import plain
from orchestr8.template.program import Compiled, compile_expression, compile_text, failures, output
from orchestr8.template.run import Run
from orchestr8.template.scope import Scope
from orchestr8.template.undefined import Missing, MissingUsed

if TYPE_CHECKING:
    from orchestr8.template.templar import Templar


_MOST_FILES = 1000


class FileTemplate(Compiled):
    """A template file compiled: places are in the file itself."""

    __slots__ = ("file", "skipped")
    file: str
    skipped: int

    def place(self, line: int, column: int = 1, width: int = 1) -> Span:
        """Return a place in the file."""
        return Span(self.file, line + self.skipped, column, width)

    def analysis(self) -> Analysis:
        """Return what the file uses."""
        return analyse_file(self.text)


def _texted(program: FileTemplate, value: Any) -> str:
    # What is one value and no text has no line to end, and none is added.
    text = output(value)
    return program.ended(text) if isinstance(value, str | Secret) else text


def _valued(program: FileTemplate, value: Any) -> Any:
    return _texted(program, value) if value is None or isinstance(value, (str, Secret)) else plain(value)


class Compiler:
    """Compiles texts, expressions and files, and explains what goes wrong with them."""

    def __init__(self, templar: Templar) -> None:
        self._templar = templar
        self._texts = TextEnvironment(template_globals, templar.plugins)
        self._conditions = Environment(template_globals, templar.plugins)
        self._files: dict[tuple[Any, ...], Environment] = {}
        self._file_programs: dict[tuple[Any, ...], FileTemplate] = {}
        self._compiling = threading.Lock()
        self.failures = failures()

    def text(self, text: str) -> Compiled:
        """Return a template's text compiled."""
        return self._guarded(compile_text, self._texts, text)

    def expression(self, text: str) -> Compiled:
        """Return a bare expression compiled."""
        return self._guarded(compile_expression, self._conditions, text)

    @staticmethod
    def _guarded(
        compile_: Callable[[Environment, str], Compiled], environment: Environment, text: str
    ) -> Compiled:
        try:
            return compile_(environment, text)
        except TemplateSyntaxError as failure:
            raise syntax_error(failure, text, environment) from failure
        except (RecursionError, SyntaxError, MemoryError) as failure:
            message = "Syntax error in template: it is nested too deeply"
            raise template_error(SYNTAX, message, span_of(text)) from failure

    def explain(
        self, failure: BaseException, value: Any, scope: Scope, *, expression: bool = False
    ) -> O8Error:
        """Return the error for what making `value` plain raised."""
        if isinstance(failure, MissingUsed) and failure.missing.program is not None:
            return missing_error(failure.missing, failure.missing.program, Run(self._templar, scope))
        if isinstance(value, str):
            program = self.expression(value) if expression else self.text(value)
            return explain(failure, program, Run(self._templar, scope))
        return template_error(FAILED, f"Error rendering template: {failure}", span_of(value))

    def file(
        self, text: str, name: str, scope: Scope, options: Options | None, search_path: tuple[str, ...]
    ) -> str:
        """Return a template file's text rendered."""
        rendered: str = self._file(text, name, scope, options, search_path, _texted)
        return rendered

    def file_value(
        self, text: str, name: str, scope: Scope, options: Options | None, search_path: tuple[str, ...]
    ) -> Any:
        """Return what a template file is worth: a text, or the one value that it gives."""
        return self._file(text, name, scope, options, search_path, _valued)

    def _file(
        self,
        text: str,
        name: str,
        scope: Scope,
        options: Options | None,
        search_path: tuple[str, ...],
        finish: Callable[[FileTemplate, Any], Any],
    ) -> Any:
        program = self._file_program(text, name, options or Options(), (str(Path(name).parent), *search_path))
        run = Run(self._templar, scope)
        value = program.run(run)
        try:
            if isinstance(value, Missing):
                value.o8_trip()
            return finish(program, value)
        except O8Error:
            raise
        except self.failures as failure:
            raise explain(failure, program, run) from failure

    def _file_program(
        self, text: str, name: str, options: Options, search_path: tuple[str, ...]
    ) -> FileTemplate:
        key = (options, search_path, text, name)
        known = self._file_programs.get(key)
        if known is not None:
            return known
        with self._compiling:
            return self._file_programs.get(key) or self._new_file_program(key)

    def _new_file_program(self, key: tuple[Options, tuple[str, ...], str, str]) -> FileTemplate:
        options, search_path, text, name = key
        body, header = read_header(text, name)
        environment = self._file_environment(merged(options, header), search_path)
        program = self._compiled_file(environment, body, name, 1 if header else 0)
        if len(self._file_programs) >= _MOST_FILES:
            self._file_programs.clear()
        self._file_programs[key] = program
        return program

    def _compiled_file(self, environment: Environment, body: str, name: str, skipped: int) -> FileTemplate:
        text = Text(body, Span(name, 1 + skipped))
        try:
            template = environment.from_string(body)
        except TemplateSyntaxError as failure:
            where = Span(name, failure.lineno + skipped)
            message = f"Syntax error in template: {failure.message}"
            raise template_error(SYNTAX, message, where, name_hint(message, environment)) from failure
        except (RecursionError, SyntaxError, MemoryError) as failure:
            message = "Syntax error in template: it is nested too deeply"
            raise template_error(SYNTAX, message, Span(name, 1)) from failure
        program = FileTemplate(environment, text, template)  # type: ignore[arg-type]
        program.file, program.skipped = name, skipped
        return program

    def _file_environment(self, options: Options, search_path: tuple[str, ...]) -> Environment:
        key = (options, search_path)
        if key not in self._files:
            loader = FileSystemLoader(search_path)
            environment = Environment(template_globals, self._templar.plugins, loader)
            self._files[key] = environment.overlay(**options.changed())
        return self._files[key]

    def lookup(self, name: str, terms: Any, scope: Scope, options: dict[str, Any]) -> list[Any]:
        """Return what a lookup finds for raw terms."""
        run = Run(self._templar, scope)
        try:
            return [plain(each) for each in run_lookup(name, run.resolve(terms), run, options)]
        except O8Error:
            raise
        except self.failures as failure:
            raise self._lookup_error(failure, name, terms, scope) from failure

    def _lookup_error(self, failure: BaseException, name: str, terms: Any, scope: Scope) -> O8Error:
        if isinstance(failure, MissingUsed):
            return self.explain(failure, terms, scope)
        named = isinstance(failure, PluginFailed) or "was not found" in str(failure)
        message = str(failure) if named else f"The lookup plugin '{name}' failed: {failure}"
        return template_error(FAILED, message, span_of(terms), hint_of(failure))
