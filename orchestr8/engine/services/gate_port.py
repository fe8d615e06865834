"""What checks between the steps of a rollout need of the outside world, as Protocols."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Protocol

from orchestr8.core.errors import HostFailed
from orchestr8.deploy.gate.check import Check
from orchestr8.deploy.gate.expression import Values
from orchestr8.deploy.model import Replica, ServiceSpec
from orchestr8.engine.services.ports import Site


class Unanswered(HostFailed):
    """Nothing can be said about a check: nobody answered, or the answer makes no sense."""


@dataclass(frozen=True, slots=True)
class Question:
    """One sample of a check of a service's new revision, and the replicas to ask on their hosts.

    `stable` is the number of the revision that served before, 0 when there is none. `step` is the number of
    the step that the check stands at.
    """

    check: Check
    spec: ServiceSpec
    revision: int
    stable: int
    step: int = 0
    replicas: tuple[tuple[Site, Replica], ...] = ()
    sites: Mapping[str, Site] | None = None


@dataclass(frozen=True, slots=True)
class Reading:
    """What was measured: the values of each answer, what each says by itself, words for people.

    `enough` False: too little was measured to count as a sample.
    """

    answers: tuple[Values, ...] = ()
    natural: tuple[bool, ...] = ()
    detail: str = ""
    enough: bool = True


class Ask(Protocol):
    """Takes one sample; has a deadline of its own."""

    def __call__(self, question: Question) -> Reading:
        """Return what was measured; raise O8Error when nothing can be said."""
        ...


Submit = Callable[[Callable[[], Reading]], "Future[Reading]"]
"""Has a sample taken beside everything else."""
