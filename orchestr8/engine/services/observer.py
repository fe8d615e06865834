"""Looks at all hosts of a rollout at once."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from orchestr8.core.clock import Clock
from orchestr8.core.errors import O8Error, Unreachable
from orchestr8.deploy.model import Failure, HostFacts, Observed, Replica, ServiceSpec
from orchestr8.engine.services.addresses import numeric
from orchestr8.engine.services.ledger import Ledger
from orchestr8.engine.services.ports import EngineError, Sight, Site
from orchestr8.engine.services.prober import Prober
from orchestr8.engine.services.roads import Roads, Sights
from orchestr8.engine.services.together import together

PATIENCE = 20.0
PAUSE = 1.0
SETTLING = 10.0
MUCH = 60.0


@dataclass(slots=True)
class Crew:
    """The hosts of a rollout: those that answer as sites, the others by why they do not."""

    project: str
    sites: Mapping[str, Site]
    lost: dict[str, O8Error] = field(default_factory=dict)
    forks: int = 20
    roads: Roads | None = None


Wishes = Callable[[], Mapping[str, ServiceSpec]]
"""Returns the specs of services as they are wanted now."""


class Observer:
    """Turns what engines, records and probes say into one picture."""

    def __init__(
        self, crew: Crew, ledger: Ledger, prober: Prober, clock: Clock, wanted: Wishes = dict
    ) -> None:
        self._wanted = wanted
        self._crew = crew
        self._ledger = ledger
        self._prober = prober
        self._clock = clock
        self._began = False
        self._dark: set[str] = set()
        self._addresses: dict[str, str] = {}
        self._cordoned: dict[str, str] = {}
        self.astray: dict[str, float] = {}

    def first(self) -> Observed:
        """Return the picture before anything is done: records are read, hosts that fail are left out."""
        found = together(self._begin, self._crew.sites.values(), self._crew.forks)
        self._began = True
        return self._settled(self._picture(found))

    def again(self) -> Observed:
        """Return the picture now with the records read anew; nothing is waited for."""
        sites = list(self._crew.sites.values())
        for site in sites:
            self._crew.lost.pop(site.name, None)
        found = together(self._begin, sites, self._crew.forks)
        return self._picture([(site, sight and self._probed(site, sight)) for site, sight in found])

    def look(self, failures: Sequence[Failure] = ()) -> Observed:
        """Return the picture now; a host that stays silent for too long counts as lost."""
        sites = [s for n, s in self._crew.sites.items() if n not in self._crew.lost]
        return self._picture(together(self._patient, sites, self._crew.forks), failures)

    def _begin(self, site: Site) -> tuple[Site, Sight | None]:
        try:
            sight = site.runtime.look(self._crew.project, site.labels)
            self._compare(site.name, sight.date)
            copies = site.records.read()
            self._cordoned[site.name] = copies.cordoned
            self._ledger.learn(site.name, copies)
        except (EngineError, Unreachable) as error:
            self._crew.lost[site.name] = error
            return site, None
        return site, sight

    def _compare(self, host: str, date: float | None) -> None:
        """Note in `astray` by how many seconds a host's clock is ahead of ours where that is much."""
        ahead = 0.0 if date is None else date - self._clock.now().timestamp()
        if abs(ahead) > MUCH:
            self.astray[host] = ahead

    def _patient(self, site: Site) -> tuple[Site, Sight | None]:
        """Look at a host again and again: an engine that restarts is no lost host."""
        deadline = self._clock.monotonic() + PATIENCE
        while True:
            try:
                return site, self._probed(site, site.runtime.look(self._crew.project, site.labels))
            except (EngineError, Unreachable) as error:
                if self._clock.monotonic() >= deadline:
                    self._crew.lost[site.name] = error
                    return site, None
            self._clock.sleep(PAUSE)

    def _probed(self, site: Site, sight: Sight) -> Sight:
        return replace(sight, replicas=tuple(self._prober.judged(site, sight.replicas)))

    def _picture(
        self, found: Sequence[tuple[Site, Sight | None]], failures: Sequence[Failure] = ()
    ) -> Observed:
        edges = self._roads()
        sights = [sight for _, sight in found if sight is not None]
        facts = [self._completed(s.facts) for s in sights]
        hosts = facts + [
            HostFacts(name, self._labels(name), reachable=False, error=first_line(error))
            for name, error in self._crew.lost.items()
        ]
        replicas: list[Replica] = [r for sight in sights for r in sight.replicas]
        return Observed(
            tuple(sorted(hosts, key=lambda h: h.name)),
            tuple(replicas),
            self._ledger.revisions(),
            tuple(failures),
            edges=edges,
        )

    def _completed(self, facts: HostFacts) -> HostFacts:
        """Return a host with what its engine does not know of it."""
        facts = replace(facts, cordoned=bool(self._cordoned.get(facts.name)))
        if (known := self._ledger.watchmakers.get(facts.name)) is not None:
            facts = replace(facts, timekeeper=known.kind, timers=known.timers)
        if self._crew.roads is None or not self._crew.roads.used:
            return facts
        if facts.name not in self._addresses:
            self._addresses[facts.name] = numeric(self._crew.sites[facts.name].address)
        return replace(facts, address=self._addresses[facts.name])

    def _roads(self) -> Sights:
        """Look at the balancers; one that restarts is given the time it takes."""
        roads = self._crew.roads
        if roads is None:
            return {}
        deadline = self._clock.monotonic() + (PATIENCE if self._began else 0.0)
        while True:
            found = roads.look(self._ledger.revisions(), self._wanted())
            dark = {host for shown in found.values() for host, sight in shown.items() if sight.error}
            if dark <= self._dark or self._clock.monotonic() >= deadline:
                self._dark = dark
                return found
            self._clock.sleep(PAUSE)

    def _labels(self, name: str) -> Mapping[str, str]:
        site = self._crew.sites.get(name)
        return {} if site is None else site.labels

    def _settled(self, seen: Observed) -> Observed:
        """Ask what already runs until it is known whether it is ready."""
        seen = self.look() if self._prober.undecided(seen.replicas) else seen
        deadline = self._clock.monotonic() + SETTLING
        while (rules := self._prober.undecided(seen.replicas)) and self._clock.monotonic() < deadline:
            self._clock.sleep(min(PAUSE, *(rule.interval for rule in rules)))
            seen = self.look()
        return seen


def first_line(error: O8Error) -> str:
    """Return the first line of an error's message."""
    return error.message.partition("\n")[0]
