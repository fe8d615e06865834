"""Renders what the user wrote as templates, and nothing else."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any

from orchestr8.core.errors import O8Error
from orchestr8.core.secret import Secret
from orchestr8.core.span import Text, span_of
from orchestr8.core.vaulted import Locked, Opener
from orchestr8.template.errors import CONDITION, template_error
from orchestr8.template.lazy import type_name
from orchestr8.template.omit import OMIT
from orchestr8.template.plain import plain
from orchestr8.template.plugins.shelf import Plugins
from orchestr8.template.run import Active, Run
from orchestr8.template.scope import Scope
from orchestr8.template.secrets import Redactor
from orchestr8.template.simple import UNSURE, Simple, parse_path, parse_simple

if TYPE_CHECKING:
    from orchestr8.template.options import Options
    from orchestr8.template.program import Compiled

_MOST_PROGRAMS = 20_000
_ATOMS = frozenset((str, int, float, bool, type(None), Secret))


def _no_setting(name: str) -> Any:
    raise KeyError(name)


class Program:
    """A text ready to be evaluated: without Jinja when it is simple, compiled the first time it is not."""

    __slots__ = ("_compile", "_simple", "compiled", "text")

    def __init__(self, text: str, simple: Simple | None, compile_: Callable[[Program], Compiled]) -> None:
        self.text = text
        self.compiled: Compiled | None = None
        self._simple = simple
        self._compile = compile_

    def run(self, run: Run) -> Any:
        """Return the value in a run's scope; a missing one is returned, not raised."""
        if self._simple is not None:
            value = self._simple.run(run)
            if value is not UNSURE:
                return value
        return (self.compiled or self._compile(self)).run(run)


class Templar:
    """Renders values and evaluates expressions in a scope; one serves a whole run and all its threads.

    broken_conditionals: let conditions be true or false by their truthiness, as Ansible's option does.
    vault: opens encrypted values when they are looked at.
    select_hosts: gives the names of the hosts that a pattern selects, for the inventory_hostnames lookup.
    plugins: filters, tests and lookups that playbooks, roles and collections bring.
    setting: gives a setting of the run by its name, for the config lookup; raises KeyError.
    merging: mappings of one name in several layers add up.
    """

    def __init__(
        self,
        *,
        broken_conditionals: bool = False,
        redactor: Redactor | None = None,
        vault: Opener | None = None,
        select_hosts: Callable[[str], Iterable[str]] | None = None,
        plugins: Plugins | None = None,
        setting: Callable[[str], Any] = _no_setting,
        merging: bool = False,
    ) -> None:
        self.setting = setting
        self.merging = merging
        self.plugins = plugins or Plugins()
        self.select_hosts = select_hosts
        self.active = Active()
        self.redactor = Redactor() if redactor is None else redactor
        self.vault: Opener = vault or Locked()
        self._broken_conditionals = broken_conditionals
        self._programs: dict[str, Program | None] = {}
        self._expressions: dict[str, Program] = {}
        self._jinja: Any = None
        self._compiling = threading.RLock()

    @property
    def jinja(self) -> Any:
        """What compiles for this templar; importing Jinja waits until something needs it."""
        if self._jinja is None:
            with self._compiling:
                from orchestr8.template.compiler import Compiler

                self._jinja = self._jinja or Compiler(self)
        return self._jinja

    def render(self, value: Any, scope: Scope) -> Any:
        """Return `value` with every `Text` in it rendered, native types kept, omitted entries left out."""
        kind = type(value)
        if kind in _ATOMS or (kind is Text and "{" not in value):
            return value
        try:
            return plain(Run(self, scope).resolve(value))
        except O8Error:
            raise
        except self._tripped() as failure:
            raise self.jinja.explain(failure, value, scope) from failure

    def _compile_text(self, program: Program) -> Compiled:
        return self._compile(program, lambda: self.jinja.text(program.text))

    def _compile_expression(self, program: Program) -> Compiled:
        return self._compile(program, lambda: self.jinja.expression(program.text))

    def _compile(self, program: Program, compile_: Callable[[], Compiled]) -> Compiled:
        """Compile once: fifty hosts come to a task at the same moment, one compiles and the others wait."""
        with self._compiling:
            if program.compiled is None:
                program.compiled = compile_()
            return program.compiled

    def _tripped(self) -> tuple[type[BaseException], ...]:
        return self.jinja.failures if self._jinja is not None else (RecursionError,)

    def evaluate(self, expression: Any, scope: Scope) -> Any:
        """Return what a bare expression (`when`, `until` …) is worth; what is no text is rendered."""
        if not isinstance(expression, str):
            return self.render(expression, scope)
        return self._evaluate(expression, scope)

    def _evaluate(self, expression: str, scope: Scope) -> Any:
        if not isinstance(expression, Text):
            message = "Encountered untrusted template or expression."
            raise template_error(
                CONDITION, message, None, "what a host or a template returned is never evaluated"
            )
        try:
            return plain(self._expression(expression).run(Run(self, scope)))
        except O8Error:
            raise
        except self._tripped() as failure:
            raise self.jinja.explain(failure, expression, scope, expression=True) from failure

    def condition(self, expression: Any, scope: Scope) -> bool:
        """Return whether a condition holds; it has to be a boolean."""
        if isinstance(expression, bool):
            return expression
        value = self._worth(expression, scope)
        if isinstance(value, bool):
            return value
        if self._broken_conditionals:
            return bool(value)
        kind = type_name(value)
        message = (
            f"Conditional result ({bool(value)}) was derived from value of type '{kind}'. "
            "Conditionals must have a boolean result."
        )
        raise template_error(CONDITION, message, span_of(expression), _boolean_hint(expression, value))

    def _worth(self, expression: Any, scope: Scope) -> Any:
        text = expression.strip() if isinstance(expression, str) else expression
        if text in (None, ""):
            return self._empty(expression)
        if not isinstance(text, str):
            if self._broken_conditionals:
                return self.render(text, scope)
            raise template_error(CONDITION, "Conditional expressions must be strings.", span_of(expression))
        if not text.startswith(("{{", "{%")):
            return self._evaluate(expression, scope)
        result = self.render(Text(expression, span_of(expression)), scope)
        if result is None or (isinstance(result, str) and not result.strip()):
            return self._empty(expression)
        return self._evaluate(result, scope) if isinstance(result, str) else result

    def _empty(self, expression: Any) -> bool:
        if self._broken_conditionals:
            return True
        raise template_error(CONDITION, "Empty conditional expressions are not allowed.", span_of(expression))

    def listed(self, text: Text, scope: Scope) -> list[Any] | None:
        """Return the list that a template stands for, its items as written; None when it gives no list."""
        if not text.strip().startswith("{{"):
            return None
        try:
            found = Run(self, scope).resolve(text)
        except O8Error:
            return None
        except self._tripped():
            return None
        return list(list.__iter__(found)) if isinstance(found, list) else None

    def program(self, text: str) -> Program | None:
        """Return a text made ready, or None when it holds nothing to render."""
        try:
            return self._programs[text]
        except KeyError:
            program = self._prepare(text)
            self._remember(self._programs, text, program)
            return program

    def _prepare(self, text: str) -> Program | None:
        if not ("{{" in text or "{%" in text or "{#" in text):
            return None
        return Program(text, parse_simple(text), self._compile_text)

    def _expression(self, text: str) -> Program:
        try:
            return self._expressions[text]
        except KeyError:
            simple = parse_path(text)
            program = Program(text, simple, self._compile_expression)
            self._remember(self._expressions, text, program)
            return program

    @staticmethod
    def _remember(cache: dict[str, Any], text: str, program: Program | None) -> None:
        if len(cache) >= _MOST_PROGRAMS:
            cache.clear()
        cache[text] = program

    def render_file(
        self,
        text: str,
        name: str,
        scope: Scope,
        options: Options | None = None,
        search_path: Iterable[str] = (),
    ) -> str:
        """Return a template file's text rendered; `name` is its path for errors.

        Templates that it includes, imports or extends are looked for beside it, then in `search_path`.
        """
        return str(self.jinja.file(text, name, scope, options, tuple(search_path)))

    def file_value(
        self, text: str, name: str, scope: Scope, options: Options, search_path: Iterable[str]
    ) -> Any:
        """Return what a template file is worth: a text as `render_file` gives it, or its one value."""
        return self.jinja.file_value(text, name, scope, options, tuple(search_path))

    def lookup(self, name: str, terms: Any, scope: Scope, **options: Any) -> list[Any]:
        """Return what a lookup finds for terms as written; `with_X` loops go over it."""
        return list(self.jinja.lookup(name, terms, scope, options))

    def variables(self, scope: Scope) -> Mapping[str, Any]:
        """Return the scope's variables as a mapping that renders each when it is looked at."""
        from orchestr8.template.variables import Variables

        return Variables(self, scope)


def _boolean_hint(expression: Any, value: Any) -> str:
    text = str(expression).strip()
    if isinstance(value, str):
        return f'write `{text} | bool` for a text such as "yes", or `{text} | length > 0`'
    if isinstance(value, (list, dict)):
        return f"write `{text} | length > 0`"
    if value is None:
        return f"write `{text} is not none`"
    return f"write `{text} | bool` or compare it, such as `{text} != 0`"


__all__ = ["OMIT", "Program", "Templar"]
