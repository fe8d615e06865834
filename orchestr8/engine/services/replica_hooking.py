"""Runs the hooks of single replicas: after one has started, and before one is stopped."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from orchestr8.core.errors import Diagnostic, O8Error
from orchestr8.core.event import Warned
from orchestr8.deploy.model import Action, Failure, Observed
from orchestr8.deploy.project import Round
from orchestr8.engine.ports import Sink

RunHook = Callable[[Action, str], None]
"""Runs the hook of a phase for the replica that an action is about; raises O8Error when a task fails."""


def about(action: Action) -> dict[str, Any]:
    """Return the variables that tell tasks which replica they are run for."""
    return {
        "o8_service": action.service,
        "o8_host": action.host,
        "o8_slot": action.slot,
        "o8_revision": action.revision,
        "o8_container": action.name,
    }


class ReplicaHooks:
    """`post_start` runs at least once for every replica that is brought up, also after a controller died."""

    def __init__(self, run: RunHook | None = None, sink: Sink | None = None) -> None:
        self._run = run
        self._sink = sink
        self._first = True

    def before(self, actions: Sequence[Action]) -> None:
        """Run `pre_stop` for those who stop now; one whose hook fails is stopped all the same."""
        for action in actions:
            if action.kind == "stop" and (error := self._failed(action, "pre_stop")) is not None:
                self._warn(f"{action.name} stops although its `pre_stop` failed: {error.message}")

    def after(
        self, now: Round, seen: Observed, actions: Sequence[Action], failures: Sequence[Failure]
    ) -> list[Failure]:
        """Run `post_start` for those who have started; who fails it has failed to start."""
        unlucky = {(f.action.host, f.action.name) for f in failures}
        begun = [a for a in actions if a.kind == "start" and (a.host, a.name) not in unlucky]
        begun += list(_found(now, seen)) if self._first else []
        self._first = False
        found = ((a, self._failed(a, "post_start")) for a in begun)
        return [Failure(a, f"`post_start` failed: {e.message}", permanent=True) for a, e in found if e]

    def _failed(self, action: Action, phase: str) -> O8Error | None:
        try:
            if self._run is not None:
                self._run(action, phase)
        except O8Error as error:
            return error
        return None

    def _warn(self, text: str) -> None:
        if self._sink is not None:
            self._sink.emit(Warned(Diagnostic("O8-3209", text, severity="warning")))


def _found(now: Round, seen: Observed) -> Iterator[Action]:
    """Yield the starts of replicas that another process left behind: nobody knows how far it came."""
    for service, decision in now.decisions.items():
        if decision.journal.steady:
            continue
        for r in seen.of(service):
            if r.live and f"{r.host}/{r.name}" in decision.journal.watch:
                yield Action("start", service, r.host, r.slot, r.revision, r.name, r.id)
