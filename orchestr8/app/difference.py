"""What differs between two revisions of a service."""

from __future__ import annotations

import json
from collections.abc import Sequence

from orchestr8.app.fleet import open_fleet
from orchestr8.app.request import FleetRequest
from orchestr8.app.services import MODULES
from orchestr8.app.services_fleet import chosen, deployed, with_service
from orchestr8.app.status import Quiet
from orchestr8.core.errors import Diagnostic, InvalidInput
from orchestr8.deploy.codec import plain
from orchestr8.deploy.diff import changes
from orchestr8.deploy.model import Revision, last_good
from orchestr8.report.wording import short_digests

_MEANING = {"replace": "needs new containers", "in-place": "in place", "none": "touches no container"}
_SIGNS = {"replace": "~", "in-place": "≈", "none": "·"}


def show_difference(
    request: FleetRequest, service: str, old: int | None, new: int | None, project: str | None
) -> str:
    """Return what differs as text or JSON; without numbers, between the two newest revisions."""
    with open_fleet(request, MODULES) as fleet:
        found = with_service(deployed(fleet, chosen(fleet, project), Quiet()), service)
    history = found.observed.history(service)
    a, b = _pair(history, service, old, new)
    found_changes = changes(a.spec, b.spec)
    if request.as_json:
        rows = [plain(change) | {"effect": change.effect} for change in found_changes]
        body = {"project": found.project, "service": service, "from": a.number, "to": b.number}
        return json.dumps({**body, "changes": rows}, indent=2, ensure_ascii=False)
    lines = [f"{service}: revision {a.number} ({a.outcome}) → {b.number} ({b.outcome})"]
    lines += [f"  {_SIGNS[c.effect]} {short_digests(str(c))}   ({_MEANING[c.effect]})" for c in found_changes]
    return "\n".join([*lines, *([] if found_changes else ["  nothing differs"])])


def _pair(
    history: Sequence[Revision], service: str, old: int | None, new: int | None
) -> tuple[Revision, Revision]:
    """Return two revisions: those asked for; the one asked for and the current one; the two newest."""
    current = last_good(history)
    if old is None:
        if len(history) < 2:
            raise InvalidInput(Diagnostic("O8-3314", f"`{service}` has no two revisions to compare"))
        return history[-2], history[-1]
    if new is None and current is None:
        raise InvalidInput(Diagnostic("O8-3314", f"`{service}` has no good revision to compare with"))
    second = _numbered(history, service, new) if new is not None else current
    assert second is not None
    return _numbered(history, service, old), second


def _numbered(history: Sequence[Revision], service: str, number: int) -> Revision:
    found = next((r for r in history if r.number == number), None)
    if found is None:
        known = ", ".join(str(r.number) for r in history)
        hint = f"there are {known}" if known else None
        raise InvalidInput(Diagnostic("O8-3314", f"`{service}` has no revision {number}", hint=hint))
    return found
