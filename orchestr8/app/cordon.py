"""Keeps new replicas away from hosts, and moves those away that are there."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace

from orchestr8.app.fleet import Fleet, open_fleet
from orchestr8.app.request import FleetRequest
from orchestr8.app.services import MODULES
from orchestr8.app.services_fleet import Deployed, reached_records, services_of
from orchestr8.app.targets import as_recorded, standing
from orchestr8.app.undertaking import Agree, Course, Wish, undertake
from orchestr8.core.clock import SystemClock
from orchestr8.core.errors import Diagnostic, Exit, InvalidInput
from orchestr8.core.suggest import did_you_mean
from orchestr8.deploy.model import Desired
from orchestr8.engine.services.play_services import author
from orchestr8.engine.services.together import together


def cordon(request: FleetRequest, hosts: Sequence[str]) -> str:
    """Have nothing new start on hosts; return what was done as text, or as JSON."""
    mark = f"{author()} {SystemClock().now().isoformat(timespec='seconds')}"
    return _mark(request, hosts, mark, "cordoned, no new replica starts there")


def uncordon(request: FleetRequest, hosts: Sequence[str]) -> str:
    """Let replicas start on hosts again; return what was done as text, or as JSON."""
    return _mark(request, hosts, "", "open for new replicas")


def _mark(request: FleetRequest, hosts: Sequence[str], mark: str, done: str) -> str:
    with open_fleet(request, MODULES) as fleet:
        _require_known(fleet, hosts)
        together(lambda host: reached_records(fleet, host).cordon(mark), hosts, fleet.options.forks)
    if request.as_json:
        return json.dumps({"hosts": {host: {"cordoned": bool(mark)} for host in hosts}}, indent=2)
    return "\n".join(f"{host}: {done}" for host in hosts)


def drain(request: FleetRequest, wish: Wish, hosts: Sequence[str], agree: Agree, *, coloured: bool) -> int:
    """Cordon hosts and move every replica away from them; return the exit code."""
    done: list[str] = []

    def agreed(question: str) -> bool:
        if agree(question):
            done.append(cordon(request, hosts))
        return bool(done)

    def courses(fleet: Fleet, found: Sequence[Deployed]) -> Sequence[Course]:
        _require_known(fleet, hosts)
        return [course for each in found if (course := _course(fleet, each, hosts)) is not None]

    code = undertake(request, wish, courses, agreed, coloured=coloured)
    if code == Exit.OK and not done and not wish.check:
        cordon(request, hosts)
    return code


def _course(fleet: Fleet, found: Deployed, hosts: Sequence[str]) -> Course | None:
    """Return how a project leaves hosts, None when it has nothing there."""
    leaving = set(hosts)
    there = {r.service for r in found.observed.replicas if r.live and r.host in leaving}
    desired = [_elsewhere(fleet, found, name, leaving) for name in services_of(found) if name in there]
    if not desired:
        return None
    names = ", ".join(sorted(there))
    return Course(found, tuple(desired), f"Move {names} away from {', '.join(hosts)}?")


def _elsewhere(fleet: Fleet, found: Deployed, service: str, leaving: set[str]) -> Desired:
    desired = as_recorded(fleet, found, standing(found, service))
    everywhere = desired.candidates or frozenset(h.name for h in found.observed.hosts)
    return replace(desired, candidates=everywhere - leaving)


def _require_known(fleet: Fleet, hosts: Sequence[str]) -> None:
    known = fleet.select()
    for host in hosts:
        if host not in known:
            hint = did_you_mean(host, known)
            raise InvalidInput(
                Diagnostic("O8-3318", f"there is no host `{host}` in the inventory", hint=hint)
            )
