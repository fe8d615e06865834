"""The Jinja environment: native types, lazy variables, missing values that are told apart, a sandbox."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from jinja2 import defaults, nodes
from jinja2.compiler import Frame
from jinja2.environment import Template, TemplateModule
from jinja2.lexer import TOKEN_STRING, TOKEN_VARIABLE_BEGIN, TOKEN_VARIABLE_END, Lexer
from jinja2.loaders import BaseLoader
from jinja2.nativetypes import NativeCodeGenerator
from jinja2.runtime import Context as JinjaContext
from jinja2.runtime import Macro
from jinja2.sandbox import SandboxedEnvironment

from orchestr8.core.secret import Secret
from orchestr8.core.span import Text
from orchestr8.template import limits
from orchestr8.template.guard import first_missing, hidden, settled
from orchestr8.template.names import Apart, Names
from orchestr8.template.omit import OMIT
from orchestr8.template.plain import as_text
from orchestr8.template.plugins.shelf import Plugins
from orchestr8.template.run import Run
from orchestr8.template.secrets import reveal
from orchestr8.template.tables import filter_table, test_table
from orchestr8.template.undefined import Missing, MissingUsed

CONDITION = "<condition>"


class Context(JinjaContext):
    """What compiled templates ask for names: their own, then the run's variables, then globals."""

    parent: Names  # type: ignore[assignment]

    @property
    def run(self) -> Run | None:
        """The evaluation this context belongs to."""
        return self.parent.run

    def resolve_or_missing(self, key: str) -> Any:
        """Return a name's value, or Jinja's mark for a missing one."""
        return self.vars[key] if key in self.vars else self.parent.find(key)

    def get_all(self) -> Any:
        """Return the names without reading any of them."""
        return self.parent.over(self.vars) if self.vars else self.parent

    def derived(self, locals: dict[str, Any] | None = None) -> JinjaContext:  # noqa: A002
        """Return a context with further names."""
        context = Context(self.environment, self.get_all().over(locals or {}), self.name, {})
        context.eval_ctx = self.eval_ctx
        context.blocks.update((name, list(each)) for name, each in self.blocks.items())
        return context

    def constant(self, text: str) -> Any:
        """Return a text in an expression that itself looks like a template; lookups render it."""
        return Text(text)

    def rendered(self, text: str) -> Any:
        """Return what a template inside a condition's text is worth."""
        return self.run.resolve(Text(text)) if self.run else text


class NativeTemplate(Template):
    """A template whose variables are not copied."""

    def new_context(
        self,
        vars: Any = None,  # noqa: A002
        shared: bool = False,  # noqa: ARG002, FBT001, FBT002
        locals: Mapping[str, Any] | None = None,  # noqa: A002
    ) -> JinjaContext:
        """Return a context over `vars`, which are names or a mapping."""
        names = vars if isinstance(vars, Names) else Names(None, dict(vars or {}), self.environment.globals)
        return Context(self.environment, names.over(locals or {}), self.name, self.blocks)  # type: ignore[arg-type]

    def _get_default_module(self, ctx: JinjaContext | None = None) -> TemplateModule:
        """Return the names of a file imported without context; its lookups still need the run.

        Never kept: the next one who imports it may be another host's run.
        """
        run = ctx.run if isinstance(ctx, Context) else None
        return self.make_module(Apart(run, {}, self.environment.globals))  # type: ignore[arg-type]


class CodeGenerator(NativeCodeGenerator):
    """Generates code that keeps single values native and bounds the length of joined texts."""

    def _output_const_repr(self, group: Iterable[Any]) -> str:
        return repr("".join(map(str, group)))

    def _output_child_to_const(self, node: nodes.Expr, frame: Frame, finalize: Any) -> Any:
        if not isinstance(node, nodes.TemplateData):
            raise nodes.Impossible
        return super()._output_child_to_const(node, frame, finalize)

    def visit_Const(self, node: nodes.Const, frame: Frame) -> None:  # noqa: N802
        """Write a constant; one that looks like a template is decided on at run time."""
        if type(node.value) is str and ("{{" in node.value or "{%" in node.value):
            how = "rendered" if self.name == CONDITION else "constant"
            self.write(f"context.{how}({node.value!r})")
        else:
            super().visit_Const(node, frame)

    def visit_Concat(self, node: nodes.Concat, frame: Frame) -> None:  # noqa: N802
        """Write `a ~ b` so that secrets stay secret and lengths are bounded."""
        self.write("environment.tied((")
        for each in node.nodes:
            self.visit(each, frame)
            self.write(", ")
        self.write("))")


class RawLexer(Lexer):
    """Reads texts inside `{{ }}` without escapes, as YAML has already read them."""

    def tokeniter(self, *args: Any, **kwargs: Any) -> Iterator[tuple[int, str, str]]:
        """Yield tokens."""
        inside = False
        for line, token, value in super().tokeniter(*args, **kwargs):
            if token in (TOKEN_VARIABLE_BEGIN, TOKEN_VARIABLE_END):
                inside = token == TOKEN_VARIABLE_BEGIN
            raw = inside and token == TOKEN_STRING
            yield line, token, value.replace("\\", "\\\\") if raw else value


def flat(parts: Iterable[Any]) -> list[Any]:
    """Return what a template gave, without the Nones, imported templates as their output."""
    result: list[Any] = []
    for part in parts:
        if isinstance(part, TemplateModule):
            result.extend(flat(part._body_stream))  # noqa: SLF001
        elif part is not None:
            result.append(part)
    return result if len(result) == 1 else [part for part in result if part is not OMIT]


class Environment(SandboxedEnvironment):
    """Jinja as templates of playbooks know it."""

    code_generator_class = CodeGenerator
    template_class = NativeTemplate
    context_class = Context
    intercepted_binops = frozenset(limits.BINARY)

    def __init__(
        self, make_globals: Callable[[], dict[str, Any]], plugins: Plugins, loader: BaseLoader | None = None
    ) -> None:
        super().__init__(
            trim_blocks=True,
            undefined=Missing,
            loader=loader,
            extensions=["jinja2.ext.do", "jinja2.ext.loopcontrols"],
        )
        self.optimized = False
        self.filters = filter_table(plugins)
        self.tests = test_table(plugins)
        self.globals.update(make_globals(), range=limits.bounded_range)
        self.globals.pop("lipsum", None)

    @staticmethod
    def concat(parts: Iterable[Any]) -> Any:
        """Return a template's result: one value as it is, several as one text."""
        values = flat(parts)
        if not values:
            return None
        return values[0] if len(values) == 1 else Environment.joined(values)

    @staticmethod
    def joined(values: Iterable[Any]) -> Any:
        """Return values as one text; it is a secret when one of them is."""
        values = list(values)
        if (lost := first_missing(values)) is not None:
            return lost
        texts = [each.reveal() if type(each) is Secret else as_text(each) for each in values]
        limits.total(texts)
        text = "".join(texts)
        return Secret(text) if any(type(each) is Secret for each in values) else text

    def tied(self, values: tuple[Any, ...]) -> Any:
        """Return what `a ~ b` gives; both have to exist."""
        if (lost := first_missing(values)) is not None:
            lost.o8_trip()
        return self.joined(values)

    def getattr(self, obj: Any, attribute: str) -> Any:
        """Return `obj.attribute`: an attribute if it is a safe one, else an item."""
        if isinstance(obj, Missing):
            return obj
        try:
            value = getattr(obj, attribute)
        except AttributeError:
            return self._item(obj, attribute)
        if not self.is_safe_attribute(obj, attribute, value):
            return self._item(obj, attribute)
        return self.wrap_str_format(value) or value if isinstance(obj, str) else value

    def getitem(self, obj: Any, argument: Any) -> Any:
        """Return `obj[argument]`, else an attribute of that name."""
        if (lost := first_missing((obj, argument))) is not None:
            return lost
        try:
            return obj[argument]
        except (AttributeError, TypeError, LookupError):
            if isinstance(argument, str) and not isinstance(obj, Mapping) and hasattr(obj, argument):
                return self.getattr(obj, argument)
        return self.undefined(obj=obj, name=argument)

    def _item(self, obj: Any, attribute: str) -> Any:
        try:
            return obj[attribute]
        except (AttributeError, TypeError, LookupError):
            return self.undefined(obj=obj, name=attribute)

    def call(self, context: JinjaContext, obj: Any, /, *args: Any, **kwargs: Any) -> Any:
        """Call something from a template, with missing arguments handed on."""
        if isinstance(obj, Missing):
            return obj
        if isinstance(obj, Macro):
            return super().call(context, obj, *args, **kwargs)
        direct = getattr(obj, "o8_takes_missing", False)
        if not direct and (lost := first_missing((*args, *kwargs.values()))) is not None:
            return lost
        limits.method(obj, args)
        try:
            return settled(super().call(context, obj, *args, **kwargs))
        except MissingUsed as used:
            return used.missing

    def call_binop(self, context: JinjaContext, operator: str, left: Any, right: Any) -> Any:  # noqa: ARG002
        """Return what a bounded operator gives."""
        if type(left) is Secret or type(right) is Secret:
            return hidden(limits.BINARY[operator](reveal(left), reveal(right)))
        return limits.BINARY[operator](left, right)


class TextEnvironment(Environment):
    """For texts from YAML: backslashes in `{{ }}` are only backslashes."""

    _raw: RawLexer | None = None

    @property
    def lexer(self) -> Lexer:
        """The lexer without escapes."""
        if self._raw is None:
            self._raw = RawLexer(self)
        return self._raw


DELIMITERS = {
    "block_start_string": defaults.BLOCK_START_STRING,
    "block_end_string": defaults.BLOCK_END_STRING,
    "variable_start_string": defaults.VARIABLE_START_STRING,
    "variable_end_string": defaults.VARIABLE_END_STRING,
    "comment_start_string": defaults.COMMENT_START_STRING,
    "comment_end_string": defaults.COMMENT_END_STRING,
}
