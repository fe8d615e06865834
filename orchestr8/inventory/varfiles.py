"""group_vars and host_vars: files and folders of variables beside inventories and playbooks."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterable, Iterator, Sequence

from orchestr8.core.errors import Diagnostic, InvalidInput
from orchestr8.core.span import Mapping, Origin
from orchestr8.inventory.builder import SYNTAX
from orchestr8.language.files import Files

_ENDINGS = ("", ".yml", ".yaml", ".json")
Layer = tuple[Origin, Mapping]


class VarFiles:
    """Variables of groups and hosts from files: those beside inventories, and those beside playbooks.

    For each name, a folder or file of just that name counts, else the first of the known endings; other
    files in the folders are never read.
    """

    def __init__(self, inventory_dirs: Sequence[str], playbook_dirs: Sequence[str], files: Files) -> None:
        self._dirs = {"inventory": inventory_dirs, "playbook": playbook_dirs}
        self._files = files
        self._listed: dict[str, frozenset[str]] = {}
        self._found: dict[tuple[str, str, str], tuple[Layer, ...]] = {}
        self._problems: list[Diagnostic] = []

    def scan(self, groups: Iterable[str], hosts: Iterable[str]) -> Iterator[Diagnostic]:
        """Read the files of these names; yield what is wrong with them."""
        names = {"group_vars": list(groups), "host_vars": list(hosts)}
        for where in self._dirs:
            for kind, known in names.items():
                for name in known if self._is_any(where, kind) else ():
                    with contextlib.suppress(InvalidInput):
                        self.layers(where, kind, name)
        yield from self._problems

    def layers(self, where: str, kind: str, name: str) -> tuple[Layer, ...]:
        """Return the layers of a group or host, weakest first; raise InvalidInput for wrong files.

        where: "inventory" or "playbook"; kind: "group_vars" or "host_vars".
        """
        key = (where, kind, name)
        found = self._found.get(key)
        if found is None:
            paths = [path for folder in self._dirs[where] for path in self._paths(folder, kind, name)]
            found = self._found[key] = self._read_all(paths)
        return found

    def _is_any(self, where: str, kind: str) -> bool:
        return any(self._entries(os.path.join(folder, kind)) for folder in self._dirs[where])

    def _entries(self, folder: str) -> frozenset[str]:
        known = self._listed.get(folder)
        if known is None:
            entries = os.listdir(folder) if os.path.isdir(folder) else ()
            known = self._listed[folder] = frozenset(entries)
        return known

    def _paths(self, folder: str, kind: str, name: str) -> list[str]:
        place = os.path.join(folder, kind)
        entries = self._entries(place)
        ending = next((each for each in _ENDINGS if name + each in entries), None)
        if ending is None:
            return []
        path = os.path.join(place, name + ending)
        return _files_below(path) if os.path.isdir(path) else [path]

    def _read_all(self, paths: Sequence[str]) -> tuple[Layer, ...]:
        problems: list[Diagnostic] = []
        layers = tuple(layer for path in paths if (layer := self._read(path, problems)) is not None)
        # The same file may be found beside the inventory and beside the playbook.
        self._problems += [each for each in problems if each not in self._problems]
        if any(problem.severity == "error" for problem in problems):
            raise InvalidInput(*problems)
        return layers

    def _read(self, path: str, problems: list[Diagnostic]) -> Layer | None:
        document = self._files.read(path)
        problems.extend(document.diagnostics)
        if document.value is None:
            return None
        if not isinstance(document.value, Mapping):
            message = "a file of variables has to be a mapping of names to values"
            problems.append(Diagnostic(SYNTAX, message, document.span))
            return None
        return Origin(path, document.span), document.value


def _files_below(folder: str) -> list[str]:
    found: list[str] = []
    for entry in sorted(os.listdir(folder)):
        path = os.path.join(folder, entry)
        ending = os.path.splitext(entry)[1]
        if entry.startswith(".") or entry.endswith("~"):
            continue
        if os.path.isdir(path):
            found.extend(_files_below(path) if not ending else [])
        elif ending in _ENDINGS:
            found.append(path)
    return found
