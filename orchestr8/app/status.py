"""What runs where: services, revisions, replicas and what differs from the record."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from orchestr8.app.fleet import open_fleet
from orchestr8.app.job_status import of_job, of_schedule, runs, told
from orchestr8.app.request import FleetRequest
from orchestr8.app.services import MODULES
from orchestr8.app.services_fleet import Deployed, chosen, deployed, services_of, with_service
from orchestr8.app.status_edges import edge_lines, edges_of, odd_edges
from orchestr8.core.clock import SystemClock
from orchestr8.core.errors import Exit
from orchestr8.core.event import Event
from orchestr8.deploy.codec import load, plain
from orchestr8.deploy.conditions import health, revision_of
from orchestr8.deploy.gate.tally import Tally
from orchestr8.deploy.model import Replica, Revision, last_good
from orchestr8.deploy.plan_text import exact
from orchestr8.report.columns import age, columns

_COLUMNS = ("SLOT", "HOST", "REVISION", "HEALTH", "UP", "RESTARTS", "CONTAINER")


@dataclass(frozen=True, slots=True)
class Quiet:
    """Takes no notice of events."""

    def emit(self, event: Event) -> None:
        """Drop an event."""


def show_status(request: FleetRequest, service: str | None, project: str | None) -> tuple[str, int]:
    """Return the status as text or JSON, and the exit code: 4 when a host did not answer."""
    with open_fleet(request, MODULES) as fleet:
        found = deployed(fleet, chosen(fleet, project), Quiet())
    if service is not None:
        found = [with_service(found, service)]
    whole = {d.project: _project(d, service) for d in found}
    lost = {name: error.message for d in found for name, error in d.rollout.crew.lost.items()}
    code = Exit.UNREACHABLE if lost else Exit.OK
    closed = sorted({h.name for d in found for h in d.observed.hosts if h.cordoned})
    if request.as_json:
        return json.dumps(
            {"projects": whole, "unreachable": lost, "cordoned": closed}, indent=2, ensure_ascii=False
        ), code
    now = SystemClock().now()
    lines = [line for d in found for line in _text(d, whole[d.project], now)]
    lines += [f"{name}: cordoned, no new replica starts there" for name in closed]
    lines += [f"{name}: no answer: {why}" for name, why in sorted(lost.items())]
    return "\n".join(lines) or "no services are deployed on these hosts", code


def _project(found: Deployed, only: str | None) -> dict[str, Any]:
    names = [name for name in services_of(found) if only in (None, name)]
    return {name: _service(found, name) for name in names}


def _service(found: Deployed, name: str) -> dict[str, Any]:
    history = found.observed.history(name)
    good, newest = last_good(history), history[-1] if history else None
    live = [r for r in found.observed.of(name) if r.live]
    job = newest is not None and newest.spec.mode == "job"
    return {
        "mode": "" if newest is None else newest.spec.mode,
        "revision": None if good is None else good.number,
        "image": "" if good is None else good.spec.workload.image,
        "pinned": "" if good is None else good.spec.workload.pinned,
        "deployed": "" if good is None else good.created,
        "by": "" if good is None else good.by,
        "state": _state(newest, good),
        "replicas": [_replica(r, history) for r in live],
        "stopped": [_replica(r, history) for r in found.observed.of(name) if not r.live],
        "wanted": None if good is None else _wanted(good, live),
        "waiting": newest.stage.waiting if newest is not None and newest.outcome == "pending" else "",
        "checks": list(map(plain, newest.stage.gates)) if newest is not None else [],
        "edges": edges_of(found, name),
        "drift": [
            *([] if job or _under_way(newest) else _drift(good, live)),
            *odd_edges(found, name, good, live, under_way=_under_way(newest)),
        ],
        **(of_job(newest, found.observed.of(name)) if newest is not None and job else {}),
        **(of_schedule(newest, found.rollout.ledger.watchmakers) if newest is not None and job else {}),
    }


def _state(newest: Revision | None, good: Revision | None) -> str:
    if newest is None:
        return "no record"
    if newest is good:
        return "good"
    if not _under_way(newest):
        return f"revision {newest.number} failed"
    stage = newest.stage
    held = "paused by hand; " if stage.held else ""
    waits = f"waits for {stage.waiting}" if stage.waiting else "not finished"
    return f"revision {newest.number} is under way: {held}{waits}"


def _under_way(newest: Revision | None) -> bool:
    return newest is not None and newest.outcome == "pending"


def _wanted(good: Revision, live: list[Replica]) -> int:
    return len(good.placements) or len(live) if good.spec.mode == "global" else good.spec.replicas


def _replica(replica: Replica, history: Sequence[Revision]) -> dict[str, Any]:
    return {
        "host": replica.host,
        "slot": replica.slot,
        "revision": revision_of(replica, history),
        "made_for": replica.revision,
        "name": replica.name,
        "health": health(replica),
        "since": replica.started_at,
        "restarts": replica.restarts,
    }


def _drift(good: Revision | None, live: list[Replica]) -> Iterator[str]:
    """Yield what is not as the last good revision says."""
    if good is None:
        if live:
            yield "containers run that no record tells of"
        return
    spec = good.spec
    for replica in live:
        if replica.spec_hash != spec.workload.spec_hash:
            yield f"{replica.name} on {replica.host} is not of revision {good.number}"
        elif replica.limits not in (None, spec.workload.limits):
            yield f"{replica.name} on {replica.host} has other limits"
        if health(replica) not in ("healthy", "running", "starting"):
            yield f"{replica.name} on {replica.host} is {health(replica)}"
    if len(live) != _wanted(good, live):
        yield f"{len(live)} of {_wanted(good, live)} replicas run"


def _row(replica: Mapping[str, Any], now: datetime) -> list[str]:
    names = ("slot", "host", "revision", "health")
    restarts = str(replica["restarts"] or "")
    return [*(str(replica[name]) for name in names), age(replica["since"], now), restarts, replica["name"]]


def _text(found: Deployed, services: Mapping[str, dict[str, Any]], now: datetime) -> Iterator[str]:
    for name, one in services.items():
        healthy = sum(1 for r in one["replicas"] if r["health"] in ("healthy", "running"))
        wanted = "?" if one["wanted"] is None else one["wanted"]
        revision = "no revision" if one["revision"] is None else f"revision {one['revision']}"
        image = exact(one["image"], one["pinned"])
        state = f"{healthy}/{wanted} healthy"
        if one["mode"] == "job":
            state = told(one)
        yield f"{found.project}/{name}  {revision}  {image}  {state}"
        yield from (f"  {line}" for line in runs(one.get("runs", ()), now))
        rows = [_row(r, now) for r in sorted(one["replicas"], key=lambda r: (r["slot"], r["revision"]))]
        yield from (f"  {line}" for line in columns(_COLUMNS, rows))
        yield from (f"  {line}" for line in edge_lines(one["edges"]))
        if one["state"] not in ("good", "no record"):
            yield f"  ! {one['state']}"
        yield from (f"  ! check {load(Tally, check)}" for check in one["checks"])
        yield from (f"  ! {line}" for line in one["drift"])
