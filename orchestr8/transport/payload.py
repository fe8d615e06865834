"""Packs the runner and the modules a play uses, for one kind of interpreter."""

from __future__ import annotations

import marshal
import threading
import zlib
from collections.abc import Iterable, Mapping
from functools import cache
from itertools import chain
from pathlib import Path
from typing import Any

from orchestr8.core.errors import Diagnostic, InvalidInput
from orchestr8.language.own_code import Pack
from orchestr8.transport.failures import PROTOCOL
from orchestr8.transport.units import HERE, PACKAGE, ROOT, Units

CORE = (f"{PACKAGE}.runner", f"{PACKAGE}.pumps", f"{PACKAGE}.process")
BOOT = f"{PACKAGE}.bootstrap"
LEVEL = 3

Start = tuple[bytes, frozenset[str]]


class Payload:
    """What hosts are sent: made once for each kind of interpreter, whatever the number of hosts.

    places: where modules that are not our own live, by module name: dotted unit and its file.
    """

    def __init__(
        self, modules: Iterable[str] = (), places: Mapping[str, tuple[str, Path]] | None = None
    ) -> None:
        self._places = dict(places or {})
        self._units = Units(dict(self._places.values()))
        self._lock = threading.RLock()
        self._starts: dict[tuple[bool, frozenset[str]], Start] = {}
        self._more: dict[tuple[bool, str, frozenset[str]], Start] = {}
        self._modules = frozenset(modules)

    def unit(self, module: str) -> str:
        """Return the unit that defines a module, as `Request.module` names it."""
        unit = self._places[module][0] if module in self._places else _own_unit(module)
        if unit is None:
            raise InvalidInput(Diagnostic(PROTOCOL, f"there is no module `{module}` that runs on hosts"))
        return unit

    def start(self, tag: str) -> Start:
        """Return what the loader reads, and the units in it."""
        same = tag == HERE
        with self._lock:
            key = (same, self._modules)
            if key not in self._starts:
                units = self._units.closure([*CORE, *(self.unit(module) for module in self._modules)])
                boot = self._coded([BOOT], same=same)[BOOT][1]
                packed = _packed((boot, self._coded(units, same=same)))
                self._starts[key] = (b"%08d" % len(packed) + packed, units)
            return self._starts[key]

    def more(self, tag: str, module: str, known: frozenset[str], pack: Pack | None = None) -> Start:
        """Return the code a host lacks for a module (b"" when nothing), and the units it has with it."""
        with self._lock:
            key = (tag == HERE, f"{module} {pack.key if pack else ''}", known)
            if key not in self._more:
                needed = pack.needs if pack else ()
                lacking = self._units.closure([self.unit(module), *needed]) - known
                units: dict[str, tuple[bool, Any]] = self._coded(lacking, same=key[0])
                units |= {n: u for n, u in pack.units.items() if n not in known} if pack else {}
                self._more[key] = (_packed(units) if units else b"", known | frozenset(units))
            return self._more[key]

    def _coded(self, units: Iterable[str], *, same: bool) -> dict[str, tuple[bool, Any]]:
        """Return each unit as hosts keep it: whether it is a package, and its code or source."""
        coded: dict[str, tuple[bool, Any]] = {}
        for name in sorted(units):
            code = self._units.unit(name).code if same else self._units.source(name)
            coded[name] = (self._units.is_package(name), code)
        return coded


def _packed(value: Any) -> bytes:
    return zlib.compress(marshal.dumps(value, 2), LEVEL)


@cache
def _own_unit(module: str) -> str | None:
    folder = ROOT / "remote" / "modules"
    likely = [folder / f"{module}.py", folder / f"{module}_.py"]
    for path in chain((path for path in likely if path.is_file()), folder.glob("*.py")):
        if f'\n    name = "{module}"\n' in path.read_text("utf-8"):
            return f"{PACKAGE}.modules.{path.stem}"
    return None
