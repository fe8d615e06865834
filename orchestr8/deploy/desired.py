"""What should be: a service's target revision, and the memory of the rollout towards it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from orchestr8.deploy.action import Action
from orchestr8.deploy.codec import load, plain
from orchestr8.deploy.service import ServiceSpec

Phase = Literal["rolling", "rolling_back", "paused", "done"]


@dataclass(frozen=True, slots=True)
class Desired:
    """The target of one service.

    `candidates` are the hosts its pattern selects (None: all hosts). `assigned` are hosts chosen for
    slots when several services were placed together. `by`, `created` and `run` go into the record.
    """

    project: str
    spec: ServiceSpec
    revision: int
    candidates: frozenset[str] | None = None
    assigned: Mapping[int, str] = field(default_factory=dict)
    rollback_of: int | None = None
    run: str = ""
    by: str = ""
    created: str = ""

    @property
    def service(self) -> str:
        """Return the service's name."""
        return self.spec.name


@dataclass(frozen=True, slots=True)
class Watch:
    """A replica under observation: seen running since a moment of `now`, with this many restarts then."""

    since: float
    restarts: int = 0


@dataclass(frozen=True, slots=True)
class Journal:
    """The memory of one service's rollout; all of it can be rebuilt from what is observed.

    `good` is the revision to return to (None: none). `floor` is the number of healthy replicas never to
    go below. `settled` are the ids of replicas that stayed healthy long enough. `failed` are names of
    replicas that failed. `watch` and `progressed` are times of this process and are not stored.
    """

    service: str
    target: int
    phase: Phase = "rolling"
    good: int | None = None
    floor: int = 0
    settled: frozenset[str] = frozenset()
    failed: tuple[str, ...] = ()
    reason: str = ""
    fresh: bool = True
    watch: Mapping[str, Watch] = field(default_factory=dict)
    progressed: float | None = None

    def to_json(self) -> dict[str, Any]:
        """Return what is worth storing; times mean nothing to another process."""
        return dict(plain(replace(self, watch={}, progressed=None)))

    @staticmethod
    def from_json(data: dict[str, Any]) -> Journal:
        """Return the journal that `to_json` wrote."""
        return load(Journal, data)


@dataclass(frozen=True, slots=True)
class Counts:
    """A service in numbers: what is wanted, what lives, what is up to date, what counts as available."""

    desired: int = 0
    live: int = 0
    updated: int = 0
    available: int = 0


End = Literal[
    "progressing", "converged", "failed", "rolled_back", "rollback_failed", "paused", "infeasible", "blocked"
]


@dataclass(frozen=True, slots=True)
class Verdict:
    """Where a rollout stands; all but `progressing` and `blocked` are final for the run.

    `skipped` names unreachable hosts that were left out by policy.
    """

    end: End
    reason: str = ""
    skipped: tuple[str, ...] = ()

    @property
    def final(self) -> bool:
        """Whether the loop may stop once no action is left."""
        return self.end not in ("progressing", "blocked")


@dataclass(frozen=True, slots=True)
class Decision:
    """What to do now, when to look again at the latest (None: when something changed), and the verdict."""

    actions: tuple[Action, ...]
    verdict: Verdict
    journal: Journal
    counts: Counts = Counts()
    wake_at: float | None = None
    notes: tuple[str, ...] = ()
