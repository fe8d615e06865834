"""The revisions of a service, from the records on its hosts."""

from __future__ import annotations

import json
from typing import Any

from orchestr8.app.fleet import open_fleet
from orchestr8.app.request import FleetRequest
from orchestr8.app.services import MODULES
from orchestr8.app.services_fleet import Deployed, chosen, deployed, with_service
from orchestr8.app.status import Quiet
from orchestr8.deploy.model import Revision, last_good, tampered


def show_history(request: FleetRequest, service: str, project: str | None) -> str:
    """Return the history as text or JSON, the newest revision first."""
    with open_fleet(request, MODULES) as fleet:
        found = with_service(deployed(fleet, chosen(fleet, project), Quiet()), service)
    history = found.observed.history(service)
    if request.as_json:
        rows = [_row(found, r) for r in reversed(history)]
        return json.dumps({"project": found.project, "service": service, "revisions": rows}, indent=2)
    lines = [_line(found, r) for r in reversed(history)] or [f"{service} has no records"]
    broken = tampered(history)
    if broken is not None:
        lines.append(f"! the records do not fit together at revision {broken}")
    return "\n".join(lines)


def _row(found: Deployed, revision: Revision) -> dict[str, Any]:
    return {
        "revision": revision.number,
        "outcome": revision.outcome,
        "current": _current(found, revision),
        "image": revision.spec.workload.image,
        "pinned": revision.spec.workload.pinned,
        "replicas": revision.spec.replicas,
        "created": revision.created,
        "by": revision.by,
        "run": revision.run,
        "reason": revision.reason,
        "rollback_of": revision.rollback_of,
        "image_on": image_hosts(found, revision),
    }


def _line(found: Deployed, revision: Revision) -> str:
    mark = "*" if _current(found, revision) else " "
    back = f"  rollback to {revision.rollback_of}" if revision.rollback_of is not None else ""
    reason = f"  {revision.reason}" if revision.reason else ""
    when = revision.created.replace("T", " ").removesuffix("+00:00")
    image = f"{revision.spec.workload.image}{back}{reason}"
    return f"{mark}{revision.number:>4}  {revision.outcome:<8} {when:<20} {revision.by:<24} {image}"


def _current(found: Deployed, revision: Revision) -> bool:
    good = last_good(found.observed.history(revision.service))
    return good is not None and good.number == revision.number


def image_hosts(found: Deployed, revision: Revision) -> list[str]:
    """Return the hosts that have a revision's image."""
    pinned = revision.spec.workload.reference
    return [host.name for host in found.observed.hosts if pinned in host.images]
