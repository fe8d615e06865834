"""How the runs of a job went."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from orchestr8.deploy.calendar import calendar
from orchestr8.deploy.model import Replica, Revision
from orchestr8.engine.services.ports import Watchmaker
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


def of_schedule(newest: Revision, watchmakers: Mapping[str, Watchmaker]) -> dict[str, Any]:
    """Return a scheduled job's calendar, and its timers with the next run by each host's own time."""
    if not newest.spec.schedule:
        return {}
    timers = [
        {"host": host, "slot": t.slot, "container": t.container, "next": _next(t.schedule, known.clock)}
        for host, known in sorted(watchmakers.items())
        for t in sorted(known.timers, key=lambda t: t.slot)
        if t.service == newest.service
    ]
    return {"schedule": newest.spec.schedule, "timers": timers}


def _next(schedule: str, clock: str) -> str:
    try:
        moment = calendar(schedule).after(datetime.fromisoformat(clock))
    except ValueError:
        return ""
    return "" if moment is None else moment.isoformat(sep=" ")


def told(one: Mapping[str, Any]) -> str:
    """Return how a job stands, in a few words."""
    if not one.get("schedule"):
        return f"job, {one['completed']}/{one['to_complete']} completed"
    timers = ", ".join(f"next {t['next'] or 'never'} on {t['host']}" for t in one["timers"])
    return f"job at {one['schedule']}, {timers or 'NO TIMER'}"


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
