"""Runs a service's hooks at their phases of a rollout: before its first change, and once it has ended."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from orchestr8.core.errors import O8Error
from orchestr8.deploy.model import Action
from orchestr8.deploy.project import Round
from orchestr8.engine.services.actor import TOUCHING

Hook = Callable[[str, str], None]
"""Runs the hook of a service and a phase; raises O8Error when a task of it fails."""
_AFTER = {"converged": "post_deploy", "rolled_back": "on_rollback", "removed": "on_rollback"}


class Hooks:
    """What was run already. A run that repairs drift deploys nothing, so it has no hooks."""

    def __init__(self, hook: Hook) -> None:
        self._hook = hook
        self._begun: set[str] = set()
        self._ended: set[str] = set()
        self._errors: list[O8Error] = []

    def before(self, now: Round, actions: Sequence[Action]) -> None:
        """Run `pre_deploy` of services whose first change comes now; raise when it fails."""
        for service in dict.fromkeys(a.service for a in actions if a.kind in TOUCHING):
            journal = now.decisions[service].journal
            if service not in self._begun and not journal.steady:
                self._begun.add(service)
                if journal.phase == "rolling":
                    self._hook(service, "pre_deploy")

    def after(self, now: Round) -> None:
        """Run the hooks of services that ended; a rollout that is over is not undone by a failure."""
        for service, decision in now.decisions.items():
            phase = _AFTER.get(decision.verdict.end)
            if phase is None or service not in self._begun or service in self._ended:
                continue
            self._ended.add(service)
            try:
                self._hook(service, phase)
            except O8Error as error:
                self._errors.append(error)

    def close(self) -> None:
        """Raise the first failure of a hook that ran after a rollout."""
        if self._errors:
            raise self._errors[0]
