"""A world in memory that actions work on: for planning ahead and for tests."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import replace

from orchestr8.deploy.action import ROADWORK, Action, Failure
from orchestr8.deploy.gate.state import Gate
from orchestr8.deploy.ingress import EdgeSight, Placed
from orchestr8.deploy.observed import HostFacts, Observed, Replica, Timer
from orchestr8.deploy.placement.room import Room
from orchestr8.deploy.revision import Revision
from orchestr8.deploy.service import claim_of
from orchestr8.deploy.workload import Workload

_EPHEMERAL = 32768


class World:
    """Hosts, containers and records; what is started is ready at once unless a subclass says otherwise."""

    def __init__(self, observed: Observed) -> None:
        self.hosts: dict[str, HostFacts] = {h.name: h for h in observed.hosts}
        self.replicas: dict[tuple[str, str], Replica] = {(r.host, r.name): r for r in observed.replicas}
        self.records: dict[str, dict[int, Revision]] = {
            service: {r.number: r for r in records} for service, records in observed.revisions.items()
        }
        self.gates: dict[str, Gate] = {}
        self.edges: dict[str, dict[str, EdgeSight]] = {s: dict(e) for s, e in observed.edges.items()}
        self.failures: list[Failure] = []
        numbers = (r.id[1:].partition(".")[0] for r in observed.replicas if r.id.startswith("c"))
        self.made = max((int(n) for n in numbers if n.isdecimal()), default=0)

    def observe(self) -> Observed:
        """Return everything as it is now, and the failures of the last round."""
        records = {s: tuple(found.values()) for s, found in self.records.items()}
        failures, self.failures = tuple(self.failures), []
        edges = {s: dict(e) for s, e in self.edges.items()}
        hosts, replicas = tuple(self.hosts.values()), tuple(self.replicas.values())
        return Observed(hosts, replicas, records, failures, dict(self.gates), edges)

    def apply_all(self, actions: Iterable[Action]) -> None:
        """Carry actions out; after a failed one the rest of its chain is left out."""
        broken: set[tuple[str, int, str]] = set()
        for action in actions:
            if action.chain in broken:
                continue
            failure = self.apply(action)
            if failure is not None:
                self.failures.append(failure)
                broken.add(action.chain)

    def apply(self, action: Action) -> Failure | None:
        """Carry one action out; doing it again changes nothing."""
        if action.kind == "record":
            self._record(action)
            return None
        if action.kind in ("check", "run"):
            self.gates[action.service] = self.gate(action)
            return None
        if action.kind in ROADWORK:
            self._lead(action)
            return None
        if action.kind in ("pull", "pin", "unpin"):
            self._image(action)
            return None
        if action.kind in ("set_timer", "drop_timer"):
            self._timer(action)
            return None
        if action.kind == "create":
            return self._create(action)
        replica = self.replicas.get((action.host, action.name))
        if replica is None:
            missing = Failure(action, f"no container {action.name}")
            return missing if action.kind == "start" else None
        return self._change(action, replica)

    def gate(self, action: Action) -> Gate:
        """Return how checks or tasks between steps end; here they always end well."""
        return Gate(action.revision, action.step, "success")

    def _record(self, action: Action) -> None:
        if action.revision_record is not None:
            self.records.setdefault(action.service, {})[action.revision] = action.revision_record

    def _lead(self, action: Action) -> None:
        """Have a balancer send requests as it is told."""
        shown = self.edges.setdefault(action.service, {})
        if action.route is None:
            shown.pop(action.host, None)
        else:
            shown[action.host] = EdgeSight(action.route.digest, tuple(map(Placed, action.members)))

    def _timer(self, action: Action) -> None:
        host = self.hosts[action.host]
        timers = {t for t in host.timers if (t.service, t.slot) != (action.service, action.slot)}
        if action.kind == "set_timer" and action.spec is not None:
            timers.add(Timer(action.service, action.slot, action.name, action.spec.schedule))
        self.hosts[action.host] = replace(host, timers=frozenset(timers))

    def _image(self, action: Action) -> None:
        host, pin = self.hosts[action.host], f"{action.service}:{action.revision}"
        if action.kind == "pull":
            host = replace(host, images=host.images | {action.image})
        elif action.kind == "pin":
            host = replace(host, pins=host.pins | {pin})
        else:
            host = replace(host, pins=host.pins - {pin})
        self.hosts[action.host] = host

    def _create(self, action: Action) -> Failure | None:
        spec = action.spec
        if spec is None or spec.workload.reference not in self.hosts[action.host].images:
            return Failure(action, "no such image", permanent=True)
        if (action.host, action.name) not in self.replicas:
            self.made += 1
            self.replicas[action.host, action.name] = Replica(
                f"c{self.made}.{action.name}",
                action.name,
                action.service,
                action.slot,
                action.revision,
                spec.workload.spec_hash,
                action.host,
                "created",
                limits=spec.workload.limits,
                claim=claim_of(spec),
                published=_published(spec.workload, self.made),
            )
        return None

    def _change(self, action: Action, replica: Replica) -> Failure | None:
        key = (action.host, action.name)
        if action.kind == "start" and not replica.live:
            return self._start(action, replica)
        if action.kind == "stop" and replica.live:
            self.replicas[key] = replace(replica, state="exited", exit_code=143, ready=None, ready_since=None)
        elif action.kind == "remove" and not replica.live:
            del self.replicas[key]
        elif action.kind == "update_inplace" and action.spec is not None:
            self.replicas[key] = replace(replica, limits=action.spec.workload.limits)
        return None

    def _start(self, action: Action, replica: Replica) -> Failure | None:
        lack = self._lack(replica) if replica.claim.ports or replica.claim.volumes else ""
        if lack:
            return Failure(action, lack.rstrip("|"), permanent=True)
        self.replicas[action.host, action.name] = self.started(replica)
        return None

    def _lack(self, replica: Replica) -> str:
        """Return which port or volume of a container somebody else holds."""
        room = Room.of(self.hosts[replica.host])
        for other in self.replicas.values():
            if other.live and other.host == replica.host:
                room.take(other.claim)
        return room.lacks(replace(replica.claim, cpus=0.0, memory=0))

    def finish(self, services: Collection[str]) -> bool:
        """Let what runs of some services come to a good end; return whether there was anything."""
        found = [(key, r) for key, r in self.replicas.items() if r.live and r.service in services]
        for key, replica in found:
            self.replicas[key] = replace(replica, state="exited", exit_code=0, ready=None)
        return bool(found)

    def started(self, replica: Replica) -> Replica:
        """Return a container as it is right after its start."""
        return replace(replica, state="running", ready=True, exit_code=None, oom=False, restarts=0)


def _published(workload: Workload, number: int) -> dict[str, int]:
    """Return the host ports of a container; what the engine chooses depends on its `number`."""
    chosen = _EPHEMERAL + number % _EPHEMERAL
    return {f"{p.container}/{p.protocol}": p.host_port or chosen for p in workload.ports}
