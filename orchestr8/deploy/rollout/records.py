"""The record of a revision: written before the first change, and again when the outcome is known."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from orchestr8.deploy.action import Action
from orchestr8.deploy.desired import Journal
from orchestr8.deploy.revision import Outcome, Revision, Stage
from orchestr8.deploy.rollout.course import course, identity
from orchestr8.deploy.rollout.gating import gate_of
from orchestr8.deploy.rollout.view import View


def intent(view: View) -> list[Action]:
    """Return the record of the desired revision, as long as the hosts do not have it.

    Older revisions that never came to their end are over now: their records say so.
    """
    desired = view.desired
    if any(r.number == desired.revision for r in view.history):
        return _superseded(view)
    parent = max(
        (r for r in view.history if r.number < desired.revision), key=lambda r: r.number, default=None
    )
    fresh = Revision(
        desired.service,
        desired.revision,
        desired.spec,
        created=desired.created,
        by=desired.by,
        run=desired.run,
        rollback_of=desired.rollback_of,
        together=desired.together,
        stage=_stage(view, view.journal),
    )
    return [_write(fresh.sealed(parent.checksum if parent else "")), *_superseded(view)]


def _superseded(view: View) -> list[Action]:
    newer = view.desired.revision
    left = (r for r in view.history if r.outcome == "pending" and r.number < newer)
    return [a for r in left for a in outcome(view, r.number, "bad", f"superseded by revision {newer}")]


def staged(view: View, journal: Journal, *, held: bool = False) -> list[Action]:
    """Return the record with how far the rollout has come, unless it stands there already.

    Steps may have changed since: whoever goes on with the rollout has to find those of now.
    """
    record = view.record
    if record is None or record.outcome != "pending" or journal.phase != "rolling":
        return []
    stage = _stage(view, journal, held=held)
    current = replace(record, stage=stage, together=view.desired.together)
    if record.spec.update != view.desired.spec.update:
        spec = replace(record.spec, update=view.desired.spec.update)
        current = replace(current, spec=spec).sealed(record.parent)
    return [] if current == record else [_write(current)]


def progress(view: View, stage: Stage, placements: Mapping[int, str]) -> list[Action]:
    """Return the pending record with how far a job has come, unless it stands there already."""
    record = view.record
    if record is None or record.outcome != "pending":
        return []
    together = view.desired.together
    current = replace(record, stage=stage, placements=dict(placements), together=together)
    return [] if current == record else [_write(current)]


def _stage(view: View, journal: Journal, *, held: bool = False) -> Stage:
    gate = gate_of(view)
    shown = () if gate is None else gate.shown
    return Stage(journal.step, identity(view) if course(view) else "", journal.waiting, held, gates=shown)


def outcome(
    view: View, number: int, result: Outcome, reason: str = "", placements: Mapping[int, str] | None = None
) -> list[Action]:
    """Return the record of a revision with its outcome, unless it stands there already."""
    record = next((r for r in view.history if r.number == number), None)
    if record is None:
        return []
    places = record.placements if placements is None else dict(placements)
    if record.outcome == result and record.placements == places:
        return []
    return [_write(replace(record, outcome=result, reason=reason, placements=places, stage=Stage()))]


def _write(record: Revision) -> Action:
    return Action(
        "record", record.service, revision=record.number, reason=record.outcome, revision_record=record
    )
