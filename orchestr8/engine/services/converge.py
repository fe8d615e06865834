"""The loop of a rollout: observe, reconcile, act, until every service has come to its end."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from orchestr8.core.clock import Clock
from orchestr8.deploy.model import Action, Desired, Failure, Journal, Observed, Verdict
from orchestr8.deploy.project import Round, step
from orchestr8.engine.services.actor import Actor
from orchestr8.engine.services.gates import Gates, of_gates
from orchestr8.engine.services.hooking import Hook, Hooks
from orchestr8.engine.services.observer import Observer
from orchestr8.engine.services.replica_hooking import ReplicaHooks
from orchestr8.engine.services.story import Story
from orchestr8.engine.services_port import no_hook

_FIRST_PAUSE = 0.2
_LONGEST_PAUSE = 1.0
_LONGEST_BACKOFF = 8.0
_TICK = 0.2


@dataclass(frozen=True, slots=True)
class Ended:
    """How a rollout ended: verdicts by service, the number of changes by host, why services failed.

    observed: what was seen last.
    """

    verdicts: Mapping[str, Verdict]
    touched: Mapping[str, int] = field(default_factory=dict)
    reports: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    interrupted: bool = False
    observed: Observed = field(default_factory=Observed)


class Converger:
    """Drives services to what is desired; all decisions are made by the deployment core."""

    def __init__(
        self,
        observer: Observer,
        actor: Actor,
        story: Story,
        clock: Clock,
        stopped: Callable[[], bool],
        gates: Gates,
        hook: Hook = no_hook,
        replicas: ReplicaHooks | None = None,
    ) -> None:
        self._gates = gates
        self._hooks = Hooks(hook)
        self._replicas = replicas or ReplicaHooks()
        self._observer = observer
        self._actor = actor
        self._story = story
        self._clock = clock
        self._stopped = stopped
        self._idle = 0
        self._failing = 0

    def run(self, desired: Sequence[Desired], observed: Observed, alone: Callable[[], None]) -> Ended:
        """Return how it ended; raise O8Error when it cannot go on. `alone` is called before changes."""
        journals: dict[str, Journal] = {}
        self._gates.begin(observed)
        while True:
            observed = replace(observed, gates=self._gates.seen())
            now = step(desired, observed, journals, self._clock.monotonic())
            self._story.follow(now, journals, observed)
            before, journals = journals, dict(now.journals)
            wanted = [a for d in now.decisions.values() for a in d.actions if a.kind != "wait_ready"]
            gates, actions = of_gates(wanted)
            stopping = self._stopped()
            if stopping:
                gates, actions = [], _last_wishes(actions)
            if gates or actions:
                alone()
            if not stopping:
                self._hooks.after(now)
                began = self._clock.monotonic()
                self._hooks.before(now, actions)
                if self._clock.monotonic() - began > _TICK:
                    # The time that hooks took is no replica's: what to do is decided anew.
                    journals, observed = before, self._observer.look()
                    continue
            self._replicas.before(actions)
            failures = self._actor.act(actions)
            failures += self._replicas.after(now, observed, actions, failures)
            ran = self._gates.act(gates, observed)
            if now.final or (stopping and not actions):
                ended = self._ended(now, interrupted=stopping and not now.final)
                return replace(ended, observed=observed)
            self._pause(now, failures, busy=ran or bool(actions))
            observed = self._observer.look(failures)

    def _ended(self, now: Round, *, interrupted: bool) -> Ended:
        verdicts = {service: decision.verdict for service, decision in now.decisions.items()}
        self._story.close(now, dict(self._actor.touched))
        self._hooks.close()
        return Ended(verdicts, dict(self._actor.touched), self._story.reports, interrupted)

    def _pause(self, now: Round, failures: Sequence[Failure], *, busy: bool) -> None:
        """Wait before the next look: not at all after work, longer and longer after failures."""
        self._failing = self._failing + 1 if failures else 0
        if failures:
            self._sleep(min(2.0 ** (self._failing - 1), _LONGEST_BACKOFF))
            return
        self._idle = 0 if busy else self._idle + 1
        if busy:
            return
        pause = min(_FIRST_PAUSE * 2 ** (self._idle - 1), _LONGEST_PAUSE)
        left = _LONGEST_PAUSE if now.wake_at is None else now.wake_at - self._clock.monotonic()
        self._sleep(max(0.02, min(pause, left)))

    def _sleep(self, seconds: float) -> None:
        end = self._clock.monotonic() + seconds
        while (left := end - self._clock.monotonic()) > 0 and not self._stopped():
            self._clock.sleep(min(left, _TICK))


def _last_wishes(actions: Sequence[Action]) -> list[Action]:
    """Return what is still done after an interruption: records, and replicas for slots that stand empty."""
    empty = {(a.service, a.slot) for a in actions if a.kind == "start" and a.reason == "missing"}
    kept = ("pull", "pin", "create", "start", "remove")
    return [
        a
        for a in actions
        if (a.kind in kept and (a.service, a.slot) in empty) or (a.kind == "record" and a.reason != "pending")
    ]
