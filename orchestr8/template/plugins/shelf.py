"""Where plugins lie and which names they answer to."""

from __future__ import annotations

import os
import re
import threading
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

from orchestr8.template.plugins.shape import FILTER, KINDS, LOOKUP, Broken

_TREE = "ansible_collections"
Function = Callable[..., Any]


class Plugins:
    """The plugins of one reading of playbooks; nothing is loaded before a template asks for a name.

    folders: configured folders by kind ("filter", "test", "lookup"), asked after those beside playbooks and
    in roles. collections: folders in which collections are.
    """

    def __init__(
        self, folders: Mapping[str, Iterable[str]] | None = None, collections: Iterable[str] = ()
    ) -> None:
        self._configured = {kind: list((folders or {}).get(kind, ())) for kind in KINDS}
        self._beside: dict[str, list[str]] = {kind: [] for kind in KINDS}
        self._collections = list(collections)
        self._loaded: dict[tuple[str, str], dict[str, Function]] = {}
        self._lock = threading.RLock()
        self._watchers: list[Callable[[], None]] = []
        self.broken: dict[str, Broken] = {}

    def beside(self, folder: str) -> None:
        """Let plugins in the folders `filter_plugins` and so on of a playbook's or role's folder count."""
        own = os.path.join(folder, "collections")
        if own not in self._collections and os.path.isdir(own):
            self._collections.insert(0, own)
        for kind, places in self._beside.items():
            place = os.path.join(folder, f"{kind}_plugins")
            if place not in places and os.path.isdir(place):
                places.append(place)
                for changed in self._watchers:
                    changed()

    def watch(self, changed: Callable[[], None]) -> None:
        """Call `changed` whenever plugins are added, as a name may stand for another one from then on."""
        self._watchers.append(changed)

    def find(self, kind: str, name: str) -> Function | None:
        """Return what a name stands for, guarded, or None; raise nothing for files that cannot be loaded."""
        if name.startswith(("ansible.builtin.", "ansible.core.")):
            return None
        with self._lock:
            if name.count(".") >= 2 and not name.startswith("ansible.legacy."):
                return self._collected(kind, name)
            bare = name.removeprefix("ansible.legacy.")
            for folder in self._folders(kind):
                found = self._functions(kind, folder, "").get(bare)
                if found is not None:
                    return found
        return None

    def mentions(self, kind: str, name: str) -> bool:
        """Return whether a plugin's file holds the word; for checks, which run nobody's code."""
        parts = name.split(".")
        folders = self._folders(kind) if len(parts) < 3 else self._collection_folders(kind, parts)
        word = re.compile(rf"\b{re.escape(parts[-1])}\b")
        return any(word.search(f"{path.stem} {_text(path)}") for each in folders for path in _files(each))

    def any(self, kind: str) -> bool:
        """Return whether there are plugins of a kind beside playbooks, in roles or where settings say."""
        return any(_files(folder) for folder in self._folders(kind))

    def names(self, kind: str) -> list[str]:
        """Return the plain names of the plugins that are loaded."""
        known = [found for (of, _), found in self._loaded.items() if of == kind]
        return [name for found in known for name in found if "." not in name]

    def _folders(self, kind: str) -> list[str]:
        return [*self._beside[kind], *self._configured[kind]]

    def _collection_folders(self, kind: str, parts: list[str]) -> list[str]:
        namespace, collection, *inner = parts[:-1]
        roots = [
            each if os.path.basename(each) == _TREE else os.path.join(each, _TREE) for each in self._roots()
        ]
        return [os.path.join(root, namespace, collection, "plugins", kind, *inner) for root in roots]

    def _roots(self) -> list[str]:
        return [each.rstrip("/") for each in self._collections]

    def _collected(self, kind: str, name: str) -> Function | None:
        parts = name.split(".")
        package = ".".join((_TREE, *parts[:2], "plugins", kind, *parts[2:-1]))
        for folder in self._collection_folders(kind, parts):
            found = self._functions(kind, folder, package).get(parts[-1])
            if found is not None:
                return found
        return None

    def _functions(self, kind: str, folder: str, package: str) -> dict[str, Function]:
        """Return the plugins of a folder by name, its files loaded once; the first of a name counts."""
        key = (kind, folder)
        if key not in self._loaded:
            found: dict[str, Function] = {}
            for path in _files(folder):
                for name, function in self._of_file(kind, path, package).items():
                    found.setdefault(name, function)
            self._loaded[key] = found
        return self._loaded[key]

    def _of_file(self, kind: str, path: Path, package: str) -> dict[str, Function]:
        from orchestr8.template.plugins.loading import load

        roots = [os.path.join(each, _TREE) for each in self._roots()]
        found = load(kind, path, package, roots)
        if isinstance(found, Broken):
            self.broken[str(path)] = found
            return {}
        return found


def _files(folder: str) -> list[Path]:
    """Return the plugin files of a folder, in the order of their names."""
    place = Path(folder)
    found = place.glob("*.py") if place.is_dir() else ()
    return sorted(each for each in found if not each.name.startswith("_"))


def _text(path: Path) -> str:
    try:
        return path.read_text("utf-8", "replace")
    except OSError:
        return ""


__all__ = ["FILTER", "LOOKUP", "Plugins"]
