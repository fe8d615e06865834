"""Which services go because a playbook does not have them any more."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass

from orchestr8.app.fleet import Fleet
from orchestr8.app.playbooks import read_project
from orchestr8.app.request import FleetRequest, RunRequest
from orchestr8.app.services import default_project
from orchestr8.app.services_fleet import Deployed, services_of
from orchestr8.core.errors import Diagnostic, InvalidInput
from orchestr8.engine.services.wanted import checked_project


@dataclass(frozen=True, slots=True)
class Kept:
    """The services of all plays of some playbooks, and the one project that these are of."""

    services: frozenset[str]
    project: str

    def leaving(self, found: Deployed) -> list[str]:
        """Return the services on hosts that no play has."""
        return sorted(set(services_of(found)) - self.services) if found.project == self.project else []


def kept(request: FleetRequest, fleet: Fleet, playbooks: Sequence[str], asked: str | None) -> Kept:
    """Return what playbooks keep; raise InvalidInput when they are wrong or it is not clear of what."""
    read = read_project(RunRequest(**asdict(request), playbooks=tuple(playbooks)))
    plays = [play for play in read.playbook.plays if play.services]
    services = frozenset(str(name) for play in plays for name in play.services or ())
    if not services:
        text = f"{', '.join(playbooks)}: no play has services, so all of them would go"
        raise InvalidInput(Diagnostic("O8-3340", text, hint="name the services to remove"))
    written = {str(play.keywords.vars["o8_project"]) for play in plays if "o8_project" in play.keywords.vars}
    project = asked or _single(written or _of_hosts(fleet)) or default_project(playbooks[0])
    return Kept(services, checked_project(project))


def _of_hosts(fleet: Fleet) -> set[str]:
    scopes = [fleet.templar.variables(fleet.scope_of(n)) for n in fleet.select()]
    return {str(v["o8_project"]) for v in scopes if v.get("o8_project")}


def _single(names: set[str]) -> str:
    """Return the one project, "" when none is named; raise InvalidInput when there are several."""
    if len(names) > 1:
        text = f"the services are of several projects: {', '.join(sorted(names))}"
        raise InvalidInput(Diagnostic("O8-3311", text, hint="choose one with --project"))
    return next(iter(names), "")
