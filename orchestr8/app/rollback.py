"""Brings a service back to an earlier revision, from nothing but what its hosts keep."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from orchestr8.app.fleet import Fleet, open_fleet
from orchestr8.app.request import FleetRequest
from orchestr8.app.services import MODULES
from orchestr8.app.services_fleet import Deployed, chosen, deployed, services_of, with_service
from orchestr8.app.signals import stopping
from orchestr8.app.sinks import choose
from orchestr8.core.clock import SystemClock
from orchestr8.core.errors import Diagnostic, Exit, InvalidInput
from orchestr8.core.event import Warned
from orchestr8.deploy.model import Desired, tampered
from orchestr8.deploy.planner import Plan
from orchestr8.deploy.target import go_back
from orchestr8.engine.ports import Sink
from orchestr8.engine.services.play_services import foreseen
from orchestr8.engine.services.verdicts import require_good


@dataclass(frozen=True, slots=True)
class Wish:
    """What to go back to: `to` None means the good revision before. check: only say what would happen."""

    service: str
    to: int | None = None
    check: bool = False
    project: str | None = None


def roll_back(request: FleetRequest, wish: Wish, agree: Callable[[str], bool], *, coloured: bool) -> int:
    """Roll back and return the exit code; `agree` is asked once the plan was shown."""
    sink = choose(replace(request, plain=True), SystemClock(), coloured=coloured)
    with open_fleet(request, MODULES) as fleet:
        stop = _Stop()
        found = deployed(fleet, chosen(fleet, wish.project), sink, lambda: stop.asked)
        return _carry_out(fleet, with_service(found, wish.service), wish, agree, stop, sink)


@dataclass(slots=True)
class _Stop:
    asked: bool = False

    def ask(self) -> None:
        self.asked = True


def _carry_out(
    fleet: Fleet, found: Deployed, wish: Wish, agree: Callable[[str], bool], stop: _Stop, sink: Sink
) -> int:
    desired = _target(fleet, found, wish)
    rollout, observed = found.rollout, found.observed
    planned = rollout.plan([desired], observed, services_of(found))
    require_good(foreseen(planned), rollout.crew.lost)
    _warn_of_pulls(planned, sink)
    if wish.check or planned.empty:
        return int(Exit.OK)
    if not agree(f"Roll `{wish.service}` back to revision {_goal(desired)}?"):
        return int(Exit.INVALID)
    with stopping(stop.ask) as stopped:
        ended = rollout.carry_out([desired], observed)
    require_good(ended, rollout.crew.lost)
    return int(stopped.code or Exit.OK)


def _goal(desired: Desired) -> int:
    return desired.revision if desired.rollback_of is None else desired.rollback_of


def _warn_of_pulls(planned: Plan, sink: Sink) -> None:
    """Say which hosts lack the image: going back needs the registry there."""
    pulls = sorted({a.host for wave in planned.trace.waves for a in wave if a.kind == "pull"})
    if pulls:
        text = f"{', '.join(pulls)} must pull the image again; without the registry this fails"
        sink.emit(Warned(Diagnostic("O8-3315", text, severity="warning")))


def _target(fleet: Fleet, found: Deployed, wish: Wish) -> Desired:
    """Return the revision to go back to; raise InvalidInput when there is none or the records are broken."""
    history = found.observed.history(wish.service)
    broken = tampered(history)
    if broken is not None:
        text = (
            f"the records of `{wish.service}` were changed by somebody else: revision {broken} does not fit"
        )
        raise InvalidInput(Diagnostic("O8-3313", text))
    conditions = found.rollout.conditions
    now = conditions.clock.now().isoformat(timespec="seconds")
    try:
        desired = go_back(
            found.project,
            wish.service,
            found.observed,
            to=wish.to,
            run=conditions.run,
            by=conditions.by,
            created=now,
        )
    except LookupError as error:
        known = ", ".join(f"{r.number} ({r.outcome})" for r in history)
        raise InvalidInput(Diagnostic("O8-3314", str(error), hint=f"there are {known}")) from None
    pattern = desired.spec.placement.hosts
    hosts = frozenset(h.name for h in fleet.inventory.select(pattern)) if pattern else None
    return replace(desired, candidates=hosts)
