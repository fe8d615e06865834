"""Tells now and then what a rollout waits for, so that nobody takes patience for a hang."""

from __future__ import annotations

from orchestr8.core.clock import Clock
from orchestr8.core.event import RolloutEvent
from orchestr8.deploy.desired import Watch
from orchestr8.deploy.model import Decision, Observed, Replica
from orchestr8.deploy.project import Round
from orchestr8.engine.ports import Sink
from orchestr8.engine.services.held import duration
from orchestr8.engine.services.prober import Prober, SpecOf

FIRST, LONGEST = 10.0, 60.0
"""Seconds after which a wait is told, and the longest silence after that; pauses double in between."""


class Waits:
    """Remembers which replicas were spoken of, and when to speak of them again."""

    def __init__(self, prober: Prober, spec_of: SpecOf, clock: Clock, sink: Sink) -> None:
        self._prober = prober
        self._spec_of = spec_of
        self._clock = clock
        self._sink = sink
        self._next: dict[tuple[str, float], float] = {}

    def follow(self, now: Round, seen: Observed) -> None:
        """Tell of replicas that keep their rollout waiting for long."""
        for decision in now.decisions.values():
            if decision.verdict.end == "progressing":
                self._follow(decision, seen)

    def _follow(self, decision: Decision, seen: Observed) -> None:
        journal = decision.journal
        open_ends = {key: w for key, w in journal.watch.items() if key not in journal.settled}
        for replica in seen.of(journal.service) if open_ends else ():
            watch = open_ends.get(f"{replica.host}/{replica.name}")
            if watch is not None and replica.id not in journal.failed and self._due(replica, watch):
                self._tell(replica, watch)

    def _due(self, replica: Replica, watch: Watch) -> bool:
        key = (replica.id, watch.since)
        waited = self._clock.monotonic() - watch.since
        due = self._next.get(key, FIRST)
        if waited < due:
            return False
        self._next[key] = due + min(due, LONGEST)
        return True

    def _tell(self, replica: Replica, watch: Watch) -> None:
        spec = self._spec_of(replica)
        if spec is None:
            return
        since, bound = watch.since, spec.update.healthy_deadline
        if watch.ready is not None:
            since, bound = watch.ready, spec.update.min_healthy_time
        waited = self._clock.monotonic() - since
        text = f"{self._state(replica, watch)}, {duration(waited)} of {duration(bound)}"
        detail = {"seconds": round(waited, 1), "deadline": bound, "ready": watch.ready is not None}
        event = RolloutEvent(
            replica.service, "waiting", replica.host, replica.slot, replica.revision, text, detail
        )
        self._sink.emit(event)

    def _state(self, replica: Replica, watch: Watch) -> str:
        if watch.ready is not None:
            return f"{replica.name} is ready and has to stay so"
        answers = self._prober.transcript(replica)
        return f"{replica.name} is not ready yet" + (f": {answers[-1]}" if answers else "")
