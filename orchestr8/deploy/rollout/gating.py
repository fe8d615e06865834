"""A step that is passed by a verdict only: checks between steps, and tasks that run there once."""

from __future__ import annotations

from orchestr8.deploy.action import Action
from orchestr8.deploy.gate.state import Gate
from orchestr8.deploy.rollout.view import View
from orchestr8.deploy.service import Step


def gate_of(view: View) -> Gate | None:
    """Return the gate of the step; what is known of another step or revision says nothing."""
    gate = view.observed.gates.get(view.spec.name)
    here = gate is not None and (gate.revision, gate.step) == (view.revision, view.journal.step)
    return gate if here else None


def broken(view: View) -> str:
    """Return why the gate that the rollout is at has failed, or nothing."""
    gate = gate_of(view) if view.journal.phase == "rolling" else None
    return gate.reason if gate is not None and gate.verdict == "failure" else ""


def passed(view: View, step: Step) -> bool:
    """Say whether the rollout may go on.

    A person may pass over checks that could not decide, never over tasks that have not run.
    """
    gate = gate_of(view)
    if gate is not None and gate.verdict == "success":
        return True
    return step.kind == "check" and view.desired.intent.promote == view.journal.step


def undecided(view: View) -> str:
    """Return what a person has to decide because the gate cannot, or nothing."""
    gate = gate_of(view)
    return f"a decision: {gate.reason}" if gate is not None and gate.verdict == "inconclusive" else ""


def asking(view: View, step: Step) -> Action:
    """Return what brings the gate nearer to its verdict."""
    return Action(
        "run" if step.kind == "run" else "check",
        view.spec.name,
        revision=view.revision,
        name=step.name,
        reason=str(step),
        step=view.journal.step,
        checks=step.checks,
    )
