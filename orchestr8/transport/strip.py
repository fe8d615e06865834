"""Takes out of a source what a host does not need: docstrings, annotations, and what only they used."""

from __future__ import annotations

import ast
from dataclasses import dataclass, field

OURS = "orchestr8."


@dataclass(slots=True)
class Stripped:
    """A source without docstrings, annotations and unused typing, and what it imports from where."""

    tree: ast.Module
    imports: list[tuple[str, list[str]]] = field(default_factory=list)


def stripped(source: str) -> Stripped:
    """Return what is left of a source."""
    tree = ast.parse(source)
    strip = _Strip()
    tree.body = _used_only(strip, tree.body)
    return Stripped(tree, strip.imports)


def _used_only(strip: _Strip, body: list[ast.stmt]) -> list[ast.stmt]:
    """Visit a module's statements; those that only annotations needed are left out."""
    typing = {name for node in body if _from(node, "typing") for name in _names(node)}
    aliases = [node for node in body if _alias(node, typing)]
    late = [node for node in body if _from(node, "typing") or _from(node, OURS)]
    body = [_plain(node) for node in body]
    for node in body:
        if node not in aliases and node not in late:
            strip.visit(node)
        if isinstance(node, ast.Assign) and _target(node) == "__all__":
            strip.used |= {str(item.value) for item in ast.walk(node.value) if isinstance(item, ast.Constant)}
    for node in reversed(aliases):
        if _target(node) in strip.used:
            strip.visit(node)
            aliases.remove(node)
    kept = [node for node in body if node not in aliases and not (node in late and not _narrow(node, strip))]
    return [
        node for node in kept if not (isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant))
    ]


def _from(node: ast.stmt, module: str) -> bool:
    if not isinstance(node, ast.ImportFrom) or node.module is None:
        return False
    return node.module == module or (module == OURS and node.module.startswith(OURS))


def _names(node: ast.stmt) -> list[str]:
    return [alias.asname or alias.name for alias in node.names] if isinstance(node, ast.ImportFrom) else []


def _target(node: ast.stmt) -> str:
    target = node.targets[0] if isinstance(node, ast.Assign) else None
    return target.id if isinstance(target, ast.Name) else ""


def _alias(node: ast.stmt, typing: set[str]) -> bool:
    if not isinstance(node, ast.Assign) or not isinstance(node.value, ast.Subscript):
        return False
    head = node.value.value
    return isinstance(head, ast.Name) and head.id in typing


def _narrow(node: ast.stmt, strip: _Strip) -> bool:
    """Keep the names that are used; return whether any is."""
    if isinstance(node, ast.ImportFrom):
        node.names = [alias for alias in node.names if (alias.asname or alias.name) in strip.used]
        if node.names:
            strip.visit(node)
        return bool(node.names)
    return True


class _Strip(ast.NodeVisitor):
    """Changes what it visits in place; remembers the names that are used and the modules imported from."""

    def __init__(self) -> None:
        self.used: set[str] = set()
        self.imports: list[tuple[str, list[str]]] = []

    def visit_AnnAssign(self, node: ast.AnnAssign) -> None:
        """Leave out the annotation of what stands within an `if`, a loop or a `try`."""
        node.annotation = ast.copy_location(ast.Constant(None), node)
        self.generic_visit(node)

    def visit_Name(self, node: ast.Name) -> None:
        self.used.add(node.id)

    def visit_Constant(self, node: ast.Constant) -> None:
        """Leave constants alone."""

    def visit_Import(self, node: ast.Import) -> None:
        self.imports += [(alias.name, []) for alias in node.names]

    def visit_ImportFrom(self, node: ast.ImportFrom) -> None:
        self.imports.append((node.module or "", [alias.name for alias in node.names]))

    def visit_ClassDef(self, node: ast.ClassDef) -> None:
        node.body = _body(node, node.body)
        self.generic_visit(node)

    def visit_FunctionDef(self, node: ast.FunctionDef) -> None:
        node.returns = None
        node.body = _body(node, node.body)
        self.generic_visit(node)

    def visit_arg(self, node: ast.arg) -> None:
        node.annotation = None


def _body(parent: ast.AST, body: list[ast.stmt]) -> list[ast.stmt]:
    """Return a body without its docstring, its declarations, and the annotations of its assignments."""
    first = body[0]
    if isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant):
        body = body[1:]
    return [_plain(node) for node in body] or [ast.copy_location(ast.Pass(), parent)]


def _plain(node: ast.stmt) -> ast.stmt:
    if not isinstance(node, ast.AnnAssign):
        return node
    if node.value is None:
        return ast.copy_location(ast.Pass(), node)
    return ast.copy_location(ast.Assign([node.target], node.value, lineno=node.lineno), node)
