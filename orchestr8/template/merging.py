"""`hash_behaviour: merge`: mappings of one name in several layers add up, where else the strongest counts."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from collections.abc import Mapping as Map
from typing import Any

from orchestr8.core.span import Mapping
from orchestr8.template.scope import Flattened


def over(below: Any, above: Any) -> Any:
    """Return `above`, with what only `below` has if both are mappings; so within them too."""
    if not isinstance(below, Map) or not isinstance(above, Map):
        return above
    merged = Mapping({**below, **{key: over(below.get(key), value) for key, value in above.items()}}.items())
    if isinstance(above, Mapping):
        merged.span = above.span
    return merged


def summed(name: str, layers: Iterable[Map[str, Any]]) -> Any:
    """Return a name's value in layers, the strongest first: mappings down to the first value that is none."""
    found: list[Any] = []
    for value in _values(name, layers):
        if not isinstance(value, Map):
            if not found:
                return value
            break
        found.append(value)
    result = found.pop()
    while found:
        result = over(result, found.pop())
    return result


def _values(name: str, layers: Iterable[Map[str, Any]]) -> Iterator[Any]:
    for layer in layers:
        if name in layer:
            inner = layer.setting(name) if isinstance(layer, Flattened) else (layer,)
            yield from (each[name] for each in inner)
