"""The variables a task sees, layer over layer, rendered when looked at."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
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


class Flattened(dict[str, Any]):
    """Layers merged once, the strongest of each name; remembers which layer set what.

    layers: the weakest first, as they were merged; only their references are kept.
    """

    __slots__ = ("layers",)

    def __init__(self, layers: Sequence[Mapping[str, Any]]) -> None:
        super().__init__()
        self.layers = layers
        for layer in layers:
            self.update(layer)

    def setting(self, name: str) -> Iterator[Mapping[str, Any]]:
        """Yield the layers that set a name, the one that counts first."""
        return (layer for layer in reversed(self.layers) if name in layer)
