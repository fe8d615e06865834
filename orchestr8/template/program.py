"""A template or expression made ready to be evaluated many times."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from orchestr8.core.errors import O8Error
from orchestr8.core.span import Span
from orchestr8.template.analysis import Analysis, analyse, analyse_expression
from orchestr8.template.environment import CONDITION, Context, Environment, NativeTemplate
from orchestr8.template.explain import explain
from orchestr8.template.names import Names
from orchestr8.template.places import place_in
from orchestr8.template.plain import as_text
from orchestr8.template.undefined import Missing

if TYPE_CHECKING:
    from orchestr8.template.run import Run

FAILURES = (
    ArithmeticError,
    AssertionError,
    AttributeError,
    LookupError,
    MemoryError,
    NameError,
    OSError,
    RuntimeError,
    SyntaxError,
    TypeError,
    ValueError,
)


def failures() -> tuple[type[BaseException], ...]:
    """Return what code of templates, filters and lookups may raise."""
    import re

    from jinja2.exceptions import TemplateError as JinjaError
    from yaml import YAMLError

    from orchestr8.template.errors import LookupFailed, PluginFailed

    return (*FAILURES, JinjaError, YAMLError, LookupFailed, PluginFailed, re.error)


class Compiled:
    """A text compiled by Jinja, with what is needed to explain its failures."""

    __slots__ = ("environment", "expression", "newlines", "template", "text")

    def __init__(
        self, environment: Environment, text: str, template: NativeTemplate, *, expression: bool = False
    ) -> None:
        self.environment = environment
        self.text = text
        self.template = template
        self.expression = expression
        self.newlines = 0 if expression else len(text) - len(text.rstrip("\n"))

    def place(self, line: int, column: int = 1, width: int = 1) -> Span | None:
        """Return where a line and column of the text stand in its file."""
        return place_in(self.text, line, column, width)

    def analysis(self) -> Analysis:
        """Return what the text uses."""
        return analyse_expression(self.text) if self.expression else analyse(self.text)

    def run(self, run: Run) -> Any:
        """Return what the text is worth in a run's scope; a missing value is returned, not raised."""
        try:
            value = self._value(run)
        except O8Error:
            raise
        except failures() as failure:
            raise explain(failure, self, run) from failure
        if isinstance(value, Missing) and value.program is None:
            value.program = self
        return value

    def _value(self, run: Run) -> Any:
        names = Names(run, {}, self.environment.globals)
        context = Context(self.environment, names, self.template.name, self.template.blocks)  # type: ignore[arg-type]
        value = self.environment.concat(self.template.root_render_func(context))
        return self.ended(value) if self.newlines and isinstance(value, str) else value

    def ended(self, value: str) -> str:
        """Return a text with the newlines at its end that Jinja took away."""
        kept = len(value) - len(value.rstrip("\n"))
        return str(value) + self.environment.newline_sequence * max(0, self.newlines - kept)


def compile_text(environment: Environment, text: str) -> Compiled:
    """Return a template compiled."""
    return Compiled(environment, text, environment.from_string(str(text)))  # type: ignore[arg-type]


def compile_expression(environment: Environment, text: str) -> Compiled:
    """Return a bare expression compiled."""
    from jinja2 import nodes
    from jinja2.parser import Parser

    parser = Parser(environment, str(text), state="variable")
    expression = parser.parse_expression()
    if not parser.stream.eos:
        parser.fail("chunk after expression", parser.stream.current.lineno)
    root = nodes.Template([nodes.Output([expression], lineno=1)], lineno=1)
    root.set_environment(environment)
    code = environment.compile(root, CONDITION, "<template>")
    template = NativeTemplate.from_code(environment, code, environment.globals)
    return Compiled(environment, text, template, expression=True)  # type: ignore[arg-type]


def output(value: Any) -> str:
    """Return a template file's result as the text it is written as."""
    return "" if value is None else as_text(value)
