"""Records of what was deployed; they live on the hosts and form a chain by checksum."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from orchestr8.deploy.codec import digest, load, plain
from orchestr8.deploy.gate.tally import Tally
from orchestr8.deploy.service import FORMAT, ServiceSpec

Outcome = Literal["pending", "good", "bad"]


@dataclass(frozen=True, slots=True)
class Stage:
    """How far a pending revision has come: `step` of the `course` (the digest of its steps).

    `waiting` says what the rollout waits for (empty: for nobody), `held` that somebody has paused it.
    `completed` are the slots of a job that have come to a good end.
    `gates` are the checks of the step as they stood a moment ago, for whoever looks on.
    """

    step: int = 0
    course: str = ""
    waiting: str = ""
    held: bool = False
    completed: frozenset[int] = frozenset()
    gates: tuple[Tally, ...] = ()


@dataclass(frozen=True, slots=True)
class Revision:
    """One revision of a service: the whole pinned spec, who made it, how it ended, where replicas are.

    `created` is an ISO date for people and never used in a decision; order is by `number`. `together` are the
    revisions of all services of the transaction it belongs to, its own too.
    """

    service: str
    number: int
    spec: ServiceSpec
    outcome: Outcome = "pending"
    reason: str = ""
    created: str = ""
    by: str = ""
    run: str = ""
    rollback_of: int | None = None
    placements: Mapping[int, str] = field(default_factory=dict)
    together: Mapping[str, int] = field(default_factory=dict)
    stage: Stage = Stage()
    parent: str = ""
    checksum: str = ""

    @property
    def digest(self) -> str:
        """Return the identity of what was deployed."""
        return self.spec.digest

    def sealed(self, parent: str) -> Revision:
        """Return the record chained to its parent's checksum; how it goes and where stays free to change."""
        bare = replace(
            self,
            parent=parent,
            checksum="",
            outcome="pending",
            reason="",
            placements={},
            together={},
            stage=Stage(),
            run="",
            by="",
            created="",
        )
        return replace(self, parent=parent, checksum=digest(bare))

    @property
    def intact(self) -> bool:
        """Whether the record still is what was sealed."""
        return self.sealed(self.parent).checksum == self.checksum

    def to_json(self) -> dict[str, Any]:
        """Return the record as JSON values; it may hold secrets of the environment."""
        return {"format": FORMAT, **plain(self), "seal": digest(plain(self))}

    @staticmethod
    def from_json(data: Mapping[str, Any]) -> Revision:
        """Return the record that `to_json` wrote; raises ValueError when it was altered or is too new."""
        if data.get("format", FORMAT) > FORMAT:
            raise ValueError(f"record of a newer format {data['format']}")
        body = {k: v for k, v in data.items() if k not in ("format", "seal")}
        if data.get("seal") != digest(body):
            raise ValueError("record was altered: its checksum does not fit")
        return load(Revision, body)


def tampered(history: Iterable[Revision]) -> int | None:
    """Return the number of the first record that breaks the chain of checksums, or None.

    The oldest record kept may point to a parent that was pruned.
    """
    before: Revision | None = None
    for record in sorted(history, key=lambda r: r.number):
        if not record.intact or (before is not None and record.parent != before.checksum):
            return record.number
        before = record
    return None


def last_good(history: Iterable[Revision], before: int | None = None) -> Revision | None:
    """Return the newest record that ended well, older than `before` when given."""
    good = [r for r in history if r.outcome == "good" and (before is None or r.number < before)]
    return max(good, key=lambda r: r.number, default=None)
