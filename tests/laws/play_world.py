"""Several services of one play under watch: jobs that must run once, and those who wait for them."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from orchestr8.deploy.model import Action, Desired, Failure, HostFacts, Intent, Journal, Replica, ServiceSpec
from orchestr8.deploy.project import Round, step
from orchestr8.deploy.target import desire
from tests.laws.rollout_world import Broken, Fault, UnrulyWorld, _shuffled


class Killed(Exception):
    """The controller died at a moment that a test had chosen."""


class PlayWorld(UnrulyWorld):
    """Containers of `jobs` end by themselves: well, with code 1 (`crash`), or never (`endless`)."""

    def __init__(self, hosts: Iterable[HostFacts], jobs: Collection[str] = (), delay: float = 1.0) -> None:
        super().__init__(hosts, delay)
        self.jobs = jobs
        self.begun: Counter[tuple[str, int, int]] = Counter()

    def started(self, replica: Replica) -> Replica:
        self.begun[replica.service, replica.revision, replica.slot] += 1
        if self.begun[replica.service, replica.revision, replica.slot] > 1 and replica.service in self.jobs:
            raise Broken(f"J1 {replica.name} runs a second time")
        return super().started(replica)

    def _aged(self, replica: Replica) -> Replica:
        if replica.service not in self.jobs or replica.state != "running":
            return super()._aged(replica)
        kind = self.images.get(replica.id, "").rsplit("-", 1)[-1]
        if kind == "endless" or self.now - self.born[replica.id] < self.delay + replica.slot:
            return replica
        return replace(replica, state="exited", exit_code=int(kind == "crash"), ready=None, ready_since=None)


@dataclass
class PlayDriver:
    """A controller for the services of a play; it may be killed between any two actions.

    goods: how many records may call a service good before it dies for good.
    """

    world: PlayWorld
    specs: Sequence[ServiceSpec]
    faults: tuple[Fault, ...] = ()
    seed: int = 0
    pace: float = 1.0
    goods: int | None = None
    intents: Mapping[str, Intent] = field(default_factory=dict)
    journals: dict[str, Journal] = field(default_factory=dict)
    touched: list[Action] = field(default_factory=list)
    log: list[str] = field(default_factory=list)

    def run(self, limit: int = 400) -> Round:
        """Drive until every verdict is final; raises Broken when one never is, or a law is broken."""
        chance = random.Random(self.seed)
        desired = self._wish()
        for number in range(limit):
            kinds = {f.kind for f in self.faults if f.round == number}
            self._strike(kinds, chance)
            decided = step(desired, self.world.observe(), self.journals, self.world.now)
            self.journals = dict(decided.journals)
            acts = [a for d in decided.decisions.values() for a in d.actions if a.kind != "wait_ready"]
            survived = self._act(_mixed(acts, chance), kinds, chance)
            if decided.final and survived:
                return decided
            if not survived:
                self.journals, desired = {}, self._wish()
            self.world.tick(1.0 if acts else self.pace)
        raise Broken("never ends\n" + "\n".join(self.log[-30:]))

    def _wish(self) -> list[Desired]:
        seen = self.world.observe()
        wishes = (desire("p", spec, seen) for spec in self.specs)
        return [replace(w, intent=self.intents.get(w.service, Intent())) for w in wishes]

    def _strike(self, kinds: set[str], chance: random.Random) -> None:
        running = sorted((r for r in self.world.replicas.values() if r.live), key=lambda r: r.name)
        victims = [r for r in running if r.service in self.world.jobs]
        if "kill" in kinds and victims:
            victim = chance.choice(victims)
            self.log.append(f"KILL {victim.name}")
            killed = replace(victim, state="exited", exit_code=137, ready=None)
            self.world.replicas[victim.host, victim.name] = killed

    def _act(self, actions: list[Action], kinds: set[str], chance: random.Random) -> bool:
        """Carry actions out; returns False when the controller dies in between."""
        dies_after = chance.randrange(len(actions) + 1) if "crash" in kinds else None
        broken: set[tuple[str, ...]] = set()
        for index, action in enumerate(actions):
            if dies_after == index:
                self.log.append("CRASH")
                return False
            chain = (action.service, *map(str, action.chain))
            if chain in broken:
                continue
            failure = self._one(action, kinds if index == len(actions) // 2 else set())
            if failure is not None:
                self.world.failures.append(failure)
                broken.add(chain)
        return dies_after is None

    def _one(self, action: Action, kinds: set[str]) -> Failure | None:
        self.log.append(f"{self.world.now:g} {action.kind} {action.name}@{action.host} {action.reason}")
        if action.kind not in ("record", "pull", "pin", "unpin"):
            self.touched.append(action)
        if action.kind == "record" and action.reason == "good" and self.goods is not None:
            if not self.goods:
                raise Killed
            self.goods -= 1
        if "refused" in kinds and action.kind != "record":
            return Failure(action, "the engine did not answer")
        self._lawful(action)
        failure = self.world.apply(action)
        return Failure(action, "the answer was lost") if "lost" in kinds and action.host else failure

    def _lawful(self, action: Action) -> None:
        jobs = self.world.jobs
        replica = self.world.replicas.get((action.host, action.name))
        if action.kind == "stop" and action.service in jobs and replica is not None and replica.live:
            age = self.world.now - self.world.born[replica.id]
            if age < self._spec(action.service).update.progress_deadline:
                raise Broken(f"J4 {replica.name} is stopped after {age:g}s\n" + "\n".join(self.log))
        if action.kind == "start" and action.service in jobs:
            others = {r.revision for r in self.world.live(action.service)} - {action.revision}
            if others:
                raise Broken(f"J3 {action.name} starts beside {others}\n" + "\n".join(self.log))
        if action.kind in ("create", "start", "stop") and action.service not in jobs:
            self._in_order(action)

    def _in_order(self, action: Action) -> None:
        """J2: nobody changes before the jobs it waits for have completed on every slot."""
        for need in self._spec(action.service).depends_on:
            if need.condition != "service_completed_successfully":
                continue
            spec = self._spec(need.service)
            done = {
                r.slot
                for r in self.world.replicas.values()
                if r.service == need.service
                and r.spec_hash == spec.workload.spec_hash
                and r.state == "exited"
                and r.exit_code == 0
            }
            if len(done) < spec.replicas:
                raise Broken(f"J2 {action.key} before {need.service}: {done}\n" + "\n".join(self.log))

    def _spec(self, service: str) -> ServiceSpec:
        return next(s for s in self.specs if s.name == service)


def _mixed(actions: list[Action], chance: random.Random) -> list[Action]:
    """Return the actions of all services with their chains mixed, each chain in its order."""
    services = {a.service: _shuffled([b for b in actions if b.service == a.service], chance) for a in actions}
    left = [found for _, found in sorted(services.items())]
    mixed: list[Action] = []
    while left:
        mixed.append(chance.choice(left).pop(0))
        left = [found for found in left if found]
    return mixed
