"""A project's services on its hosts: observe, plan, and carry a plan out."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from orchestr8.core.clock import Clock
from orchestr8.core.errors import Diagnostic, HostFailed, LockHeld, O8Error, PlanStale
from orchestr8.core.event import RolloutEvent, Warned
from orchestr8.deploy.model import Action, Desired, Observed, Replica, ServiceSpec, tampered
from orchestr8.deploy.plan_text import render
from orchestr8.deploy.planner import Plan, plan
from orchestr8.engine.ports import Sink
from orchestr8.engine.services.actor import Actor, Means
from orchestr8.engine.services.converge import Converger, Ended
from orchestr8.engine.services.failpoints import At, nowhere
from orchestr8.engine.services.gate_ingress import IngressFigures
from orchestr8.engine.services.gate_port import Ask, Question, Reading, Submit, Unanswered
from orchestr8.engine.services.gate_sites import ask_sites, question
from orchestr8.engine.services.gates import Gates
from orchestr8.engine.services.held import duration
from orchestr8.engine.services.hooking import Hook
from orchestr8.engine.services.lease import Lease, Terms, Watch
from orchestr8.engine.services.ledger import MOST_COPIES, Ledger, Repair
from orchestr8.engine.services.observer import Crew, Observer
from orchestr8.engine.services.ports import Bid
from orchestr8.engine.services.prober import Prober
from orchestr8.engine.services.replica_hooking import ReplicaHooks, about
from orchestr8.engine.services.story import Story
from orchestr8.engine.services.together import together
from orchestr8.engine.services.waits import Waits
from orchestr8.engine.services_port import ReplicaHook, no_hook, no_replica_hook

_HOOK = 900.0
"""Seconds that a hook's tasks may keep a host busy while nobody else may take over."""


@dataclass(frozen=True, slots=True)
class Conditions:
    """Under which a rollout is carried out: time, who watches, whether the user wants it to stop, its run.

    terms: on which its leases are asked for. at: told of every intent and effect before and after it.
    hook, replica_hook: run the hooks of services. asks: take samples of the kinds of checks that no host is
    asked for. beside: has samples taken while everything goes on, by default in threads.
    """

    clock: Clock
    sink: Sink
    stopped: Callable[[], bool]
    run: str = ""
    by: str = ""
    terms: Terms = field(default_factory=Terms)
    at: At = nowhere
    hook: Hook = no_hook
    replica_hook: ReplicaHook = no_replica_hook
    asks: Mapping[str, Ask] = field(default_factory=dict)
    beside: Submit | None = None


@dataclass(slots=True)
class Rollout:
    """One look and, if wanted, one rollout."""

    crew: Crew
    conditions: Conditions
    ledger: Ledger = field(default_factory=Ledger)
    _wanted: dict[str, Desired] = field(default_factory=dict)
    _prober: Prober = field(init=False)
    _observer: Observer = field(init=False)
    _lease: Lease = field(init=False)
    _figures: Mapping[str, Ask] = field(init=False)

    def __post_init__(self) -> None:
        roads = self.crew.roads
        self._figures = {} if roads is None else {"ingress": IngressFigures(roads.counts)}
        self._prober = Prober(self.conditions.clock, self._spec_of)
        clock = self.conditions.clock
        self._observer = Observer(self.crew, self.ledger, self._prober, clock, self._specs)
        given = self.conditions
        watch = Watch(given.clock, given.sink, given.stopped, given.at)
        self._lease = Lease(self.crew, Bid(given.run, given.by), given.terms, watch)

    def observe(self, specs: Sequence[ServiceSpec] = ()) -> Observed:
        """Return the world; `specs` say how to ask containers that have no record."""
        self._wanted = {s.name: Desired(self.crew.project, s, 0) for s in specs}
        observed = self._observer.first()
        self._tell_of_clocks()
        for host, reasons in sorted(self.ledger.damaged.items()):
            self._warn_all(f"{host}: a record is damaged: {reason}" for reason in reasons)
        for service, history in observed.revisions.items():
            if (number := tampered(history)) is not None:
                self._warn_all([f"the history of `{service}` does not fit together at revision {number}"])
        return observed

    def glance(self) -> Observed:
        """Return the world as it is now, for somebody who looks on while others change it."""
        return self._observer.again()

    def _tell_of_clocks(self) -> None:
        for host, ahead in sorted(self._observer.astray.items()):
            side = "ahead of" if ahead > 0 else "behind"
            text = f"{host}: its clock is {duration(abs(ahead))} {side} this machine's"
            hint = "nothing is decided by it; dates in logs and of containers are that host's"
            self.conditions.sink.emit(Warned(Diagnostic("O8-3341", text, severity="warning", hint=hint)))

    def resolved(self, spec: ServiceSpec, hosts: Sequence[str]) -> ServiceSpec:
        """Return the spec with its image made exact, as the first host that can tell says.

        When the first one cannot, all others are asked at once: a registry that stalls costs time once.
        """
        errors: dict[str, O8Error] = {}
        for some in (hosts[:1], hosts[1:]):
            told = together(lambda host: self._resolved(spec, host), some, self.crew.forks)
            if found := next((one for one in told if isinstance(one, str)), None):
                return spec.pin(found)
            errors |= {h: e for h, e in zip(some, told, strict=True) if isinstance(e, O8Error)}
        why = alike({host: error.message for host, error in errors.items()}) or "no host answers"
        what = f"service `{spec.name}`: image {spec.workload.image} is not to be had"
        text = f"{what}, nothing was touched: {why}"
        hint = next((d.hint for error in errors.values() for d in error.diagnostics if d.hint), None)
        raise HostFailed(Diagnostic("O8-3302", text, hint=hint))

    def _resolved(self, spec: ServiceSpec, host: str) -> str | O8Error:
        try:
            return self.crew.sites[host].runtime.resolve(spec.workload.image, spec.pull_policy)
        except O8Error as error:
            return error

    def plan(self, desired: Sequence[Desired], observed: Observed, known: Collection[str] = ()) -> Plan:
        """Return what would be done, and tell it; `known` services are no orphans."""
        desired = [self.led(d) for d in desired]
        self._wanted = {d.service: d for d in desired}
        made = plan(desired, _timeless(observed), known=known)
        names = ", ".join(s.service for s in made.services)
        self.conditions.sink.emit(RolloutEvent(names, "planned", message=render(made), detail=made.to_json()))
        return made

    def hold(self, desired: Sequence[Desired], observed: Observed) -> bool:
        """Keep everybody else from changing these services until `let_go`.

        Return whether what was observed still stands; else look again and plan anew. Raise LockHeld.
        """
        self._wanted = {d.service: self.led(d) for d in desired}
        hosts = self._concerned(observed)
        if self._lease.covers(hosts):
            return True
        self.let_go()
        return self._lease.take(hosts, self.ledger.tokens)

    @property
    def busy(self) -> bool:
        """Whether somebody held a lease when the hosts were looked at."""
        return -1 in self.ledger.tokens.values()

    def hold_everywhere(self) -> None:
        """Keep everybody else from changing the project until `let_go`; raise LockHeld."""
        self._lease.take(sorted({*self.crew.sites, *self.crew.lost}), self.ledger.tokens)

    def let_go(self) -> None:
        """Let others change the services again."""
        self.ledger.tokens |= self._lease.release()

    def carry_out(self, desired: Sequence[Desired], observed: Observed) -> Ended:
        """Bring services to what is desired; return how it ended. Raise LockHeld, or PlanStale."""
        desired = [self.led(d) for d in desired]
        self._wanted = {d.service: d for d in desired}
        gates = self._gates()
        try:
            self._heal(observed)
            loop = Converger(
                self._observer,
                Actor(self._means()),
                self._story(),
                self.conditions.clock,
                self.conditions.stopped,
                gates,
                self._hook,
                ReplicaHooks(self._replica_hook, self.conditions.sink),
            )
            return loop.run(desired, observed, lambda: self._alone(observed))
        finally:
            gates.close()
            self.let_go()

    def _gates(self) -> Gates:
        given = self.conditions
        hook = None if given.hook is no_hook else self._hook
        return Gates(self._ask, self._question, hook, given.clock, given.sink, given.beside)

    def _ask(self, asked: Question) -> Reading:
        """Take a sample: by the hosts of the new replicas, or by the controller."""
        check = asked.check
        asks = {**self.conditions.asks, **self._figures}
        ask = asks.get(check.kind) if check.origin == "controller" else ask_sites
        if ask is None:
            raise Unanswered(Diagnostic("O8-3361", f"nothing here can take samples of {check.kind}"))
        return ask(asked)

    def _question(self, action: Action, number: int, observed: Observed) -> Question:
        return question(self._wanted[action.service], action, number, observed, self.crew.sites)

    def _hook(self, service: str, phase: str) -> None:
        """Run a hook as the holder of the lease; its tasks may keep hosts too busy for signs of life."""
        if self.conditions.hook is no_hook:
            return
        self._lease.affirm(_HOOK)
        self.conditions.at("hook.before")
        self.conditions.hook(service, phase)
        self.conditions.at("hook.after")
        self._lease.affirm()

    def _replica_hook(self, action: Action, phase: str) -> None:
        """Run a replica's hook on its host, if its service has one."""
        wanted = self._wanted.get(action.service)
        if wanted is None or phase not in wanted.spec.hooks:
            return
        if self.conditions.replica_hook is no_replica_hook:
            return
        self._lease.affirm(_HOOK)
        self.conditions.at(f"{phase}.before")
        self.conditions.replica_hook(action.service, phase, action.host, about(action))
        self.conditions.at(f"{phase}.after")
        self._lease.affirm()

    def _means(self) -> Means:
        given = self.conditions
        return Means(
            self.crew, self.ledger, given.sink, given.run, self._grace, self._keep, self._keepers,
            self._lease.check, given.at,
        )  # fmt: skip

    def _story(self) -> Story:
        sink = self.conditions.sink
        waits = Waits(self._prober, self._spec_of, self.conditions.clock, sink)
        return Story(self.crew, self._prober, sink, waits)

    def _alone(self, observed: Observed) -> None:
        """Hold the services from now on if they are not held yet; raise when they were changed meanwhile."""
        if self._lease.held or self._lease.take(self._concerned(observed), self.ledger.tokens):
            return
        names = ", ".join(sorted(self._wanted))
        text = f"somebody else has changed `{self.crew.project}` since it was looked at: {names}"
        raise PlanStale(Diagnostic("O8-3406", text, hint="nothing was touched; run it again"))

    def _concerned(self, observed: Observed) -> list[str]:
        """Return the hosts that a rollout of the wanted services may change, reached or not."""
        everybody = {*self.crew.sites, *self.crew.lost}
        found: set[str] = set()
        for service, wanted in self._wanted.items():
            found |= everybody if wanted.candidates is None else wanted.candidates
            found |= {r.host for r in observed.of(service)} | set(self._keepers(service)[:MOST_COPIES])
            found |= {edge for edges in wanted.edges.values() for edge in edges}
        return sorted(found & everybody)

    def _heal(self, observed: Observed) -> None:
        """Give hosts the records that they lack; one that refuses does not hinder the rollout."""
        repairs = [
            (host, repair)
            for service in self._wanted
            for host, repair in self.ledger.repairs(service, self._keepers(service)).items()
        ]
        if repairs:
            self._alone(observed)
        together(lambda item: self._repair(*item), repairs, self.crew.forks)

    def _repair(self, host: str, repair: Repair) -> None:
        try:
            self._lease.check(host)
            self.crew.sites[host].records.write(repair.put, repair.forget)
        except LockHeld:
            raise
        except O8Error as error:
            self._warn_all([error.message])
            return
        self.ledger.written(host, repair.put)

    def _spec_of(self, replica: Replica) -> ServiceSpec | None:
        """Return how a replica was meant: by its record, else as its service is wanted now."""
        spec = self._recorded(replica.service, replica.revision)
        wanted = self._wanted.get(replica.service)
        return spec if spec is not None or wanted is None else wanted.spec

    def _recorded(self, service: str, revision: int) -> ServiceSpec | None:
        wanted = self._wanted.get(service)
        if wanted is not None and wanted.revision == revision:
            return wanted.spec
        history = self._history().get(service, {})
        return history.get(revision)

    def _specs(self) -> Mapping[str, ServiceSpec]:
        return {service: wanted.spec for service, wanted in self._wanted.items()}

    def led(self, desired: Desired) -> Desired:
        """Return a target with the hosts of all edges that the service has, had or is to have."""
        if self.crew.roads is None:
            return desired
        records = self.ledger.revisions().get(desired.service, ())
        specs = [desired.spec, *(record.spec for record in records)]
        return replace(desired, edges=self.crew.roads.edges(specs))

    def _history(self) -> Mapping[str, Mapping[int, ServiceSpec]]:
        return {s: {r.number: r.spec for r in records} for s, records in self.ledger.revisions().items()}

    def _grace(self, service: str, revision: int) -> float:
        wanted = self._wanted[service].spec if service in self._wanted else None
        spec = self._recorded(service, revision) or wanted
        return 10.0 if spec is None else spec.workload.stop_grace

    def _keep(self, service: str) -> int:
        return self._wanted[service].spec.revisions if service in self._wanted else 5

    def _keepers(self, service: str) -> list[str]:
        """Return the hosts that may keep records of a service: those that it may run on and that answer."""
        wanted = self._wanted.get(service)
        alive = [name for name in self.crew.sites if name not in self.crew.lost]
        if wanted is None or wanted.candidates is None:
            return alive
        chosen = [name for name in alive if name in wanted.candidates]
        return chosen if len(chosen) > 1 else alive

    def _warn_all(self, messages: Iterable[str]) -> None:
        for message in messages:
            self.conditions.sink.emit(Warned(Diagnostic("O8-3303", message, severity="warning")))


def _timeless(observed: Observed) -> Observed:
    """Return the world for a simulation, whose clock begins at zero: moments of ours mean nothing there."""
    return replace(observed, replicas=tuple(replace(r, ready_since=None) for r in observed.replicas))


def alike(said: Mapping[str, str]) -> str:
    """Return what hosts said in one line; those that said the same are named together."""
    hosts: dict[str, list[str]] = {}
    for host, text in said.items():
        hosts.setdefault(text.removeprefix(f"{host}: "), []).append(host)
    return "; ".join(f"{', '.join(names)}: {text}" for text, names in hosts.items())
