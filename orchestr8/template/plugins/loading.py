"""Loads a plugin's file and returns what it offers. This is the only place where foreign code is imported."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable
from hashlib import sha256
from importlib.machinery import ModuleSpec, SourceFileLoader
from importlib.util import module_from_spec, spec_from_loader
from pathlib import Path
from types import ModuleType
from typing import Any

from orchestr8.template.plugins.adapter import finder
from orchestr8.template.plugins.calling import guarded, looking
from orchestr8.template.plugins.places import failing_line
from orchestr8.template.plugins.shape import KINDS, LOOKUP, Broken

Function = Callable[..., Any]


class _Tidy(SourceFileLoader):
    """Leaves no compiled files in the user's folders."""

    def set_data(self, path: str, data: Any, *, _mode: int = 0o666) -> None:
        """Write nothing."""


def load(kind: str, path: Path, package: str, collections: Iterable[str]) -> dict[str, Function] | Broken:
    """Return the functions of a plugin's file by name, guarded, or why there are none.

    package: what it is imported as, for a collection's; nothing for others. collections: the folders
    `ansible_collections` from which it may import.
    """
    finder.install(collections)
    try:
        return _offered(kind, _module(kind, path, package), path)
    except Exception as failure:  # noqa: BLE001 -- the boundary to the user's own code: whatever it raises
        line = failing_line(failure, str(path))
        place = f"{path}:{line}" if line else str(path)
        return Broken(place, f"{type(failure).__name__}: {failure}")


def _module(kind: str, path: Path, package: str) -> ModuleType:
    # Several roles may have a file of that name; the place tells them apart, as it does in Ansible.
    mark = int.from_bytes(sha256(os.fsencode(path)).digest()[:6], "big")
    name = f"{package}.{path.stem}" if package else f"ansible.plugins.{kind}.{path.stem}_{mark}"
    known = sys.modules.get(name)
    if known is not None and getattr(known, "__file__", None) == str(path):
        return known
    spec = spec_from_loader(name, _Tidy(name, str(path)))
    assert isinstance(spec, ModuleSpec)
    assert spec.loader is not None
    module = module_from_spec(spec)
    # Classes look themselves up by their module's name.
    sys.modules[name] = module
    try:
        spec.loader.exec_module(module)
    except BaseException:
        del sys.modules[name]
        raise
    return module


def _offered(kind: str, module: ModuleType, path: Path) -> dict[str, Function]:
    word, method = KINDS[kind]
    found = getattr(module, word, None)
    if found is None:
        return {}
    if kind == LOOKUP:
        return {path.stem: looking(path.stem, found, str(path))}
    functions = getattr(found(), method)()
    return {str(name): guarded(kind, str(name), each, str(path)) for name, each in functions.items()}
