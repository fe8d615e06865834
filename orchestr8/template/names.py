"""The names a compiled template sees, none of them read before it is asked for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, MutableMapping
from typing import Any

from jinja2.utils import missing as absent

from orchestr8.core.errors import O8Error
from orchestr8.template.run import ABSENT, Run
from orchestr8.template.undefined import Failed


class Names(Mapping[str, Any]):
    """Local names of templates over a run's variables over the globals."""

    __slots__ = ("_globals", "_locals", "run")

    def __init__(
        self, run: Run | None, locals_: Mapping[str, Any], globals_: MutableMapping[str, Any]
    ) -> None:
        self.run = run
        self._locals = locals_
        self._globals = globals_

    def over(self, further: Mapping[str, Any]) -> Names:
        """Return these names with further ones in front."""
        known = {name: value for name, value in further.items() if value is not absent}
        return type(self)(self.run, {**self._locals, **known}, self._globals) if known else self

    def find(self, name: str) -> Any:
        """Return a name's value, or Jinja's mark for a missing one; a failure is kept for who uses it."""
        if name in self._locals:
            return self._locals[name]
        if self.run is not None:
            try:
                value = self.run.lookup(name)
            except O8Error as error:
                return Failed(error)
            if value is not ABSENT:
                return value
        return self._globals.get(name, absent)

    def __getitem__(self, name: str) -> Any:
        value = self.find(name)
        if value is absent:
            raise KeyError(name)
        return value

    def __iter__(self) -> Iterator[str]:
        seen = dict.fromkeys(self._locals)
        seen.update(dict.fromkeys(self.run.scope if self.run else ()))
        seen.update(dict.fromkeys(self._globals))
        return iter(seen)

    def __len__(self) -> int:
        return sum(1 for _ in self)


class Apart(Names):
    """The names of a template imported without context: no variables, yet the lookups it calls have a run."""

    __slots__ = ()

    def find(self, name: str) -> Any:
        """Return a local or global name's value, or Jinja's mark for a missing one."""
        return self._locals[name] if name in self._locals else self._globals.get(name, absent)

    def __iter__(self) -> Iterator[str]:
        return iter({**self._locals, **self._globals})
