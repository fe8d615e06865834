"""Users' own modules: `library/` beside playbooks and in roles, those of collections, configured folders."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from orchestr8.language.collection_roles import TREE, roots
from orchestr8.language.own_code import Pack, packed

_PASSED_OVER = frozenset([".pyc", ".pyo", ".bak", ".swp", ".orig", ".md", ".rst", ".txt", ".ini", ".yml",
                          ".yaml", ".json", ".toml"])  # fmt: skip
_LEGACY = "ansible.legacy."
_INTERNAL = "ansible.builtin."


@dataclass(frozen=True, slots=True)
class OwnModule:
    """One module of a user. action: its code for Ansible's own engine, where it has some."""

    name: str
    path: str
    shelf: OwnModules
    package: str = ""
    action: str = ""

    def tells_facts(self) -> bool:
        """Return whether its file speaks of facts."""
        return self.shelf.mentions(self.path, b"ansible_facts")

    def pack(self) -> Pack:
        """Return what a host needs to run it; raise InvalidInput when it cannot be read."""
        return self.shelf.pack(self)


class OwnModules:
    """Where modules of users are; nothing is read before a task asks for a name.

    folders, utils: configured folders of modules, and of what they share. collections: folders in which
    collections are.
    """

    def __init__(
        self, folders: Iterable[str] = (), utils: Iterable[str] = (), collections: Iterable[str] = ()
    ) -> None:
        self._configured = (list(folders), list(utils))
        self._beside: tuple[list[str], list[str], list[str]] = ([], [], [])
        self._playbook_dirs: list[str] = []
        self._collections = list(collections)
        self._listed: dict[str, dict[str, str]] = {}
        self._collected: dict[str, OwnModule | None] = {}
        self._packs: dict[str, Pack] = {}
        self._mentions: dict[tuple[str, bytes], bool] = {}
        self._lock = threading.RLock()

    def beside(self, folder: str) -> None:
        """Let the folders `library`, `module_utils` and `action_plugins` of a playbook or role count."""
        for known, name in zip(self._beside, ("library", "module_utils", "action_plugins"), strict=True):
            place = os.path.join(folder, name)
            if place not in known and os.path.isdir(place):
                known.append(place)

    def playbook(self, folder: str) -> None:
        """Let what lies beside a playbook count, its collections too."""
        self.beside(folder)
        if folder not in self._playbook_dirs:
            self._playbook_dirs.insert(0, folder)
            self._collected.clear()

    def find(self, name: str) -> OwnModule | None:
        """Return the module of a name, or None."""
        if name.startswith(_INTERNAL):
            return None
        bare = name.removeprefix(_LEGACY)
        if bare.count(".") >= 2:
            return self._of_collection(bare)
        path = self._first([*self._beside[0], *self._configured[0]], bare)
        action = self._first(self._beside[2], bare)
        return OwnModule(bare, path or action, self, action=action) if path or action else None

    def anywhere(self, name: str) -> OwnModule | None:
        """Return the module that a short name of before there were collections stands for, or None."""
        if "." in name or not name.isidentifier():
            return None
        if name not in self._collected:
            found = [full for root in self._roots() for full in _holders(root, name)]
            self._collected[name] = self._look(min(found, key=_rank)) if found else None
        return self._collected[name]

    def pack(self, module: OwnModule) -> Pack:
        """Return what a host needs to run a module, read once."""
        with self._lock:
            if module.path not in self._packs:
                self._packs[module.path] = packed(
                    module.name, module.path, module.package, [*self._beside[1], *self._configured[1]],
                    self._roots(),
                )  # fmt: skip
            return self._packs[module.path]

    def mentions(self, path: str, word: bytes) -> bool:
        """Return whether a module's file holds a word."""
        if (path, word) not in self._mentions:
            try:
                self._mentions[path, word] = word in Path(path).read_bytes()
            except OSError:
                self._mentions[path, word] = False
        return self._mentions[path, word]

    def _roots(self) -> list[str]:
        own = [os.path.join(each, "collections", TREE) for each in self._playbook_dirs]
        return [*own, *roots("", self._collections)[1:]]

    def _first(self, folders: list[str], name: str) -> str:
        return next((found for folder in folders if (found := self._names(folder).get(name))), "")

    def _names(self, folder: str) -> dict[str, str]:
        """Return the modules of a folder and of those in it by name."""
        if folder not in self._listed:
            found: dict[str, str] = {}
            for place, inner, files in os.walk(folder, followlinks=True):
                inner[:] = sorted(
                    each for each in inner if each != "__pycache__" and not each.startswith(".")
                )
                for file in sorted(files):
                    name, ending = os.path.splitext(file)
                    if ending not in _PASSED_OVER and name != "__init__" and not file.startswith("."):
                        found.setdefault(name, os.path.join(place, file))
            self._listed[folder] = found
        return self._listed[folder]

    def _of_collection(self, name: str) -> OwnModule | None:
        if name not in self._collected:
            self._collected[name] = self._look(name)
        return self._collected[name]

    def _look(self, name: str) -> OwnModule | None:
        namespace, collection, *inner = name.split(".")
        for root in self._roots():
            plugins = os.path.join(root, namespace, collection, "plugins")
            path, action = (_file(os.path.join(plugins, kind, *inner)) for kind in ("modules", "action"))
            if path or action:
                package = ".".join((TREE, namespace, collection, "plugins", "modules", *inner[:-1]))
                return OwnModule(name, path or action, self, package, action)
        return None


def _holders(root: str, name: str) -> list[str]:
    """Return the full names of the modules of a name in the collections of a folder."""
    found = Path(root).glob(f"*/*/plugins/modules/{name}.py")
    return [f"{each.parts[-5]}.{each.parts[-4]}.{name}" for each in found]


def _rank(full: str) -> tuple[bool, bool, bool, str]:
    """Return what orders collections by how likely a short name was theirs."""
    where = full.rpartition(".")[0]
    usual = where.startswith(("community.", "ansible.", "amazon."))
    return where != "ansible.posix", where != "community.general", not usual, full


def _file(stem: str) -> str:
    folder, name = os.path.split(stem)
    if os.path.isfile(f"{stem}.py"):
        return f"{stem}.py"
    if not os.path.isdir(folder):
        return ""
    found = (each for each in sorted(os.listdir(folder)) if os.path.splitext(each)[0] == name)
    return next(
        (os.path.join(folder, each) for each in found if os.path.splitext(each)[1] not in _PASSED_OVER), ""
    )
