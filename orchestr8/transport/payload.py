"""Packs the runner and the modules a play uses, for one kind of interpreter."""

from __future__ import annotations

import ast
import importlib.util
import marshal
import sys
import threading
import zlib
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from types import CodeType

from orchestr8.core.errors import Diagnostic, InvalidInput
from orchestr8.transport.failures import PROTOCOL
from orchestr8.transport.strip import stripped

PACKAGE = "orchestr8.remote"
CORE = (f"{PACKAGE}.runner", f"{PACKAGE}.pumps", f"{PACKAGE}.process")
BOOT = f"{PACKAGE}.bootstrap"
HERE = f"{sys.implementation.cache_tag}{importlib.util.MAGIC_NUMBER.hex()}"
"""What the loader calls an interpreter that takes our own byte code."""


class Payload:
    """What hosts are sent: built once for each kind of interpreter, whatever the number of hosts.

    places: where modules that are not our own live, by name: dotted unit and its file.
    """

    def __init__(
        self, modules: Iterable[str] = (), places: Mapping[str, tuple[str, Path]] | None = None
    ) -> None:
        self._places = dict(places or {})
        self._files = dict(self._places.values())
        self._lock = threading.RLock()
        self._trees: dict[str, ast.Module] = {}
        self._codes: dict[tuple[str, bool], bytes | str] = {}
        self._starts: dict[tuple[bool, frozenset[str]], bytes] = {}
        self._modules = frozenset(modules)

    def expect(self, modules: Iterable[str]) -> None:
        """Ship these modules with the runner to hosts that are connected from now on."""
        self._modules |= frozenset(modules)

    def unit(self, module: str) -> str:
        """Return the unit that defines a module, as `Request.module` names it."""
        with self._lock:
            if module in self._places:
                return self._places[module][0]
            unit = _own_unit(module)
        if unit is None:
            raise InvalidInput(Diagnostic(PROTOCOL, f"there is no module `{module}` that runs on hosts"))
        return unit

    def start(self, tag: str) -> tuple[bytes, frozenset[str]]:
        """Return what the loader reads, and the units in it."""
        same = tag == HERE
        with self._lock:
            units = self._closure([*CORE, *(self.unit(module) for module in self._modules)])
            key = (same, units)
            if key not in self._starts:
                self._starts[key] = self._packed(units, same=same)
            return self._starts[key], units

    def more(self, tag: str, module: str, known: frozenset[str]) -> tuple[bytes, frozenset[str]]:
        """Return the code a host lacks for a module (b"" when nothing), and the units in it."""
        with self._lock:
            lacking = self._closure([self.unit(module)]) - known
            if not lacking:
                return b"", lacking
            units = {unit: self._code(unit, same=tag == HERE) for unit in lacking}
            return marshal.dumps(units, 2), lacking

    def _packed(self, units: frozenset[str], *, same: bool) -> bytes:
        whole = {unit: self._code(unit, same=same) for unit in sorted(units)}
        boot = _compiled(self._tree(BOOT), BOOT) if same else self._code(BOOT, same=False)
        body = marshal.dumps((boot, whole), 4 if same else 2)
        packed = zlib.compress(body, 6)
        return b"%08d" % len(packed) + packed

    def _code(self, unit: str, *, same: bool) -> bytes | str:
        key = (unit, same)
        if key not in self._codes:
            tree = self._tree(unit)
            self._codes[key] = marshal.dumps(_compiled(tree, unit)) if same else ast.unparse(tree)
        return self._codes[key]

    def _tree(self, unit: str) -> ast.Module:
        if unit not in self._trees:
            path = self._files.get(unit) or _file(unit)
            self._trees[unit] = stripped(path.read_text("utf-8") if path else "")
        return self._trees[unit]

    def _closure(self, units: Iterable[str]) -> frozenset[str]:
        found: set[str] = set()
        todo = list(units)
        while todo:
            unit = todo.pop()
            if unit in found:
                continue
            found.add(unit)
            parent = unit.rpartition(".")[0]
            if parent:
                todo += [parent, *([f"{unit}.__init__"] if _is_package(unit) else [])]
            elif unit == "orchestr8":
                found.add("orchestr8.__init__")
            if not unit.endswith(".__init__"):
                todo += _imports(self._tree(unit))
        return frozenset(found)


def _compiled(tree: ast.Module, unit: str) -> CodeType:
    return compile(tree, f"<{unit}>", "exec", 0, dont_inherit=True)


def _imports(tree: ast.Module) -> list[str]:
    """Return our own units that a tree imports, at its top or within a function."""
    found: list[str] = []
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith(PACKAGE):
            module = node.module or ""
            below = [f"{module}.{alias.name}" for alias in node.names]
            found += [module, *(unit for unit in below if _file(unit) is not None)]
        elif isinstance(node, ast.Import):
            found += [alias.name for alias in node.names if alias.name.startswith(PACKAGE)]
    return found


@cache
def _root() -> Path:
    return Path(__file__).parent.parent


@cache
def _file(unit: str) -> Path | None:
    """Return the source of one of our units; the package above `remote` ships empty."""
    words = unit.split(".")
    if words[:2] != PACKAGE.split("."):
        return None
    if words[-1] == "__init__":
        words.pop()
    path = _root().joinpath(*words[1:])
    if path.is_dir():
        return path / "__init__.py"
    path = path.with_suffix(".py")
    return path if path.is_file() else None


@cache
def _is_package(unit: str) -> bool:
    path = _file(unit)
    return unit == "orchestr8" or (path is not None and path.name == "__init__.py")


@cache
def _own_unit(module: str) -> str | None:
    folder = _root() / "remote" / "modules"
    for stem in (module, f"{module}_"):
        path = folder / f"{stem}.py"
        if path.is_file() and _defines(path, module):
            return f"{PACKAGE}.modules.{stem}"
    for path in sorted(folder.glob("*.py")):
        if _defines(path, module):
            return f"{PACKAGE}.modules.{path.stem}"
    return None


def _defines(path: Path, module: str) -> bool:
    return f'\n    name = "{module}"\n' in path.read_text("utf-8")
