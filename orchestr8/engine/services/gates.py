"""Asks the checks between steps, and runs the tasks there; what they say becomes part of what is seen."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial

from orchestr8.core.clock import Clock
from orchestr8.core.errors import Diagnostic, O8Error
from orchestr8.core.event import RolloutEvent, Warned
from orchestr8.deploy.gate.state import Gate
from orchestr8.deploy.gate.tally import Tally
from orchestr8.deploy.model import Action, Observed
from orchestr8.engine.ports import Sink
from orchestr8.engine.services.gate_port import Question, Reading, Submit
from orchestr8.engine.services.gate_watch import Sampled, Watched

_MOST = 8
_KINDS = ("check", "run")


class Gates:
    """Remembers the samples of the step that each service is at; a new process begins with none.

    question: makes a sample's question of an action and a check's place in it. hook: runs tasks by
    service and name, None where nobody knows them.
    """

    def __init__(
        self,
        ask: Callable[[Question], Reading],
        question: Callable[[Action, int, Observed], Question],
        hook: Callable[[str, str], None] | None,
        clock: Clock,
        sink: Sink,
        submit: Submit | None = None,
    ) -> None:
        self._ask = ask
        self._question = question
        self._hook = hook
        self._clock = clock
        self._sink = sink
        self._submit = submit
        self._pool: ThreadPoolExecutor | None = None
        self._watched: dict[str, Watched] = {}
        self._told: dict[str, tuple[Tally, ...]] = {}
        self._left: Mapping[str, int] = {}

    def begin(self, observed: Observed) -> None:
        """Take note of the steps at which earlier runs were left."""
        newest = (h[-1] for h in map(observed.history, observed.revisions) if h)
        self._left = {r.service: r.stage.step for r in newest if r.outcome == "pending" and r.stage.course}

    def act(self, actions: Sequence[Action], observed: Observed) -> bool:
        """Take the samples that are due and run tasks; return whether something changed on hosts."""
        ran = False
        for action in actions:
            watched = self._watch(action)
            if action.kind == "run" and watched.ended is None:
                watched.ended = self._run(action)
                ran = True
            for number, each in enumerate(watched.sampled):
                work = partial(self._ask, self._question(action, number, observed))
                each.ask(self._clock.monotonic(), self._send, work)
        return ran

    def seen(self) -> dict[str, Gate]:
        """Return how every gate stands, and tell what is new."""
        found = {service: each.gate(self._clock.monotonic()) for service, each in self._watched.items()}
        for service, gate in found.items():
            before, self._told[service] = self._told.get(service, ()), gate.shown
            for tally in gate.shown:
                if tally not in before and tally != Tally(tally.name):
                    self._tell(service, gate, tally)
        return found

    def close(self) -> None:
        """Wait for no sample any more."""
        if self._pool is not None:
            self._pool.shutdown(wait=False, cancel_futures=True)

    def _watch(self, action: Action) -> Watched:
        """Return what is known of an action's step; of another step or revision nothing is kept."""
        known = self._watched.get(action.service)
        if known is None or (known.revision, known.step) != (action.revision, action.step):
            now = self._clock.monotonic()
            sampled = [Sampled(c, Tally(c.title), now, now) for c in action.checks]
            known = self._watched[action.service] = Watched(action.revision, action.step, sampled)
        return known

    def _run(self, action: Action) -> Gate:
        if self._hook is None:
            reason = f"{action.name} can only be run with the playbook: use `o8 run`"
            return Gate(action.revision, action.step, "inconclusive", reason)
        if self._left.get(action.service) == action.step:
            text = f"{action.name} of `{action.service}` may have run before: a run was cut off there"
            self._sink.emit(Warned(Diagnostic("O8-3360", text, severity="warning")))
        try:
            self._hook(action.service, action.name)
        except O8Error as error:
            return Gate(action.revision, action.step, "failure", error.message)
        return Gate(action.revision, action.step, "success")

    def _send(self, work: Callable[[], Reading]) -> Future[Reading]:
        if self._submit is not None:
            return self._submit(work)
        if self._pool is None:
            self._pool = ThreadPoolExecutor(_MOST, thread_name_prefix="gates")
        return self._pool.submit(work)

    def _tell(self, service: str, gate: Gate, tally: Tally) -> None:
        detail = {"check": tally.name, "verdict": tally.verdict, "step": gate.step}
        event = RolloutEvent(service, "gate", revision=gate.revision, message=str(tally), detail=detail)
        self._sink.emit(event)


def of_gates(actions: Sequence[Action]) -> tuple[list[Action], list[Action]]:
    """Return the actions about gates, and the others."""
    gates = [a for a in actions if a.kind in _KINDS]
    return gates, [a for a in actions if a.kind not in _KINDS]
