"""How a batch of a play's hosts ended."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(slots=True)
class BatchEnd:
    """How a batch ended: hosts that are out of later plays, and whether the run stops here."""

    failed: list[str] = field(default_factory=list)
    lost: list[str] = field(default_factory=list)
    broken: bool = False
    play_over: bool = False
