"""What somebody wants of a rollout under way: promote, pause, resume, abort."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from orchestr8.app.fleet import Fleet
from orchestr8.app.request import FleetRequest
from orchestr8.app.services_fleet import Deployed, with_service
from orchestr8.app.targets import candidates, now, require_intact
from orchestr8.app.undertaking import Agree, Course, Wish, undertake
from orchestr8.core.errors import Diagnostic, InvalidInput
from orchestr8.deploy.model import Desired, Intent, Revision
from orchestr8.deploy.target import go_on, waiting_step
from orchestr8.deploy.transaction import partners

Make = Callable[[Deployed, Revision], tuple[Intent, str]]
"""What is wanted of a pending revision, and the question before it is done."""

_ENDS = {"abort": frozenset(("rolled_back", "removed")), "pause": frozenset(("paused",))}
"""Ends of a rollout that are what was asked for, by verb."""


def promote(
    request: FleetRequest, wish: Wish, service: str, agree: Agree, *, full: bool, coloured: bool
) -> int:
    """Let a rollout that waits for approval go on: to its next pause, or with `full` to its end."""

    def make(found: Deployed, record: Revision) -> tuple[Intent, str]:
        step = waiting_step(service, found.observed)
        if step is None:
            text = f"revision {record.number} of `{service}` does not wait for approval"
            raise InvalidInput(Diagnostic("O8-3322", text, hint="`o8 resume` goes on with it"))
        intent = Intent(promote=step, full=full)
        return intent, f"Promote revision {record.number} of `{service}`{' all the way' if full else ''}?"

    return _intend(request, wish, service, make, agree, coloured=coloured)


def resume(request: FleetRequest, wish: Wish, service: str, agree: Agree, *, coloured: bool) -> int:
    """Go on with a rollout that was paused or interrupted, wherever that was."""

    def make(found: Deployed, record: Revision) -> tuple[Intent, str]:
        del found
        return Intent(resume=True), f"Go on with revision {record.number} of `{service}`?"

    return _intend(request, wish, service, make, agree, coloured=coloured)


def pause(request: FleetRequest, wish: Wish, service: str, agree: Agree, *, coloured: bool) -> int:
    """Have a rollout that nobody carries out right now stay as it is until `resume`."""

    def make(found: Deployed, record: Revision) -> tuple[Intent, str]:
        del found
        return Intent(pause=True), f"Pause revision {record.number} of `{service}`?"

    return _intend(request, wish, service, make, agree, coloured=coloured)


def abort(
    request: FleetRequest, wish: Wish, service: str, reason: str, agree: Agree, *, coloured: bool
) -> int:
    """Call a rollout off: back to the last good revision, at once."""

    def make(found: Deployed, record: Revision) -> tuple[Intent, str]:
        if record.rollback_of is not None:
            text = f"revision {record.number} of `{service}` is a way back itself, to {record.rollback_of}"
            hint = f"`o8 resume {service}` ends it, `o8 rollback {service} --to N` goes elsewhere"
            raise InvalidInput(Diagnostic("O8-3322", f"{text}; it cannot be called off", hint=hint))
        by = found.rollout.conditions.by
        return Intent(abort=reason or f"by {by}"), f"Abort revision {record.number} of `{service}`?"

    return _intend(request, wish, service, make, agree, coloured=coloured)


def _intend(
    request: FleetRequest, wish: Wish, service: str, make: Make, agree: Agree, *, coloured: bool
) -> int:
    def courses(fleet: Fleet, found: Sequence[Deployed]) -> Sequence[Course]:
        where = with_service(found, service)
        record = pending(where, service)
        intent, question = make(where, record)
        others = partners(record, where.observed)
        shared = Intent(resume=intent.resume, pause=intent.pause)
        desired = [_target(fleet, where, record, intent), *(_target(fleet, where, r, shared) for r in others)]
        return [Course(where, tuple(desired), question, _ENDS.get(wish.verb.split()[0], frozenset()))]

    return undertake(request, wish, courses, agree, coloured=coloured)


def _target(fleet: Fleet, found: Deployed, record: Revision, intent: Intent) -> Desired:
    """Return the target of a record under way; those of one transaction are gone on with together."""
    given = found.rollout.conditions
    return go_on(
        found.project,
        record.service,
        found.observed,
        intent,
        candidates=candidates(fleet, record.spec),
        run=given.run,
        by=given.by,
        created=now(found),
    )


def pending(found: Deployed, service: str) -> Revision:
    """Return the revision that is being rolled out; raise InvalidInput when none is."""
    require_intact(found, service)
    history = found.observed.history(service)
    if not history or history[-1].outcome != "pending":
        hint = "`o8 status` shows what runs, `o8 history` what was deployed"
        raise InvalidInput(Diagnostic("O8-3322", f"no rollout of `{service}` is under way", hint=hint))
    return history[-1]
