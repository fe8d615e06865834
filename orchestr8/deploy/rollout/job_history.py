"""What is known of a job when a run begins: slots that came to a good end, and hosts of those begun."""

from __future__ import annotations

from dataclasses import replace

from orchestr8.deploy.desired import Desired, Journal
from orchestr8.deploy.revision import Revision
from orchestr8.deploy.service import ServiceSpec


def began(desired: Desired, journal: Journal, record: Revision | None, good: Revision | None) -> Journal:
    """Return a job's journal at the beginning of a run.

    What a good revision of the same workload has completed counts, whatever else has changed. Only the own
    record tells where slots are: those of an earlier revision bind nobody.
    """
    places: dict[int, str] = {}
    before = record if record is not None and record.outcome == "good" else good
    if before is not None and _same_work(before.spec, desired.spec):
        places.update(before.placements)
    completed = frozenset(() if desired.spec.schedule else places)
    if record is not None:
        completed |= record.stage.completed
        places.update(record.placements)
    return replace(journal, completed=completed, placements=places)


def _same_work(one: ServiceSpec, other: ServiceSpec) -> bool:
    return one.mode == other.mode == "job" and one.workload.spec_hash == other.workload.spec_hash
