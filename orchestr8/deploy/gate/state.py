"""How the gate stands that a service's rollout is at; seen from outside, as everything else."""

from __future__ import annotations

from dataclasses import dataclass

from orchestr8.deploy.gate.tally import Tally, Verdict


@dataclass(frozen=True, slots=True)
class Gate:
    """The checks, or the tasks, of a step of a revision: the verdict, the reason for it, what is shown."""

    revision: int
    step: int
    verdict: Verdict = "running"
    reason: str = ""
    shown: tuple[Tally, ...] = ()
