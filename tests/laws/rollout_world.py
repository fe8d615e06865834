"""A world that misbehaves on request, and a controller that is driven through it under watch."""

from __future__ import annotations

import random
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from orchestr8.deploy.action import ROADWORK
from orchestr8.deploy.ingress import EdgeSight
from orchestr8.deploy.memory import World
from orchestr8.deploy.model import (
    Action,
    Desired,
    Failure,
    HostFacts,
    Intent,
    Journal,
    Observed,
    Replica,
    ServiceSpec,
    last_good,
)
from orchestr8.deploy.project import Round, step
from orchestr8.deploy.rollout.canary import EVERYTHING
from orchestr8.deploy.rollout.course import expanded
from orchestr8.deploy.rollout.view import member_name
from orchestr8.deploy.target import desire
from tests.routed import led

LINGER = 2.0
"""Seconds for which requests in flight last."""

BAD = ("crash", "deaf", "loop")


class Broken(AssertionError):
    """An invariant does not hold."""


class UnrulyWorld(World):
    """Containers take `delay` seconds to get ready; bad images crash, loop, stay deaf, or die late."""

    def __init__(self, hosts: Iterable[HostFacts], delay: float = 1.0) -> None:
        super().__init__(Observed(tuple(hosts)))
        self.now, self.delay = 0.0, delay
        self.born: dict[str, float] = {}
        self.images: dict[str, str] = {}
        self.drains: dict[str, float] = {}

    def _create(self, action: Action) -> Failure | None:
        failure = super()._create(action)
        if failure is None:
            self.images[self.replicas[action.host, action.name].id] = action.image
        return failure

    def started(self, replica: Replica) -> Replica:
        self.born[replica.id] = self.now
        return replace(super().started(replica), ready=False, ready_since=None)

    def tick(self, seconds: float) -> None:
        self.now += seconds
        for key, replica in list(self.replicas.items()):
            self.replicas[key] = self._aged(replica)

    def _aged(self, replica: Replica) -> Replica:
        age = self.now - self.born.get(replica.id, 0.0)
        if replica.state != "running" or age < self.delay or replica.id in self.sick:
            return replica
        kind = self.images.get(replica.id, "").rsplit("-", 1)[-1]
        if kind == "crash":
            return replace(replica, state="exited", exit_code=1, ready=None, ready_since=None)
        if kind == "loop":
            return replace(replica, restarts=replica.restarts + 1)
        if kind == "late" and age >= self.delay + 2:
            return replace(replica, state="exited", exit_code=1, ready=None, ready_since=None)
        if kind == "deaf" or replica.ready:
            return replica
        return replace(replica, ready=True, ready_since=self.now)

    @property
    def sick(self) -> set[str]:
        return self.__dict__.setdefault("_sick", set())

    def serving(self, service: str) -> list[Replica]:
        return [r for r in self.replicas.values() if r.service == service and self.healthy(r)]

    def healthy(self, replica: Replica) -> bool:
        return replica.state == "running" and replica.ready is True and self.hosts[replica.host].reachable

    def live(self, service: str) -> list[Replica]:
        return [r for r in self.replicas.values() if r.service == service and r.live]

    def copy(self) -> UnrulyWorld:
        """Return a world that goes its own way from here."""
        other = UnrulyWorld(self.hosts.values(), self.delay)
        other.replicas, other.made, other.now = dict(self.replicas), self.made, self.now
        other.records = {service: dict(records) for service, records in self.records.items()}
        other.edges = {service: dict(shown) for service, shown in self.edges.items()}
        other.drains = dict(self.drains)
        other.born, other.images = dict(self.born), dict(self.images)
        other.gates = dict(self.gates)
        return other

    def _lead(self, action: Action) -> None:
        super()._lead(action)
        drains = {f"{action.host}/{m.name}" for m in action.members if m.draining}
        mine = {key: since for key, since in self.drains.items() if not key.startswith(f"{action.host}/")}
        self.drains = {**mine, **{key: self.drains.get(key, self.now) for key in drains}}

    def busy(self, edge: str, name: str) -> int:
        """Return how many requests a member has: those in flight last for a while."""
        since = self.drains.get(f"{edge}/{name}")
        runs = any(member_name(r) == name and r.live for r in self.replicas.values())
        return int(runs and (since is None or self.now < since + LINGER))

    def _shown(self, edge: str, sight: EdgeSight) -> EdgeSight:
        members = (replace(p, current=self.busy(edge, p.member.name)) for p in sight.members)
        return replace(sight, members=tuple(members))

    def observe(self) -> Observed:
        seen = super().observe()
        edges = {s: {e: self._shown(e, g) for e, g in shown.items()} for s, shown in seen.edges.items()}
        seen = replace(seen, edges=edges)
        silent = {h.name for h in seen.hosts if not h.reachable}
        return replace(seen, replicas=tuple(r for r in seen.replicas if r.host not in silent))


@dataclass
class Fault:
    """Something that goes wrong at a round: its kind and a number that picks the victim."""

    round: int
    kind: str
    pick: int = 0


@dataclass
class Driver:
    """A controller for one service; it may be killed between any two actions."""

    world: UnrulyWorld
    spec: ServiceSpec
    faults: tuple[Fault, ...] = ()
    seed: int = 0
    lawful: bool = True
    intent: Intent = field(default_factory=Intent)
    pace: int = 1
    journals: dict[str, Journal] = field(default_factory=dict)
    at_start: int | None = None
    hurt: int = 0
    rounds: int = 0
    log: list[str] = field(default_factory=list)
    touched: list[Action] = field(default_factory=list)

    def run(self, limit: int = 600) -> Round:
        """Drive until the verdict is final; raises Broken when it never is, or a law is broken."""
        ended = self.walk(limit)
        if ended is None:
            raise Broken("never ends\n" + "\n".join(self.log[-30:]))
        return ended

    def walk(self, limit: int) -> Round | None:
        """Drive for some rounds; returns the last one when its verdict is final."""
        chance = random.Random(self.seed)
        self.world.gates.clear()
        desired = self._wish()
        for number in range(limit):
            self.rounds = number
            faults = [f for f in self.faults if f.round == number]
            for fault in faults:
                desired = self._strike(fault, desired)
            if self.at_start is None:
                self.at_start = len(self.world.serving(self.spec.name))
            seen = self.world.observe()
            decided = step([desired], seen, self.journals, self.world.now)
            self.journals = dict(decided.journals)
            decision = decided.decisions[self.spec.name]
            acts = [a for a in decision.actions if a.kind != "wait_ready"]
            kinds = {f.kind for f in faults}
            survived = self._act(_shuffled(acts, chance), kinds, chance)
            if decision.verdict.final and survived:
                return decided
            if not survived:
                self._reborn()
                desired = self._wish()
            self.world.tick(1.0 if acts else float(self.pace))
        return None

    def _wish(self) -> Desired:
        return led(replace(desire("p", self.spec, self.world.observe()), intent=self.intent))

    def _reborn(self) -> None:
        self.journals, self.at_start, self.hurt = {}, None, 0
        self.world.gates.clear()

    def _act(self, actions: list[Action], kinds: set[str], chance: random.Random) -> bool:
        """Carry actions out; returns False when the controller dies in between."""
        dies_after = chance.randrange(len(actions) + 1) if "crash" in kinds else None
        broken: set[tuple[str, int, str]] = set()
        for index, action in enumerate(actions):
            if dies_after == index:
                return False
            if action.chain in broken:
                continue
            failure = self._one(action, kinds if index == len(actions) // 2 else set())
            if failure is not None:
                self.world.failures.append(failure)
                broken.add(action.chain)
        return dies_after is None or dies_after < len(actions)

    def _one(self, action: Action, kinds: set[str]) -> Failure | None:
        self.log.append(f"{self.rounds} {action.kind} {action.name}@{action.host} {action.reason}")
        if action.kind not in ("record", "pull", "pin", "unpin", "check", "run"):
            self.touched.append(action)
        if "refused" in kinds:
            return Failure(action, "the engine did not answer")
        where = self.world.hosts.get(action.host)
        if where is not None and not where.reachable:
            return Failure(action, "no route")
        self._before(action)
        failure = self.world.apply(action)
        self._after(action, failure)
        if "lost" in kinds:
            return Failure(action, "the answer was lost")
        return failure

    def _strike(self, fault: Fault, desired: Desired) -> Desired:
        self.log.append(f"{self.rounds} FAULT {fault.kind}")
        live = sorted(self.world.live(self.spec.name), key=lambda r: (r.host, r.name))
        victim = live[fault.pick % len(live)] if live else None
        if victim is not None and fault.kind in ("kill", "remove", "sicken", "pause"):
            self._hurt(victim, fault.kind)
        if fault.kind == "edge":
            self._forget(fault.pick)
        if fault.kind in ("down", "up"):
            names = sorted(self.world.hosts)
            name = names[fault.pick % len(names)]
            self.world.hosts[name] = replace(
                self.world.hosts[name], reachable=fault.kind == "up", error="gone"
            )
            self.hurt += sum(1 for r in live if r.host == name)
        return desired

    def _forget(self, pick: int) -> None:
        """Let a balancer lose a member."""
        shown = self.world.edges.get(self.spec.name, {})
        for edge in sorted(shown)[pick % 2 :][:1]:
            kept = [p for n, p in enumerate(shown[edge].members) if n != pick // 2]
            shown[edge] = replace(shown[edge], members=tuple(kept))

    def _hurt(self, victim: Replica, kind: str) -> None:
        key = (victim.host, victim.name)
        self.hurt += 1
        if kind == "remove":
            del self.world.replicas[key]
        elif kind == "kill":
            self.world.replicas[key] = replace(victim, state="exited", exit_code=137, ready=None)
        elif kind == "pause":
            self.world.replicas[key] = replace(victim, state="paused", ready=False, ready_since=None)
        else:
            self.world.sick.add(victim.id)
            self.world.replicas[key] = replace(victim, ready=False, ready_since=None)

    # The laws, checked around every single action.

    def bounds(self) -> tuple[int, int]:
        """Return the ceiling of live containers and the floor of serving ones."""
        record = last_good(tuple(self.world.records.get(self.spec.name, {}).values()))
        wanted = self.spec.replicas
        most = max(wanted, record.spec.replicas if record else 0)
        update = self.spec.update
        exclusive = bool(self.spec.workload.host_ports)
        surge = 0 if exclusive or update.strategy == "recreate" else update.max_surge.up(most)
        surge = max(surge, self._beside(most, surge))
        unavailable = wanted if update.strategy == "recreate" else update.max_unavailable.down(wanted)
        unavailable = max(1, unavailable) if surge == 0 else unavailable
        away = [r for r in self.world.live(self.spec.name) if not self.world.hosts[r.host].reachable]
        return most + surge, min(wanted - len(away) - unavailable, self.at_start or 0)

    def _beside(self, most: int, surge: int) -> int:
        """Return how many new replicas may live beside all old ones while the steps are walked."""
        update = self.spec.update
        steps = expanded(update, routed=self.spec.ingress is not None)
        beside = surge or update.strategy == "blue_green" or any(s.kind == "weight" for s in steps)
        if not update.stepwise or not beside or self.spec.workload.host_ports:
            return 0
        asked = steps[:-1] if steps[-1] == EVERYTHING else steps
        return max((min(most, s.amount.up(most)) for s in asked if s.amount is not None), default=0)

    def _before(self, action: Action) -> None:
        if not self.lawful:
            return
        self._led(action)
        replica = self.world.replicas.get((action.host, action.name))
        if action.kind == "remove" and replica is not None and replica.live:
            raise Broken(f"removes a live container: {action}")
        if action.kind == "stop" and replica is not None and self.world.healthy(replica):
            left = len(self.world.serving(self.spec.name)) - 1
            if left < self.bounds()[1] - self.hurt:
                raise Broken(f"I1 {left} serving < {self.bounds()}: {action}\n" + "\n".join(self.log))

    def _after(self, action: Action, failure: Failure | None) -> None:
        if self.lawful and action.kind in ROADWORK:
            self._somebody(action)
        if not self.lawful or action.kind != "start":
            return
        if failure is not None and "taken" in failure.message:
            raise Broken(f"I3 {failure.message}: {action}\n" + "\n".join(self.log))
        live = [r for r in self.world.live(self.spec.name) if self.world.hosts[r.host].reachable]
        if len(live) > max(self.bounds()[0], self.was_live):
            raise Broken(f"I2 {len(live)} live > {self.bounds()[0]}: {action}\n" + "\n".join(self.log))
        self._canaries(live)
        names = [(r.slot, r.revision) for r in live]
        if names.count((action.slot, action.revision)) > 1:
            raise Broken(f"I4 twice: {names}\n" + "\n".join(self.log))

    def _led(self, action: Action) -> None:
        """Nobody stops who gets requests or still has some; and only who is ready gets any."""
        shown = self.world.edges.get(self.spec.name, {})
        if action.kind == "stop":
            for edge, sight in shown.items():
                placed = sight.placed(f"{action.name}.{action.host}")
                if placed is None:
                    continue
                waited = self.world.now - self.world.drains.get(f"{edge}/{placed.member.name}", 1e9)
                if not placed.member.draining or (self.world.busy(edge, placed.member.name) and waited < 30):
                    raise Broken(f"T1 {edge} still sends it requests: {action}\n" + "\n".join(self.log))
        if action.kind not in ROADWORK:
            return
        known = {member_name(r): r for r in self.world.live(self.spec.name)}
        had = shown[action.host].members if action.host in shown else ()
        gone = {p.member.name for p in had if not p.member.draining} - {m.name for m in action.members}
        if any(self.world.healthy(known[name]) for name in gone & known.keys()):
            raise Broken(f"T4 {gone} lose their requests: {action}\n" + "\n".join(self.log))
        for member in action.members:
            replica = known.get(member.name)
            silent = replica is not None and not self.world.hosts[replica.host].reachable
            if not member.draining and not silent and (replica is None or not self.world.healthy(replica)):
                raise Broken(f"T2 {member} is not ready: {action}\n" + "\n".join(self.log))

    def _somebody(self, action: Action) -> None:
        """As long as somebody has to serve, every edge knows one who is ready."""
        takers = [m for m in action.members if m.share and m.group != "preview"]
        ready = len(self.world.serving(self.spec.name))
        wanted = self.spec.ingress is not None and self.bounds()[1] - self.hurt > 0
        if ready and not takers and wanted:
            raise Broken(f"T3 {ready} are ready, nobody gets requests: {action}\n" + "\n".join(self.log))

    def _canaries(self, live: list[Replica]) -> None:
        """I9: nobody has more new replicas than the step asks for that waits for approval."""
        service, update = self.spec.name, self.spec.update
        record = last_good(tuple(self.world.records.get(service, {}).values()))
        new = sum(1 for r in live if r.spec_hash == self.spec.workload.spec_hash)
        steps = expanded(update, routed=self.spec.ingress is not None)
        if record is None or record.spec.workload.spec_hash == self.spec.workload.spec_hash:
            return
        if self.intent != Intent() or not any(s.kind == "pause" and s.seconds is None for s in steps):
            return
        before = steps[: next(i for i, s in enumerate(steps) if s.kind == "pause" and s.seconds is None)]
        asked = max((s.amount.up(self.spec.replicas) for s in before if s.amount is not None), default=0)
        if update.stepwise and new > min(asked, self.spec.replicas):
            raise Broken(f"I9 {new} new replicas, {asked} asked for\n" + "\n".join(self.log))

    was_live: int = 0


def _shuffled(actions: list[Action], chance: random.Random) -> list[Action]:
    """Return the actions with their chains mixed, each chain in its order."""
    chains: dict[tuple[str, int, str], list[Action]] = {}
    for action in actions:
        chains.setdefault(action.chain, []).append(action)
    left = list(chains.values())
    mixed: list[Action] = []
    while left:
        chain = chance.choice(left)
        mixed.append(chain.pop(0))
        left = [c for c in left if c]
    return mixed


def running(world: UnrulyWorld, service: str) -> Mapping[int, str]:
    """Return the hash that runs in each slot."""
    return {r.slot: r.spec_hash for r in world.live(service)}


def good_spec(world: UnrulyWorld, service: str) -> ServiceSpec | None:
    """Return the spec of the last good revision."""
    record = last_good(world.observe().history(service))
    return record.spec if record else None
