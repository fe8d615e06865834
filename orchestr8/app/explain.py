"""Why each replica of a service is where it is, and why it is on no other host."""

from __future__ import annotations

import json
from collections.abc import Iterator

from orchestr8.app.fleet import Fleet, open_fleet
from orchestr8.app.request import FleetRequest
from orchestr8.app.services import MODULES
from orchestr8.app.services_fleet import Deployed, chosen, deployed, with_service
from orchestr8.app.status import Quiet
from orchestr8.app.targets import as_recorded
from orchestr8.app.undertaking import require_whole
from orchestr8.core.errors import Diagnostic, InvalidInput
from orchestr8.deploy.model import Revision, last_good
from orchestr8.deploy.placement.explain import Choice, explain
from orchestr8.deploy.placement.score import Term
from orchestr8.report.columns import columns


def show_explanation(request: FleetRequest, service: str, project: str | None) -> str:
    """Return the explanation as text or JSON."""
    require_whole(request)
    with open_fleet(request, MODULES) as fleet:
        found = with_service(deployed(fleet, chosen(fleet, project), Quiet()), service)
        record = _record(found, service)
        choices = _explained(fleet, found, record)
    if request.as_json:
        body = {"project": found.project, "service": service, "revision": record.number}
        return json.dumps({**body, "replicas": [c.to_json() for c in choices]}, indent=2)
    heading = f"{found.project}/{service}: revision {record.number}, {len(choices)} replicas"
    return "\n".join([heading, *(line for choice in choices for line in _text(choice))])


def _explained(fleet: Fleet, found: Deployed, record: Revision) -> tuple[Choice, ...]:
    return explain(as_recorded(fleet, found, record), found.observed)


def _record(found: Deployed, service: str) -> Revision:
    """Return the record that placements are judged by: of the rollout under way, else of the good one."""
    history = found.observed.history(service)
    pending = history[-1] if history and history[-1].outcome == "pending" else None
    record = pending or last_good(history)
    if record is None:
        raise InvalidInput(Diagnostic("O8-3314", f"`{service}` has no good revision to explain"))
    return record


def _text(choice: Choice) -> Iterator[str]:
    where = f"on {choice.host}" if choice.host else "nowhere"
    planned = " (a run would start it there)" if choice.state == "planned" else ""
    yield f"  slot {choice.slot} {where}{planned}: {choice.reason}{_score(choice.score, choice.terms)}"
    rows = [[o.host, o.standing, o.reason, _score(o.score, o.terms).strip()] for o in choice.others]
    yield from (f"    {line}" for line in columns(("HOST", "IS", "BECAUSE", "SCORE"), rows)[1:])


def _score(score: float | None, terms: tuple[Term, ...]) -> str:
    return "" if score is None else f"  [{score:+.2f}: {', '.join(map(str, terms))}]"
