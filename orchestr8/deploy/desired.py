"""What should be: a service's target revision, and the memory of the rollout towards it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from orchestr8.deploy.action import Action
from orchestr8.deploy.codec import load, plain
from orchestr8.deploy.service import ServiceSpec

Phase = Literal["rolling", "rolling_back", "done"]


End = Literal[
    "progressing",
    "blocked",
    "converged",
    "failed",
    "removed",
    "rolled_back",
    "rollback_failed",
    "paused",
    "infeasible",
    "unreachable",
]


@dataclass(frozen=True, slots=True)
class Intent:
    """What somebody wants of a rollout under way; asking for it twice is harmless.

    `promote` is the number of the step whose pause ends; `full` ends all of them. `pause` stops the
    rollout where no slot is left empty, `resume` goes on after that. `abort` is the reason to go back;
    with `spare`, what runs of a job comes to its own end first.
    """

    promote: int | None = None
    full: bool = False
    pause: bool = False
    resume: bool = False
    abort: str = ""
    spare: bool = False


@dataclass(frozen=True, slots=True)
class Desired:
    """The target of one service.

    `candidates` are the hosts its pattern selects (None: all hosts). `rebalance` moves replicas where that
    spreads them more evenly. `edges` are the hosts that ingress patterns select. `by`, `created` and `run`
    go into the record. `together` are the revisions of all services that end well with it or not at all.
    """

    project: str
    spec: ServiceSpec
    revision: int
    candidates: frozenset[str] | None = None
    rollback_of: int | None = None
    run: str = ""
    by: str = ""
    created: str = ""
    intent: Intent = Intent()
    rebalance: bool = False
    edges: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    together: Mapping[str, int] = field(default_factory=dict)

    @property
    def service(self) -> str:
        """Return the service's name."""
        return self.spec.name


@dataclass(frozen=True, slots=True)
class Watch:
    """A replica under observation since a moment of `now`: its restarts then, and since when it is ready."""

    since: float
    restarts: int = 0
    ready: float | None = None


@dataclass(frozen=True, slots=True)
class Journal:
    """The memory of one service's rollout; what a new process needs of it is rebuilt from observation.

    `good` is the revision to return to (None: none). `steady` means that the target had ended well before
    this run, so that only drift is repaired. `floor` is the number of healthy replicas never to go below.
    `settled` are the replicas that stayed ready long enough, `failed` the ids (or actions) that failed.
    `placements` are the hosts slots were last seen on. `fresh` means that nothing was touched yet.
    `adjusted` were updated in place and `repaired` started again after they had died, both once at most;
    `remade` slots got a new container after that. `given_up` are slots left as they are under
    `on_failure: continue`. `end` and `reason` hold the verdict once the phase is done.
    `step` is the number of steps passed and `waiting` what the rollout is paused for. `assigned` are hosts
    for slots chosen at the beginning, `moves` those that replicas move to for an even spread.
    `hindered` means that it has not begun because of those it depends on.
    `crowded` says what a search for hosts for all services together came to, where it found none.
    `completed` are the slots of a job that have come to a good end.
    `watch` (by `host/name`), `progressed`, `since` (of a pause) and `leaving` (members that drain, by
    `edge/name`) are times of this process, not stored.
    """

    service: str
    target: int
    phase: Phase = "rolling"
    good: int | None = None
    steady: bool = False
    floor: int = 0
    settled: frozenset[str] = frozenset()
    failed: tuple[str, ...] = ()
    failures: int = 0
    reason: str = ""
    fresh: bool = True
    placements: Mapping[int, str] = field(default_factory=dict)
    adjusted: frozenset[str] = frozenset()
    repaired: frozenset[str] = frozenset()
    remade: frozenset[int] = frozenset()
    given_up: frozenset[int] = frozenset()
    end: End = "progressing"
    step: int = 0
    waiting: str = ""
    assigned: Mapping[int, str] = field(default_factory=dict)
    moves: Mapping[int, str] = field(default_factory=dict)
    crowded: str = ""
    hindered: bool = False
    completed: frozenset[int] = frozenset()
    watch: Mapping[str, Watch] = field(default_factory=dict)
    progressed: float = 0.0
    since: float | None = None
    leaving: Mapping[str, float] = field(default_factory=dict)

    @property
    def roles(self) -> Mapping[int, str]:
        """The part each revision plays; containers do not know it, because their labels cannot change."""
        if self.end in ("converged", "rolled_back", "removed"):
            last = self.target if self.end == "converged" else self.good
            return {} if last is None else {last: "stable"}
        known = {} if self.good is None else {self.good: "stable"}
        return {**known, self.target: "canary" if known else "stable"}

    def to_json(self) -> dict[str, Any]:
        """Return what is worth storing; times mean nothing to another process."""
        return dict(plain(replace(self, watch={}, progressed=0.0, since=None, leaving={})))

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


@dataclass(frozen=True, slots=True)
class Verdict:
    """Where a rollout stands; all but `progressing` and `blocked` are final for the run.

    `removed` is a first rollout that failed and was taken away. `infeasible` and `unreachable` touched
    nothing. `skipped` names unreachable hosts that were left out by policy.
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
    """What to do now, when to look again at the latest, and the verdict.

    Actions that come with a final verdict are still to be carried out; after them the rollout is over.
    `prepared` says that all is done but to call it good, which waits for the others of its transaction.
    """

    actions: tuple[Action, ...]
    verdict: Verdict
    journal: Journal
    counts: Counts = Counts()
    wake_at: float | None = None
    notes: tuple[str, ...] = ()
    prepared: bool = False
