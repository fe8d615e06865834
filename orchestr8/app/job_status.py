"""How the runs of a job went."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from orchestr8.deploy.model import Replica, Revision
from orchestr8.report.columns import age, columns

_COLUMNS = ("SLOT", "HOST", "REVISION", "EXIT CODE", "ENDED", "CONTAINER")


def of_job(newest: Revision, replicas: Sequence[Replica]) -> dict[str, Any]:
    """Return how many slots of the newest revision have completed, and the runs containers tell of."""
    done = newest.placements if newest.outcome == "good" else newest.stage.completed
    ran = sorted((r for r in replicas if r.started_at), key=lambda r: (r.revision, r.slot))
    return {
        "completed": sum(1 for slot in done if slot <= newest.spec.replicas),
        "to_complete": newest.spec.replicas,
        "runs": [_run(r) for r in ran],
    }


def _run(replica: Replica) -> dict[str, Any]:
    return {
        "slot": replica.slot,
        "host": replica.host,
        "revision": replica.revision,
        "exit_code": replica.exit_code,
        "began": replica.started_at,
        "ended": "" if replica.live else replica.finished_at,
        "name": replica.name,
    }


def runs(found: Iterable[Mapping[str, Any]], now: datetime) -> Iterator[str]:
    """Yield the runs as a table for people; nothing when there were none."""
    rows = [
        [
            str(run["slot"]),
            run["host"],
            str(run["revision"]),
            "runs" if run["exit_code"] is None else str(run["exit_code"]),
            f"{age(run['ended'], now)} ago" if run["ended"] else "",
            run["name"],
        ]
        for run in found
    ]
    yield from columns(_COLUMNS, rows) if rows else ()
