"""Services as the hosts of an inventory tell of them; no playbook is needed."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from orchestr8.app.failpoints import failpoint
from orchestr8.app.fleet import Fleet
from orchestr8.app.gate_asks import gate_asks
from orchestr8.app.lock_terms import lock_terms
from orchestr8.app.services import make_edge, make_site
from orchestr8.core.clock import SystemClock
from orchestr8.core.errors import Diagnostic, InvalidInput, O8Error, Unreachable
from orchestr8.core.ids import run_id
from orchestr8.deploy.model import Observed
from orchestr8.engine.ports import Sink
from orchestr8.engine.services.addresses import named_address
from orchestr8.engine.services.observer import Crew
from orchestr8.engine.services.play_services import Reached, author
from orchestr8.engine.services.ports import Site
from orchestr8.engine.services.roads import Roads
from orchestr8.engine.services.rollout import Conditions, Rollout
from orchestr8.engine.services.together import together
from orchestr8.engine.services.wanted import checked_project, hosts_of, labels_of_host
from orchestr8.state.host_lock import HostLock
from orchestr8.state.host_records import ROOT, HostRecords


@dataclass(frozen=True)
class Deployed:
    """A project as found on the hosts."""

    project: str
    rollout: Rollout
    observed: Observed


def deployed(
    fleet: Fleet,
    projects: Sequence[str],
    sink: Sink,
    stopped: Callable[[], bool] = lambda: False,
    reason: str = "",
) -> list[Deployed]:
    """Return each project as it is on all hosts of the fleet; `reason` is for whoever meets our locks."""
    return [_one(fleet, project, sink, stopped, reason) for project in projects]


def _one(fleet: Fleet, project: str, sink: Sink, stopped: Callable[[], bool], reason: str) -> Deployed:
    clock = SystemClock()
    lost: dict[str, O8Error] = {}
    names = fleet.select()
    found = together(lambda name: _site(fleet, name, project, lost), names, fleet.options.forks)
    roads = Roads(
        lambda host, ingress: make_edge(_reached(fleet, host, project), ingress),
        lambda pattern: hosts_of(fleet.inventory, pattern),
        fleet.options.forks,
    )
    crew = Crew(project, {s.name: s for s in found if s is not None}, lost, fleet.options.forks, roads)
    terms, at = lock_terms(fleet.options, reason), failpoint(os.environ)
    given = Conditions(clock, sink, stopped, run_id(clock), author(), terms, at, asks=gate_asks())
    rollout = Rollout(crew, given)
    return Deployed(project, rollout, rollout.observe())


def _site(fleet: Fleet, name: str, project: str, lost: dict[str, O8Error]) -> Site | None:
    try:
        fleet.connection_of(name)
    except Unreachable as error:
        lost[name] = error
        return None
    return make_site(_reached(fleet, name, project))


def _reached(fleet: Fleet, name: str, project: str) -> Reached:
    variables = fleet.templar.variables(fleet.scope_of(name))
    return Reached(
        name,
        project,
        lambda: fleet.connection_of(name),
        fleet.become_of(name),
        labels_of_host(variables),
        str(variables.get("o8_state_dir") or ""),
        named_address(name, variables),
    )


def reached_records(fleet: Fleet, name: str) -> HostRecords:
    """Return what a host keeps that is not of one project."""
    reached = _reached(fleet, name, "")
    return HostRecords(name, "", reached.connection, reached.become, reached.state_dir)


def lock_on(fleet: Fleet, name: str, project: str = "") -> HostLock:
    """Return a project's lock on a host; without a project it only shows all of them."""
    reached = _reached(fleet, name, project)
    return HostLock(name, project, reached.connection, reached.become, reached.state_dir or ROOT)


def projects_on(fleet: Fleet) -> list[str]:
    """Return the projects that hosts have records of; hosts that do not answer are passed over."""
    names = fleet.select()
    if not names:
        raise InvalidInput(Diagnostic("O8-3310", "the inventory has no hosts", hint="give one with -i"))
    errors: list[O8Error] = []

    def ask(name: str) -> list[str]:
        try:
            return reached_records(fleet, name).projects()
        except O8Error as error:
            errors.append(error)
            return []

    found = {project for each in together(ask, names, fleet.options.forks) for project in each}
    if not found and len(errors) == len(names):
        raise errors[0]
    return sorted(found)


def chosen(fleet: Fleet, asked: str | None) -> list[str]:
    """Return the projects to look at: the one asked for, that of the variables, or all on the hosts."""
    if asked:
        return [checked_project(asked)]
    names = fleet.select()
    scopes = (fleet.templar.variables(fleet.scope_of(name)) for name in names)
    named = sorted({str(v["o8_project"]) for v in scopes if v.get("o8_project")})
    return [checked_project(name) for name in named] or projects_on(fleet)


def unseen(found: Deployed) -> Diagnostic | None:
    """Return the warning that hosts could not be looked at, None when all were."""
    lost = ", ".join(sorted(found.rollout.crew.lost))
    if not lost:
        return None
    return Diagnostic(
        "O8-3303", f"{lost} cannot be reached: what is there is missing here", severity="warning"
    )


def with_service(found: Sequence[Deployed], service: str) -> Deployed:
    """Return the one project that has a service; raise InvalidInput when none or several have it."""
    having = [d for d in found if service in services_of(d)]
    if len(having) == 1:
        return having[0]
    if having:
        names = ", ".join(d.project for d in having)
        text = f"several projects have a service `{service}`: {names}"
        raise InvalidInput(Diagnostic("O8-3311", text, hint="choose one with --project"))
    known = sorted({name for d in found for name in services_of(d)})
    hint = f"there are {', '.join(known)}" if known else "no services are deployed on these hosts"
    raise InvalidInput(Diagnostic("O8-3312", f"there is no service `{service}`", hint=hint))


def services_of(found: Deployed) -> list[str]:
    """Return the services that have containers or records."""
    observed = found.observed
    return sorted({r.service for r in observed.replicas} | set(observed.revisions))
