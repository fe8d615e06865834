"""Targets made from records: what a service is now, with something about it changed."""

from __future__ import annotations

from dataclasses import replace

from orchestr8.app.fleet import Fleet
from orchestr8.app.services_fleet import Deployed
from orchestr8.core.errors import Diagnostic, InvalidInput
from orchestr8.deploy.model import Desired, Revision, ServiceSpec, last_good, tampered
from orchestr8.deploy.target import desire


def standing(found: Deployed, service: str) -> Revision:
    """Return the good revision that a service is at; raise InvalidInput when there is none to build on."""
    require_intact(found, service)
    history = found.observed.history(service)
    good = last_good(history)
    if history and history[-1].outcome == "pending":
        text = f"revision {history[-1].number} of `{service}` is under way"
        raise InvalidInput(Diagnostic("O8-3316", text, hint="wait for its end, `o8 resume` it or go back"))
    if good is None:
        raise InvalidInput(Diagnostic("O8-3314", f"`{service}` has no good revision"))
    return good


def require_intact(found: Deployed, service: str) -> None:
    """Raise InvalidInput when a record of a service is not what was written."""
    broken = tampered(found.observed.history(service))
    if broken is not None:
        text = f"the records of `{service}` were changed by somebody else: revision {broken} does not fit"
        raise InvalidInput(Diagnostic("O8-3313", text))


def candidates(fleet: Fleet, spec: ServiceSpec) -> frozenset[str] | None:
    """Return the hosts of a service's own pattern, as the inventory has them now."""
    pattern = spec.placement.hosts
    return frozenset(h.name for h in fleet.inventory.select(pattern)) if pattern else None


def wanted(fleet: Fleet, found: Deployed, spec: ServiceSpec) -> Desired:
    """Return the target for a spec: the revision it is already, or a new one."""
    given = found.rollout.conditions
    return desire(
        found.project,
        spec,
        found.observed,
        candidates=candidates(fleet, spec),
        run=given.run,
        by=given.by,
        created=now(found),
    )


def as_recorded(fleet: Fleet, found: Deployed, record: Revision) -> Desired:
    """Return the target of a record itself."""
    made = wanted(fleet, found, record.spec)
    return replace(made, revision=record.number, rollback_of=record.rollback_of)


def now(found: Deployed) -> str:
    """Return the date for a new record."""
    return found.rollout.conditions.clock.now().isoformat(timespec="seconds")
