"""group_vars and host_vars: files and folders of variables beside inventories and playbooks."""

from __future__ import annotations

import os
from collections.abc import Sequence

from orchestr8.core.errors import Diagnostic
from orchestr8.core.span import Mapping, Origin
from orchestr8.inventory.builder import SYNTAX
from orchestr8.language.files import Files

_ENDINGS = ("", ".yml", ".yaml", ".json")
Layer = tuple[Origin, Mapping]


class VarFiles:
    """Variables of groups and hosts from files: those beside inventories, and those beside playbooks."""

    def __init__(self, inventory_dirs: Sequence[str], playbook_dirs: Sequence[str], files: Files) -> None:
        self._dirs = {"inventory": inventory_dirs, "playbook": playbook_dirs}
        self._files = files
        self._found: dict[tuple[str, str, str], tuple[Layer, ...]] = {}
        self.problems: list[Diagnostic] = []

    def scan(self) -> None:
        """Read every variable file there is, once."""
        for where, folders in self._dirs.items():
            for folder in folders:
                for kind in ("group_vars", "host_vars"):
                    self._scan_folder(where, kind, os.path.join(folder, kind))

    def layers(self, where: str, kind: str, name: str) -> tuple[Layer, ...]:
        """Return the layers of a group or host: `where` is "inventory" or "playbook"; weakest first."""
        return self._found.get((where, kind, name), ())

    def _scan_folder(self, where: str, kind: str, folder: str) -> None:
        if not os.path.isdir(folder):
            return
        entries = sorted(os.listdir(folder))
        for entry in sorted(entries, key=lambda each: _rank(os.path.splitext(each)[1])):
            path = os.path.join(folder, entry)
            stem, ending = os.path.splitext(entry)
            if entry.startswith(".") or entry.endswith("~"):
                continue
            if os.path.isdir(path):
                self._add(where, kind, entry, _files_below(path))
            elif ending in _ENDINGS:
                self._add(where, kind, stem, [path])
            elif os.path.isfile(path):
                self._add(where, kind, entry, [path])

    def _add(self, where: str, kind: str, name: str, paths: list[str]) -> None:
        layers = tuple(layer for path in paths if (layer := self._read(path)) is not None)
        key = (where, kind, name)
        self._found[key] = (*self._found.get(key, ()), *layers)

    def _read(self, path: str) -> Layer | None:
        document = self._files.read(path)
        self.problems.extend(document.diagnostics)
        if document.value is None:
            return None
        if not isinstance(document.value, Mapping):
            message = "a file of variables has to be a mapping of names to values"
            self.problems.append(Diagnostic(SYNTAX, message, document.span))
            return None
        return Origin(path, document.span), document.value


def _rank(ending: str) -> int:
    return _ENDINGS.index(ending) if ending in _ENDINGS else 0


def _files_below(folder: str) -> list[str]:
    found: list[str] = []
    for entry in sorted(os.listdir(folder)):
        path = os.path.join(folder, entry)
        if entry.startswith(".") or entry.endswith("~"):
            continue
        if os.path.isdir(path):
            found.extend(_files_below(path) if not os.path.islink(path) else [])
        elif os.path.splitext(entry)[1] in _ENDINGS:
            found.append(path)
    return found
