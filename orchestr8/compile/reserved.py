"""Variables that take a name which the language or templates use themselves."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from orchestr8.core.errors import Diagnostic
from orchestr8.core.span import Mapping
from orchestr8.language.keywords import BLOCK, PLAY, ROLE, TASK

_OURS = ("user", "services", "needs", "vars", "gather_subset", "parallel")
_GLOBALS = (
    "cycler", "dict", "joiner", "lipsum", "lookup", "namespace", "now", "q", "query", "range", "undef",
)  # fmt: skip
_RESERVED = frozenset((*PLAY, *BLOCK, *TASK, *ROLE, "local_action", "with_", *_GLOBALS)) - set(_OURS)


def reserved(layers: Iterable[Any]) -> Iterator[Diagnostic]:
    """Yield a warning for every variable that hides something of the language's own."""
    for layer in layers:
        if isinstance(layer, Mapping):
            for name in layer.keys() & _RESERVED:
                message = f"Found variable using reserved name {name!r}."
                yield Diagnostic("O8-1412", message, layer.key_spans.get(name), severity="warning")
