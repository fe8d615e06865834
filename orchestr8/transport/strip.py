"""Takes out of a source what a host does not need: docstrings, annotations, and what only they used."""

from __future__ import annotations

import ast


def stripped(source: str) -> ast.Module:
    """Return the tree of `source` without docstrings, annotations and unused typing."""
    tree = ast.parse(source)
    _Strip().visit(tree)
    _drop_unused(tree)
    return ast.fix_missing_locations(tree)


class _Strip(ast.NodeTransformer):
    def _body(self, node: ast.AST, body: list[ast.stmt]) -> list[ast.stmt]:
        first = body[0] if body else None
        if (
            isinstance(first, ast.Expr)
            and isinstance(first.value, ast.Constant)
            and isinstance(first.value.value, str)
        ):
            body = body[1:]
        return body or [ast.copy_location(ast.Pass(), node)]

    def visit_Module(self, node: ast.Module) -> ast.AST:
        self.generic_visit(node)
        node.body = [
            statement
            for statement in node.body
            if not (isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant))
        ]
        return node

    def visit_ClassDef(self, node: ast.ClassDef) -> ast.AST:
        self.generic_visit(node)
        node.body = self._body(node, node.body)
        return node

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:
        self.generic_visit(node)
        node.returns = None
        node.body = self._body(node, node.body)
        return node

    def visit_arg(self, node: ast.arg) -> ast.AST:
        node.annotation = None
        return node

    def visit_AnnAssign(self, node: ast.AnnAssign) -> ast.AST:
        self.generic_visit(node)
        if node.value is None:
            return ast.copy_location(ast.Pass(), node)
        return ast.copy_location(ast.Assign([node.target], node.value), node)


def _drop_unused(tree: ast.Module) -> None:
    """Drop aliases of types, then imports of typing and of our own that nothing uses any more."""
    used = _used(tree)
    typing = _imported(tree, "typing")
    tree.body = [node for node in tree.body if not _alias(node, typing, used)]
    used = _used(tree)
    tree.body = [kept for node in tree.body if (kept := _narrowed(node, used)) is not None]


def _used(tree: ast.Module) -> set[str]:
    names = {
        node.id for node in ast.walk(tree) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)
    }
    for node in tree.body:
        if isinstance(node, ast.Assign) and any(
            isinstance(t, ast.Name) and t.id == "__all__" for t in node.targets
        ):
            names |= {item.value for item in ast.walk(node.value) if isinstance(item, ast.Constant)}  # type: ignore[misc]
    return names


def _imported(tree: ast.Module, module: str) -> set[str]:
    return {
        alias.asname or alias.name
        for node in tree.body
        if isinstance(node, ast.ImportFrom) and node.module == module
        for alias in node.names
    }


def _alias(node: ast.stmt, typing: set[str], used: set[str]) -> bool:
    if not isinstance(node, ast.Assign) or not isinstance(node.value, ast.Subscript):
        return False
    head, target = node.value.value, node.targets[0]
    named = isinstance(head, ast.Name) and head.id in typing
    return named and isinstance(target, ast.Name) and target.id not in used


def _narrowed(node: ast.stmt, used: set[str]) -> ast.stmt | None:
    if not isinstance(node, ast.ImportFrom) or node.module is None:
        return node
    if node.module != "typing" and not node.module.startswith("orchestr8."):
        return node
    node.names = [alias for alias in node.names if (alias.asname or alias.name) in used]
    return node if node.names else None
