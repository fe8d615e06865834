"""What a play asks of its graph, its templates already rendered."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any


def as_written(value: Any) -> Any:
    """Return a value as it is; stands where nothing is rendered."""
    return value


@dataclass(frozen=True, slots=True)
class Settings:
    """How a play is compiled.

    render: renders tags and other values that shape the graph. gather: whether facts are gathered first.
    """

    strategy: str = "linear"
    force_handlers: bool = False
    any_errors_fatal: bool = False
    gather: bool = True
    tags: tuple[str, ...] = ()
    skip_tags: tuple[str, ...] = ()
    start_at: str | None = None
    render: Callable[[Any], Any] = field(default=as_written)

    @property
    def linear(self) -> bool:
        """Whether hosts wait for each other after every task."""
        return self.strategy in ("linear", "debug")

    @property
    def pinned(self) -> bool:
        """Whether a host goes through the whole play once it has begun, before others begin."""
        return self.strategy == "host_pinned"

    @property
    def parallel(self) -> bool:
        """Whether tasks of one host that need nothing of each other run together."""
        return self.strategy == "dag"
