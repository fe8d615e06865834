"""The variables a task sees, layer over layer, rendered when looked at."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any


class Scope(Mapping[str, Any]):
    """Layers of raw variables, the strongest first; nothing is copied, merged or rendered here.

    `Templar` renders a value when an expression asks for it, in the scope it is asked in.
    """

    __slots__ = ("layers",)

    def __init__(self, *layers: Mapping[str, Any]) -> None:
        self.layers = layers

    def __getitem__(self, name: str) -> Any:
        for layer in self.layers:
            if name in layer:
                return layer[name]
        raise KeyError(name)

    def __contains__(self, name: object) -> bool:
        return any(name in layer for layer in self.layers)

    def __iter__(self) -> Iterator[str]:
        seen: set[str] = set()
        for layer in self.layers:
            for name in layer:
                if name not in seen:
                    seen.add(name)
                    yield name

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def over(self, *layers: Mapping[str, Any]) -> Scope:
        """Return this scope with stronger layers in front."""
        return Scope(*layers, *self.layers)
