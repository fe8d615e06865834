"""Loads Fabric without what only its own command line, tests and packaging need: 80 ms of every start.

Fabric loads Invoke, which loads unittest.mock (and with it asyncio and ssl) for a class that tests use, and
a second YAML library for configuration files that are not read here; paramiko loads importlib.metadata (and
with it email, csv and zipfile) to name its version.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType
from typing import Any


class Late(ModuleType):
    """Stands for a module that is loaded when something of it is asked for, but for what is given."""

    def __init__(self, name: str, given: Mapping[str, Any]) -> None:
        super().__init__(name)
        self.__dict__.update(given)

    def __getattr__(self, name: str) -> Any:
        """Load the module."""
        if name.startswith("__"):
            raise AttributeError(name)
        return getattr(_real(self.__name__), name)


def _real(name: str) -> ModuleType:
    if isinstance(sys.modules.get(name), Late):
        del sys.modules[name]
    return import_module(name)


def _late(name: str, attribute: str) -> Callable[..., Any]:
    """Return what calls a function or class of a module that is loaded by the first call."""

    def call(*args: Any, **named: Any) -> Any:
        return getattr(_real(name), attribute)(*args, **named)

    return call


def _version(name: str) -> str:
    """Return a package's version by the name of the folder that says so."""
    spec = find_spec(name)
    home = Path(spec.origin).parent.parent if spec and spec.origin else Path()
    found = [folder.name for folder in home.glob(f"{name}-*.dist-info")]
    if len(found) != 1:
        return str(_real("importlib.metadata").version(name))
    return found[0].removesuffix(".dist-info").partition("-")[2]


@contextmanager
def spared() -> Iterator[None]:
    """Import in here what needs some modules in name only; those that are loaded already stay."""
    given: dict[str, dict[str, Any]] = {
        "unittest.mock": {"Mock": _late("unittest.mock", "Mock")},
        "invoke.vendor.yaml": {},
        "importlib.metadata": {"version": _version},
    }
    placed = {
        name: sys.modules.setdefault(name, Late(name, attributes)) for name, attributes in given.items()
    }
    try:
        yield
    finally:
        for name, module in placed.items():
            if isinstance(module, Late) and sys.modules.get(name) is module:
                del sys.modules[name]
