"""What a user's own module consists of: its file, what it imports of the user's, and what of ours."""

from __future__ import annotations

import ast
import io
import os
import re
import tokenize
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path

from orchestr8.core.errors import Diagnostic, InvalidInput
from orchestr8.core.span import Span
from orchestr8.remote.own.names import MODULES

UNREADABLE = "O8-1213"
FOREIGN = "O8-1214"
_UTILS = "ansible.module_utils"
_TREE = "ansible_collections"
_NEW = re.compile(
    rb"(?:^|\n)\s*(?:from|import)\s+(?:ansible\.module_utils|ansible_collections|ansible\s+import|\.+\w*)"
)
_STARS = b"#<<INCLUDE_ANSIBLE_MODULE_COMMON>>"
_WINDOWS = (b"#Requires -Module", b"#AnsibleRequires", b"#AnsibleRequires", b"# POWERSHELL_COMMON")
_JSON_ARGS = b"<<INCLUDE_ANSIBLE_MODULE_JSON_ARGS>>"

Unit = tuple[bool, str | bytes]


@dataclass(frozen=True, slots=True)
class Pack:
    """What a host is sent once to run a module: units of the user by name, and names of units of ours.

    key: the unit that is the module itself. kind: python, jsonargs, want_json, binary or old.
    """

    key: str
    kind: str
    path: str
    package: str
    units: Mapping[str, Unit]
    needs: frozenset[str] = field(default_factory=frozenset)

    @property
    def names(self) -> frozenset[str]:
        """Return all units that belong to it."""
        return self.needs | frozenset(self.units)


def packed(name: str, path: str, package: str, utils: Iterable[str], roots: Iterable[str]) -> Pack:
    """Return the pack of a module's file; raise InvalidInput when it is none for our hosts.

    package: what it is part of, for a collection's. utils: folders of what modules share. roots: folders
    `ansible_collections`.
    """
    try:
        data = Path(path).read_bytes()
    except OSError as error:
        text = f"cannot read the module `{name}`: {path}: {error.strerror}"
        raise InvalidInput(Diagnostic(UNREADABLE, text)) from None
    kind = _kind(name, path, data)
    key = f"own.{sha256(data).hexdigest()[:16]}.{name}"
    if kind != "python":
        return Pack(key, kind, path, "", {key: (False, data)})
    source = _decoded(data.replace(_STARS, b"from ansible.module_utils.basic import *"), path)
    found = _Imports(list(utils), list(roots))
    found.follow(source, path, package)
    return Pack(key, kind, path, package, {key: (False, source), **found.units}, frozenset(found.needs))


def action_refused(name: str, action: str, span: Span | None) -> Diagnostic:
    """Return what is wrong with a task whose action is Python for Ansible's own engine."""
    text = f"`{name}` is an action plugin, Python written for Ansible's engine on the controller: {action}"
    return Diagnostic(FOREIGN, text, span, "write it as a module: those run on hosts here")


def _kind(name: str, path: str, data: bytes) -> str:
    if path.endswith(".ps1") or any(mark in data for mark in _WINDOWS):
        text = f"the module `{name}` is written for Windows: {path}"
        raise InvalidInput(
            Diagnostic(FOREIGN, text, hint="hosts here are Linux; write it in Python or shell")
        )
    if b"\0" in data[:8192]:
        return "binary"
    if _STARS in data or _NEW.search(data):
        return "python"
    if _JSON_ARGS in data:
        return "jsonargs"
    return "want_json" if b"WANT_JSON" in data else "old"


def _decoded(data: bytes, path: str) -> str:
    try:
        encoding, _ = tokenize.detect_encoding(io.BytesIO(data).readline)
        return data.decode(encoding)
    except (SyntaxError, UnicodeDecodeError) as error:
        raise InvalidInput(Diagnostic(UNREADABLE, f"cannot read {path}: {error}")) from None


class _Imports:
    """Follows imports through the user's files; what is neither theirs nor ours is the host's affair."""

    def __init__(self, utils: list[str], roots: list[str]) -> None:
        self._utils = utils
        self._roots = roots
        self.units: dict[str, Unit] = {}
        self.needs: set[str] = set()

    def follow(self, source: str, path: str, package: str) -> None:
        """Add what a source imports."""
        try:
            tree = ast.parse(source, path)
        except SyntaxError:
            # The host says what is wrong; it may also be right for its Python.
            return
        for module, names in _imported(tree, package):
            self._take(module)
            for name in names:
                self._take(f"{module}.{name}")

    def _take(self, name: str) -> None:
        if name in self.units:
            return
        if name.startswith(f"{_UTILS}."):
            self._shared(name)
        elif name.startswith(f"{_TREE}."):
            self._collected(name)

    def _shared(self, name: str) -> None:
        inner = name.removeprefix(f"{_UTILS}.").split(".")
        found = _source([os.path.join(folder, *inner) for folder in self._utils])
        if found is not None:
            for depth in range(1, len(inner)):
                self._take(".".join((_UTILS, *inner[:depth])))
                self.units.setdefault(".".join((_UTILS, *inner[:depth])), (True, ""))
            self._add(name, found)
            return
        for depth in range(1, len(inner) + 1):
            ours = MODULES.get(".".join((_UTILS, *inner[:depth])), "")
            self.needs.update([ours] if ours.startswith("orchestr8.") else ())

    def _collected(self, name: str) -> None:
        inner = name.removeprefix(f"{_TREE}.").split(".")
        found = _source([os.path.join(root, *inner) for root in self._roots])
        if found is None or inner[2:4] != ["plugins", "module_utils"]:
            return
        for depth in range(1, name.count(".") + 1):
            parent = ".".join(name.split(".")[:depth])
            if depth > 4:
                self._take(parent)
            self.units.setdefault(parent, (True, ""))
        self._add(name, found)

    def _add(self, name: str, path: str) -> None:
        source = _decoded(Path(path).read_bytes(), path) if path else ""
        package = not path or os.path.basename(path) == "__init__.py"
        self.units[name] = (package, source)
        self.follow(source, path, name if package else name.rpartition(".")[0])


def _source(stems: Iterable[str]) -> str | None:
    """Return the file of a module or package, "" for a package without one, None where there is none."""
    for stem in stems:
        if os.path.isfile(f"{stem}.py"):
            return f"{stem}.py"
        if os.path.isdir(stem):
            first = os.path.join(stem, "__init__.py")
            return first if os.path.isfile(first) else ""
    return None


def _imported(tree: ast.AST, package: str) -> Iterator[tuple[str, list[str]]]:
    """Yield each module that is imported, and the names that are taken from it, which may be modules."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((alias.name, []) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            if node.level:
                parts = package.split(".")
                above = parts[: len(parts) - node.level + 1]
                base = ".".join((*above, base)) if base else ".".join(above)
            yield base, [alias.name for alias in node.names]
