"""A play's services, carried out as one step of the play."""

from __future__ import annotations

import getpass
import platform
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from orchestr8.core.clock import Clock, SystemClock
from orchestr8.core.errors import Diagnostic, HostFailed, O8Error, Unreachable
from orchestr8.core.ids import run_id
from orchestr8.core.outcome import Outcome, Status
from orchestr8.deploy.found import found
from orchestr8.deploy.ingress import Ingress
from orchestr8.deploy.model import Desired, Observed, ServiceSpec
from orchestr8.deploy.planner import Plan, mutations
from orchestr8.deploy.target import desire
from orchestr8.engine.keyword_values import Values
from orchestr8.engine.options import RunOptions
from orchestr8.engine.ports import Become, Connection
from orchestr8.engine.services.addresses import named_address
from orchestr8.engine.services.agreement import Agreement
from orchestr8.engine.services.converge import Ended
from orchestr8.engine.services.failpoints import At, nowhere
from orchestr8.engine.services.finding import VARIABLE
from orchestr8.engine.services.gate_port import Ask
from orchestr8.engine.services.lease import Terms
from orchestr8.engine.services.observer import Crew, first_line
from orchestr8.engine.services.ports import Site
from orchestr8.engine.services.roads import Roads
from orchestr8.engine.services.rollout import Conditions, Rollout
from orchestr8.engine.services.together import together
from orchestr8.engine.services.traffic import Edge
from orchestr8.engine.services.verdicts import require_good
from orchestr8.engine.services.wanted import Wanted, hosts_of, labels_of_host, project_of, wanted
from orchestr8.engine.services_port import ServiceCall
from orchestr8.engine.surroundings import acting_on
from orchestr8.inventory.inventory import Inventory


@dataclass(frozen=True, slots=True)
class Reached:
    """A host as wiring gets it to make a site of it; the connection is asked for whenever it is needed."""

    name: str
    project: str
    connection: Callable[[], Connection]
    become: Become | None = None
    labels: Mapping[str, str] = field(default_factory=dict)
    state_dir: str = ""
    address: str = ""


MakeSite = Callable[[Reached], Site]
MakeEdge = Callable[[Reached, Ingress], Edge]


@dataclass(frozen=True)
class PlayServices:
    """Fulfils ServiceStep. project: the name used when a play has no `o8_project`.

    known: the services of all plays; containers of others are orphans. agreed: what a saved plan says.
    terms: on which leases are asked for. at: told of every intent and effect. asks: take samples.
    """

    inventory: Inventory
    options: RunOptions
    make_site: MakeSite
    make_edge: MakeEdge
    project: str = "default"
    known: frozenset[str] = frozenset()
    agreed: Agreement | None = None
    clock: Clock = field(default_factory=SystemClock)
    terms: Terms = field(default_factory=Terms)
    at: At = nowhere
    asks: Mapping[str, Ask] = field(default_factory=dict)

    def __call__(self, call: ServiceCall) -> Mapping[str, Outcome]:
        """Bring the services to what the play describes; return each host's outcome."""
        project = project_of(call, self.project)
        services = wanted(call, self.inventory, self.options, project)
        crew = self._crew(call, services, project)
        rollout = Rollout(crew, self._conditions(call))
        observed = rollout.observe([w.spec for w in services])
        require_reached(services, crew)
        desired, planned = self._planned(rollout, call, services, observed)
        if call.check:
            self._publish(call, project, services, observed)
            return _predicted(call, planned)
        try:
            if not planned.empty and not rollout.hold(desired, observed):
                observed = rollout.observe([w.spec for w in services])
                desired, _ = self._planned(rollout, call, services, observed)
            ended = rollout.carry_out(desired, observed)
        finally:
            rollout.let_go()
        self._publish(call, project, services, ended.observed)
        require_good(ended, crew.lost)
        return _outcomes(call, ended)

    def _publish(
        self, call: ServiceCall, project: str, services: Sequence[Wanted], observed: Observed
    ) -> None:
        """Let tasks that follow see the services that can be found."""
        if table := found(project, [w.spec for w in services], observed):
            call.publish({VARIABLE: table})

    def _planned(
        self, rollout: Rollout, call: ServiceCall, services: Sequence[Wanted], observed: Observed
    ) -> tuple[list[Desired], Plan]:
        desired = self._desired(rollout, services, observed)
        planned = rollout.plan(desired, observed, self.known)
        require_good(foreseen(planned), rollout.crew.lost)
        if self.agreed is not None and not call.check:
            self.agreed.require(planned)
        return desired, planned

    def _conditions(self, call: ServiceCall) -> Conditions:
        run = run_id(self.clock)
        return Conditions(
            self.clock,
            call.sink,
            call.stopped,
            run,
            author(),
            self.terms,
            self.at,
            call.hook,
            call.replica_hook,
            self.asks,
        )

    def _crew(self, call: ServiceCall, services: Sequence[Wanted], project: str) -> Crew:
        """Return the hosts of all services; those that failed before in this run count as lost."""
        names = sorted({name for w in services for name in w.candidates} | set(call.hosts))
        gone = [name for name in names if name not in call.hosts]
        lost: dict[str, O8Error] = {name: _gone(name) for name in gone}
        found = together(lambda name: self._site(call, name, project, lost), call.hosts, self.options.forks)
        roads = Roads(
            lambda host, ingress: self.make_edge(self._reached(call, host, project), ingress),
            lambda pattern: hosts_of(self.inventory, pattern),
            self.options.forks,
        )
        return Crew(project, {s.name: s for s in found if s is not None}, lost, self.options.forks, roads)

    def _site(self, call: ServiceCall, name: str, project: str, lost: dict[str, O8Error]) -> Site | None:
        reached = self._reached(call, name, project)
        try:
            call.connection_of(name)
        except Unreachable as error:
            lost[name] = error
            return None
        return self.make_site(reached)

    def _reached(self, call: ServiceCall, name: str, project: str) -> Reached:
        scope = call.scope_of(name)
        variables = call.templar.variables(scope)
        return Reached(
            name,
            project,
            lambda: call.connection_of(name),
            acting_on(scope, Values(call.templar, scope), call.play.keywords, self.options),
            labels_of_host(variables),
            str(variables.get("o8_state_dir") or ""),
            named_address(name, variables),
        )

    def _desired(self, rollout: Rollout, services: Sequence[Wanted], seen: Observed) -> list[Desired]:
        crew, conditions = rollout.crew, rollout.conditions
        now = self.clock.now().isoformat(timespec="seconds")
        found = []
        for each in services:
            alive = sorted(h for h in each.candidates if h in crew.sites and h not in crew.lost)
            spec = self._exact(rollout, each.spec, alive)
            found.append(
                desire(
                    crew.project,
                    spec,
                    seen,
                    candidates=each.candidates,
                    run=conditions.run,
                    by=conditions.by,
                    created=now,
                )
            )
        return found

    def _exact(self, rollout: Rollout, spec: ServiceSpec, hosts: Sequence[str]) -> ServiceSpec:
        """Return the spec with the image that was agreed on, else with what its tag stands for now."""
        pinned = None if self.agreed is None else self.agreed.pins.get(spec.workload.image)
        return rollout.resolved(spec, hosts) if pinned is None else spec.pin(pinned)


def author() -> str:
    """Return who acts: user and machine."""
    try:
        user = getpass.getuser()
    except (KeyError, OSError):
        user = "unknown"
    return f"{user}@{platform.node()}"


def require_reached(services: Sequence[Wanted], crew: Crew) -> None:
    """Raise before anything else when hosts are lost and a service may not do without them."""
    strict = [w for w in services if w.spec.placement.on_unreachable == "fail"]
    missing = sorted({h for w in strict for h in w.candidates if h in crew.lost})
    if missing:
        why = "; ".join(f"{name} cannot be used: {first_line(crew.lost[name])}" for name in missing)
        text = f"services need all their hosts, nothing was touched: {why}"
        own = dict.fromkeys(d.hint for name in missing for d in crew.lost[name].diagnostics if d.hint)
        hint = "; ".join((*own, "`placement.on_unreachable: skip` leaves such hosts as they are"))
        kind = Unreachable if any(isinstance(crew.lost[h], Unreachable) for h in missing) else HostFailed
        raise kind(Diagnostic("O8-3206", text, hint=hint))


def foreseen(planned: Plan) -> Ended:
    """Return how a rollout would end as far as the plan can tell, with the reasons of each host."""
    verdicts = {s.service: replace(s.verdict, skipped=()) for s in planned.services}
    return Ended(verdicts, reports={s.service: s.hosts for s in planned.services})


def _gone(name: str) -> O8Error:
    return Unreachable(Diagnostic("O8-3206", f"{name} was lost or failed earlier in this run"))


def _predicted(call: ServiceCall, planned: Plan) -> dict[str, Outcome]:
    touched = [action.host for action in mutations(planned.trace)]
    return {name: _outcome(touched.count(name), {}) for name in call.hosts}


def _outcomes(call: ServiceCall, ended: Ended) -> dict[str, Outcome]:
    ends = {service: verdict.end for service, verdict in ended.verdicts.items()}
    return {name: _outcome(ended.touched.get(name, 0), {"services": ends}) for name in call.hosts}


def _outcome(touched: int, extra: Mapping[str, Any]) -> Outcome:
    status = Status.CHANGED if touched else Status.OK
    return Outcome(status, {"changed": bool(touched), "actions": touched, **extra})
