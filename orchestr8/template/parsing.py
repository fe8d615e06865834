"""Parses templates and finds the variables they use, with guards and columns."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from typing import Any

from jinja2 import Environment, nodes
from jinja2.exceptions import TemplateSyntaxError
from jinja2.parser import Parser

from orchestr8.template.analysis import Analysis, SyntaxProblem, Unknown, Use
from orchestr8.template.tables import filter_names, test_names
from orchestr8.template.tokens import Tokens

_GLOBALS = frozenset(
    ("lookup", "query", "q", "now", "undef", "omit", "range", "dict", "cycler", "joiner", "namespace")
)
_IMPLIED = frozenset(("loop", "caller", "varargs", "kwargs", "self", "super", "true", "false", "none"))
_DEFAULTS = frozenset(("default", "d", "ansible.builtin.default"))
_ASKS = frozenset(("defined", "undefined"))
_BRANCH = "?"
_TEMPLATES = (nodes.Include, nodes.Import, nodes.FromImport, nodes.Extends)


@lru_cache(maxsize=32)
def _environment(options: tuple[tuple[str, Any], ...] = ()) -> Environment:
    extensions = ["jinja2.ext.do", "jinja2.ext.loopcontrols"]
    return Environment(extensions=extensions, **{"trim_blocks": True, **dict(options)})  # noqa: S701


def parse_template(text: str) -> Analysis:
    """Return what a template's text uses."""
    return _analyse(text, _environment(), expression=False)


def parse_expression(text: str) -> Analysis:
    """Return what a bare expression uses."""
    return _analyse(text, _environment(), expression=True)


def parse_file(text: str, options: dict[str, Any]) -> Analysis:
    """Return what a template file's text uses."""
    from orchestr8.template.options import read_header

    body, header = read_header(text)
    found = _analyse(body, _environment(tuple(sorted({**options, **header}.items()))), expression=False)
    return found.moved(1) if body != text else found


def _analyse(text: str, environment: Environment, *, expression: bool) -> Analysis:
    try:
        root = _parse(text, environment, expression=expression)
        tokens = Tokens(environment, text, expression=expression)
    except TemplateSyntaxError as failure:
        return Analysis(problem=SyntaxProblem(failure.message or "syntax error", failure.lineno))
    except RecursionError:
        return Analysis(problem=SyntaxProblem("the expression is nested too deeply", 1))
    return _Finder(root, tokens).analysis()


def _parse(text: str, environment: Environment, *, expression: bool) -> nodes.Node:
    if not expression:
        return environment.parse(text)
    parser = Parser(environment, text, state="variable")
    found = parser.parse_expression()
    if not parser.stream.eos:
        parser.fail("chunk after expression", parser.stream.current.lineno)
    return nodes.Template([nodes.Output([found], lineno=1)], lineno=1)


class _Finder:
    """Walks a parsed template once."""

    def __init__(self, root: nodes.Node, tokens: Tokens) -> None:
        self._root = root
        self._tokens = tokens
        self._local = frozenset(_defined(root)) | _GLOBALS | _IMPLIED
        self._uses: list[Use] = []
        self._unknown: list[Unknown] = []
        self._templates: list[str | None] = []

    def analysis(self) -> Analysis:
        """Return everything found."""
        self._walk(self._root, frozenset())
        defines = frozenset(_top_level(self._root))
        return Analysis(tuple(self._uses), tuple(self._templates), defines, tuple(self._unknown))

    def _walk(self, node: nodes.Node, guarded: frozenset[str]) -> None:
        if isinstance(node, (nodes.Getattr, nodes.Getitem, nodes.Name)) and self._chain(node, guarded):
            return
        if isinstance(node, _TEMPLATES):
            self._templates.extend(_named(node.template))
        if isinstance(node, (nodes.Filter, nodes.Test)):
            self._check_name(node)
        guarded |= _asked(node)
        for child in node.iter_child_nodes():
            self._walk(child, guarded | _lenient(node, child) | _branch(node, child))

    def _chain(self, node: nodes.Node, guarded: frozenset[str]) -> bool:
        path: list[str] = []
        inner: nodes.Node = node
        while isinstance(inner, (nodes.Getattr, nodes.Getitem)):
            if isinstance(inner, nodes.Getattr):
                path.append(inner.attr)
            elif isinstance(inner.arg, nodes.Const):
                path.append(str(inner.arg.value))
            else:
                path.clear()
                self._walk(inner.arg, guarded)
            inner = inner.node
        if not isinstance(inner, nodes.Name):
            self._walk(inner, guarded)
        elif inner.ctx == "load" and inner.name not in self._local:
            self._use(inner, tuple(reversed(path)), guarded)
        return True

    def _use(self, name: nodes.Name, path: tuple[str, ...], guarded: frozenset[str]) -> None:
        column, columns = self._tokens.take(name.name, name.lineno, len(path))
        safe = name.name in guarded or "*" in guarded
        self._uses.append(Use(name.name, path, name.lineno, column, safe, columns, _BRANCH in guarded))

    def _check_name(self, node: nodes.Filter | nodes.Test) -> None:
        kind = "filter" if isinstance(node, nodes.Filter) else "test"
        known = filter_names() if kind == "filter" else test_names()
        if node.name not in known:
            self._unknown.append(Unknown(kind, node.name, node.lineno))


def _named(template: nodes.Node) -> list[str | None]:
    if isinstance(template, nodes.Const):
        return [str(each) for each in _listed(template.value)]
    if isinstance(template, (nodes.List, nodes.Tuple)):
        return [name for item in template.items for name in _named(item)]
    return [None]


def _listed(value: object) -> Iterable[object]:
    return value if isinstance(value, (list, tuple)) else [value]


def _asked(node: nodes.Node) -> frozenset[str]:
    """Return the names whose existence a condition asks for, when `node` holds that condition."""
    if isinstance(node, (nodes.And, nodes.Or, nodes.Not)):
        return _asked_in(node)
    if isinstance(node, (nodes.If, nodes.CondExpr)):
        return _asked_in(node.test)
    if isinstance(node, nodes.For) and node.test is not None:
        return _asked_in(node.test)
    return frozenset()


def _asked_in(condition: nodes.Node) -> frozenset[str]:
    tests = [condition] if isinstance(condition, nodes.Test) else []
    tests += condition.find_all(nodes.Test)
    return frozenset(name for test in tests if test.name in _ASKS for name in _bases(test.node))


def _bases(node: nodes.Node) -> list[str]:
    if isinstance(node, nodes.Name):
        return [node.name]
    return [each.name for each in node.find_all(nodes.Name)]


def _lenient(node: nodes.Node, child: nodes.Node) -> frozenset[str]:
    """Return "*" when `node` copes with anything missing in `child`."""
    if isinstance(node, nodes.Filter) and node.name in _DEFAULTS and child is node.node:
        return frozenset("*")
    if isinstance(node, nodes.Test) and node.name in _ASKS:
        return frozenset("*")
    return frozenset()


def _branch(node: nodes.Node, child: nodes.Node) -> frozenset[str]:
    """Return the mark of a branch when `node` may never come to `child`."""
    if isinstance(node, (nodes.And, nodes.Or)):
        return frozenset(_BRANCH) if child is node.right else frozenset()
    chooses = isinstance(node, (nodes.If, nodes.CondExpr)) and child is not node.test
    return frozenset(_BRANCH) if chooses else frozenset()


def _defined(root: nodes.Node) -> Iterable[str]:
    for name in root.find_all(nodes.Name):
        if name.ctx != "load":
            yield name.name
    for macro in root.find_all(nodes.Macro):
        yield macro.name
    for imported in root.find_all(nodes.Import):
        yield imported.target
    for taken in root.find_all(nodes.FromImport):
        yield from (each[1] if isinstance(each, tuple) else each for each in taken.names)


def _top_level(root: nodes.Node) -> Iterable[str]:
    for node in getattr(root, "body", ()):
        if isinstance(node, nodes.Macro):
            yield node.name
        if isinstance(node, (nodes.Assign, nodes.AssignBlock)):
            yield from _bases(node.target)
