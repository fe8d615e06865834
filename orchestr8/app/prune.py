"""Removes from hosts what no service needs any more, or a service as a whole."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from orchestr8.app.fleet import Fleet, open_fleet
from orchestr8.app.request import FleetRequest
from orchestr8.app.scraps import Scrap, scraps, strays
from orchestr8.app.services import MODULES
from orchestr8.app.services_fleet import Deployed, chosen, deployed, with_service
from orchestr8.app.status import Quiet
from orchestr8.app.undertaking import Agree, Wish, require_whole
from orchestr8.core.errors import Diagnostic, Exit, PlanStale, Unreachable
from orchestr8.deploy.model import Action, Desired, ServiceSpec, Workload, keep_tag, last_good
from orchestr8.engine.services.together import together

Write = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Going:
    """Services to remove: those named, and those that these playbooks (if any) do not have any more."""

    services: tuple[str, ...] = ()
    playbooks: tuple[str, ...] = ()


def prune(request: FleetRequest, wish: Wish, going: Going, agree: Agree, write: Write) -> int:
    """Remove what is left over, and services that go with everything of theirs; return the exit code."""
    require_whole(request)
    with open_fleet(request, MODULES) as fleet:
        found, leaving = _found(request, fleet, wish, going)
        todo = {d.project: scraps(d.observed, leaving[d.project]) for d in found}
        write(_told(request, found, todo, leaving))
        number = sum(map(len, todo.values()))
        if wish.check or not number:
            return int(Exit.UNREACHABLE if _lost(found) else Exit.OK)
        _require_all(found)
        if not agree(f"Remove {number} thing{'s' if number > 1 else ''} for good?"):
            return int(Exit.INVALID)
        for each in found:
            if todo[each.project]:
                _remove(each, todo[each.project])
        return int(Exit.OK)


def _found(
    request: FleetRequest, fleet: Fleet, wish: Wish, going: Going
) -> tuple[list[Deployed], dict[str, list[str]]]:
    """Return the projects as they are on the hosts, and by project the services that go."""
    reason = f"o8 {wish.verb}"
    if not going.playbooks:
        found = deployed(fleet, chosen(fleet, wish.project), Quiet(), reason=reason)
        return found, {d.project: [s for s in going.services if with_service(found, s) is d] for d in found}
    from orchestr8.app.leaving import kept

    stay = kept(request, fleet, going.playbooks, wish.project)
    found = deployed(fleet, [stay.project], Quiet(), reason=reason)
    named = [s for s in going.services if with_service(found, s)]
    return found, {d.project: sorted({*stay.leaving(d), *named}) for d in found}


def _told(
    request: FleetRequest,
    found: Sequence[Deployed],
    todo: Mapping[str, Sequence[Scrap]],
    leaving: Mapping[str, Sequence[str]],
) -> str:
    alone = {d.project: strays(d.observed, leaving[d.project]) for d in found}
    if request.as_json:
        names = ("kind", "service", "host", "name", "reason")
        rows = {p: [{n: getattr(s, n) for n in names} for s in each] for p, each in todo.items()}
        told = {"remove": rows, "left_alone": alone, "unreachable": _lost(found)}
        return json.dumps(told, indent=2, ensure_ascii=False)
    lines = [f"  {scrap}" for each in todo.values() for scrap in each]
    lines = ["to be removed:", *lines] if lines else ["nothing is left over"]
    left = [f"  {name}" for each in alone.values() for name in each]
    hint = "left alone, no record tells of them (name the service to remove them):"
    unseen = [f"not looked at, it cannot be reached: {host}" for host in _lost(found)]
    return "\n".join([*lines, *([hint, *left] if left else []), *unseen])


def _lost(found: Sequence[Deployed]) -> list[str]:
    return sorted({name for d in found for name in d.rollout.crew.lost})


def _require_all(found: Sequence[Deployed]) -> None:
    """Raise Unreachable when a host is missing: what it has would come back to life."""
    if lost := _lost(found):
        text = f"{', '.join(lost)} cannot be reached, and nothing is removed without them"
        raise Unreachable(Diagnostic("O8-3206", text))


def _remove(found: Deployed, todo: Sequence[Scrap]) -> None:
    """Remove it all while nobody else changes these services."""
    rollout = found.rollout
    touched = sorted({scrap.service for scrap in todo})
    try:
        if not rollout.hold([_target(found, service) for service in touched], found.observed):
            text = "somebody else has changed the services meanwhile; nothing was removed"
            raise PlanStale(Diagnostic("O8-3406", text, hint="run it again"))
        _unroute(found, todo)
        hosts = sorted(rollout.crew.sites)
        together(lambda host: _on_host(found, host, todo), hosts, rollout.crew.forks)
    finally:
        rollout.let_go()


def _target(found: Deployed, service: str) -> Desired:
    """Return what names a service to the lock; nothing is rolled out."""
    good = last_good(found.observed.history(service))
    spec = good.spec if good is not None else ServiceSpec(service, Workload("none"))
    return Desired(found.project, spec, 0 if good is None else good.number)


def _unroute(found: Deployed, todo: Sequence[Scrap]) -> None:
    """Take services off their edges before any of their containers stops."""
    roads = found.rollout.crew.roads
    for scrap in todo:
        if scrap.kind == "route" and roads is not None:
            roads.lead(Action("route", scrap.service, scrap.host, reason=scrap.reason))


def _on_host(found: Deployed, host: str, todo: Sequence[Scrap]) -> None:
    """Remove timers first, then containers, what was kept for them, and the records that tell of them."""
    site = found.rollout.crew.sites[host]
    for scrap in todo:
        if scrap.host != host or scrap.kind == "route":
            continue
        if scrap.kind == "timer":
            site.records.drop_timer(scrap.service, scrap.number)
        elif scrap.kind == "container":
            if scrap.stop:
                site.runtime.stop(scrap.name, _grace(found, scrap.service))
            site.runtime.remove(scrap.name)
        else:
            site.runtime.unpin(keep_tag(found.project, scrap.service, scrap.number))
    forget = [(scrap.service, scrap.number) for scrap in todo if scrap.kind == "record"]
    site.records.write([], forget)
    known = {service for service, _ in forget}
    for service in sorted(known):
        kept = _files(found, service, {number for name, number in forget if name == service})
        site.files.keep(service, kept)


def _files(found: Deployed, service: str, gone: set[int]) -> frozenset[str]:
    """Return the names of the files that the revisions which stay mount."""
    files = found.rollout.ledger.files(service)
    return frozenset(name for number, names in files.items() if number not in gone for name in names)


def _grace(found: Deployed, service: str) -> float:
    good = last_good(found.observed.history(service))
    return 10.0 if good is None else good.spec.workload.stop_grace
