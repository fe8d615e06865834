"""Our own code as hosts get it, unit by unit: stripped, compiled, and kept in the user's cache."""

from __future__ import annotations

import ast
import contextlib
import importlib.util
import marshal
import os
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import CodeType

from orchestr8.transport.strip import Stripped, stripped

PACKAGE = "orchestr8.remote"
ROOT = Path(__file__).parent.parent
HERE = f"{sys.implementation.cache_tag}{importlib.util.MAGIC_NUMBER.hex()}"
"""What the loader calls an interpreter that takes our own byte code."""
SHAPE = 3
"""Changes whenever `stripped` does, so that no old cache is taken."""


@dataclass(frozen=True, slots=True)
class Unit:
    """One unit: its compiled code, and our own units that it imports anywhere."""

    code: bytes
    imports: tuple[str, ...]


class Units:
    """Finds, strips and compiles units, each once.

    files: where units that are not our own live.
    """

    def __init__(self, files: Mapping[str, Path] | None = None) -> None:
        self._files = dict(files or {})
        self._units: dict[str, Unit] = {}

    def unit(self, name: str) -> Unit:
        """Return a unit ready to be sent to an interpreter like ours."""
        if name not in self._units:
            path = self.file(name)
            self._units[name] = _cached(name, path) if path else _made(name, "")
        return self._units[name]

    def source(self, name: str) -> str:
        """Return a unit for any other interpreter."""
        path = self.file(name)
        return ast.unparse(stripped(path.read_text("utf-8")).tree) if path else ""

    def file(self, name: str) -> Path | None:
        """Return a unit's source; the package above `remote` is empty on hosts."""
        return self._files.get(name) or own_file(name)

    def closure(self, names: Iterable[str]) -> frozenset[str]:
        """Return units with everything they import, and the packages around them."""
        found: set[str] = set()
        todo = list(names)
        while todo:
            name = todo.pop()
            if name in found:
                continue
            found.add(name)
            parent = name.rpartition(".")[0]
            todo += [parent] if parent else []
            todo += self.unit(name).imports
        return frozenset(found)

    def is_package(self, name: str) -> bool:
        """Whether a unit has others below it."""
        path = self.file(name)
        return path is None or path.name == "__init__.py"


def own_file(name: str) -> Path | None:
    """Return the source of one of our own units, or None when there is no such unit."""
    words = name.split(".")
    if words[:2] != PACKAGE.split("."):
        return None
    path = ROOT.joinpath(*words[1:])
    if path.is_dir():
        return path / "__init__.py"
    path = path.with_suffix(".py")
    return path if path.is_file() else None


def compiled(tree: ast.Module, name: str) -> CodeType:
    """Return a tree's code, with the unit's name where a traceback would show a file's."""
    return compile(tree, f"<{name}>", "exec", 0, dont_inherit=True)


def _made(name: str, source: str) -> Unit:
    left = stripped(source)
    return Unit(marshal.dumps(compiled(left.tree, name)), tuple(_imports(left)))


def _cached(name: str, path: Path) -> Unit:
    """Return what was made of this very source before, or make it and keep it."""
    state = path.stat()
    key = f"{SHAPE} {HERE} {path} {state.st_mtime_ns} {state.st_size}".encode()
    folder = _folder()
    place = folder / f"{name}.{HERE}" if folder else None
    with contextlib.suppress(OSError, ValueError, EOFError, TypeError):
        kept, code, imports = marshal.loads(place.read_bytes()) if place else (b"", b"", ())  # noqa: S302 -- ours alone
        if kept == key:
            return Unit(code, imports)
    unit = _made(name, path.read_text("utf-8"))
    if place is not None:
        with contextlib.suppress(OSError):
            fresh = place.with_name(f"{place.name}.{os.getpid()}")
            fresh.write_bytes(marshal.dumps((key, unit.code, unit.imports)))
            fresh.replace(place)
    return unit


@cache
def _folder() -> Path | None:
    """Return where made code is kept: a folder that nobody but us can write to, or None."""
    home = os.environ.get("XDG_CACHE_HOME") or Path("~/.cache").expanduser()
    folder = Path(home) / "orchestr8" / "units"
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        state = folder.stat()
    except OSError:
        return None
    return folder if state.st_uid == os.geteuid() and not state.st_mode & 0o022 else None


def _imports(left: Stripped) -> list[str]:
    """Return our own units that a source imports, at its top or within a function."""
    found: list[str] = []
    for module, names in left.imports:
        if module.startswith(PACKAGE):
            below = [f"{module}.{name}" for name in names]
            found += [module, *(unit for unit in below if own_file(unit) is not None)]
    return found
