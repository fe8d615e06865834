"""Answers imports of `ansible.…` by modules of ours, of `ansible_collections.…` by the folders there are."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Sequence
from importlib import import_module
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from types import ModuleType

from orchestr8.remote.own import names

_HERE = "orchestr8.template.plugins.adapter"
MODULES = {
    "ansible.errors": f"{_HERE}.errors",
    "ansible.plugins.lookup": f"{_HERE}.lookup",
    "ansible.utils.display": f"{_HERE}.display",
    "ansible.utils.unsafe_proxy": f"{_HERE}.unsafe",
    **names.MODULES,
}
"""The modules of Ansible that have a stand-in, and which it is."""
_PACKAGES = frozenset(
    ".".join(name.split(".")[:depth]) for name in MODULES for depth in range(1, name.count(".") + 1)
)
_TREE = "ansible_collections"


class _Loader(Loader):
    """Hands out a module of ours under another name, or an empty package."""

    def create_module(self, spec: ModuleSpec) -> ModuleType | None:
        """Return the module of ours, or None for a package that only holds others."""
        return _copied(spec.name) if spec.name in MODULES else None

    def exec_module(self, module: ModuleType) -> None:
        """Do nothing: the module is complete."""


def _copied(name: str) -> ModuleType:
    """Return a module of that name with what ours has; one object cannot bear two names."""
    module = ModuleType(name)
    ours = import_module(MODULES[name])
    module.__dict__.update({key: each for key, each in vars(ours).items() if not key.startswith("__")})
    return module


class Finder(MetaPathFinder):
    """The last that is asked: an Ansible that is installed comes first."""

    def __init__(self) -> None:
        self.collections: list[str] = []

    def find_spec(
        self, fullname: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Return how to make a module, or None for all that is not ours to answer."""
        if fullname == _TREE:
            spec = ModuleSpec(fullname, None, is_package=True)
            spec.submodule_search_locations = self.collections
            return spec
        if fullname in MODULES:
            return ModuleSpec(fullname, _Loader(), is_package=fullname in _PACKAGES)
        return ModuleSpec(fullname, _Loader(), is_package=True) if fullname in _PACKAGES else None


def install(collections: Iterable[str]) -> None:
    """Answer such imports from now on; further folders `ansible_collections` are added to those known."""
    finder = next((each for each in sys.meta_path if isinstance(each, Finder)), None)
    if finder is None:
        finder = Finder()
        sys.meta_path.append(finder)
    found = [each for each in collections if os.path.isdir(each) and each not in finder.collections]
    finder.collections += found
    tree = sys.modules.get(_TREE)
    if tree is not None and tree.__path__ is not finder.collections:
        tree.__path__ += [each for each in found if each not in tree.__path__]
