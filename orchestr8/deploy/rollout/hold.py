"""What a rollout in the middle of its steps allows: which slots have a new replica, and who stays."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from orchestr8.deploy.service import Step


@dataclass(frozen=True, slots=True)
class Hold:
    """The `slots` that get a new replica now; `beside` says that the old ones of these stay.

    Without a hold (`slots` None) every slot gets its new replica and the old ones go.
    """

    slots: frozenset[int] | None = field(default=None)
    beside: bool = False

    @property
    def open(self) -> bool:
        """Whether nothing is held back."""
        return self.slots is None

    def asks(self, slot: int) -> bool:
        """Say whether a slot gets a new replica."""
        return self.slots is None or slot in self.slots

    def keeps(self, slot: int) -> bool:
        """Say whether the old replica of a slot stays whatever happens."""
        return self.slots is not None and (self.beside or slot not in self.slots)


FREE = Hold()


def scales(steps: Sequence[Step], at: int) -> Iterator[Step]:
    """Yield the scale steps up to and with number `at`."""
    return (s for s in steps[: at + 1] if s.kind == "scale")


def share(steps: Sequence[Step], at: int) -> int:
    """Return the percentage of requests that new replicas get at step number `at`."""
    return next((s.weight for s in reversed(steps[: at + 1]) if s.kind == "weight"), 0)
