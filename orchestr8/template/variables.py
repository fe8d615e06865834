"""A scope as a mapping whose values are rendered when looked at: `vars`, and each host of `hostvars`."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from orchestr8.template.run import ABSENT, Run
from orchestr8.template.scope import Scope

if TYPE_CHECKING:
    from orchestr8.template.templar import Templar


class Variables(Mapping[str, Any]):
    """The variables of one scope, rendered in that scope."""

    __slots__ = ("_scope", "_templar")

    def __init__(self, templar: Templar, scope: Scope) -> None:
        self._templar = templar
        self._scope = scope

    def __getitem__(self, name: str) -> Any:
        value = Run(self._templar, self._scope).lookup(name)
        if value is ABSENT or name == "omit":
            raise KeyError(name)
        return value

    def __contains__(self, name: object) -> bool:
        return name in self._scope

    def __iter__(self) -> Iterator[str]:
        return iter(self._scope)

    def __len__(self) -> int:
        return len(self._scope)

    def __repr__(self) -> str:
        return f"<variables: {', '.join(self._scope)}>"


class HostVars(Mapping[str, Any]):
    """`hostvars`: every host's variables, each rendered in that host's own scope when looked at.

    names: the hosts there are, asked anew each time. scope_of: the scope of a host's name.
    """

    __slots__ = ("_names", "_scope_of", "_templar")

    def __init__(
        self, templar: Templar, names: Callable[[], Iterable[str]], scope_of: Callable[[str], Scope]
    ) -> None:
        self._templar = templar
        self._names = names
        self._scope_of = scope_of

    def __getitem__(self, name: str) -> Variables:
        if name not in self:
            raise KeyError(name)
        return Variables(self._templar, self._scope_of(name))

    def __contains__(self, name: object) -> bool:
        names: Any = self._names()
        return name in names

    def __iter__(self) -> Iterator[str]:
        return iter(self._names())

    def __len__(self) -> int:
        return sum(1 for _ in self._names())

    def __repr__(self) -> str:
        return f"<hostvars of {', '.join(self._names())}>"
