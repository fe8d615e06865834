"""One look at a service: its slots, and which replicas are current, old, spare or stopped."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property

from orchestr8.deploy.desired import Desired, Journal
from orchestr8.deploy.index import index_of
from orchestr8.deploy.ingress import EdgeSight
from orchestr8.deploy.observed import HostFacts, Observed, Replica
from orchestr8.deploy.placement.room import Room
from orchestr8.deploy.placement.shape import Shape
from orchestr8.deploy.revision import Revision
from orchestr8.deploy.rollout.slots import choose, lost_slots
from orchestr8.deploy.service import ServiceSpec, Update


def key_of(replica: Replica) -> str:
    """Return the name under which the journal watches a container."""
    return f"{replica.host}/{replica.name}"


def member_name(replica: Replica) -> str:
    """Return the name of a container on edges; on two hosts there may be two of one name."""
    return f"{replica.name}.{replica.host}"


_LASTING = frozenset(
    (
        "edges",
        "sights",
        "spec_hash",
        "history",
        "record",
        "good_revisions",
        "hosts",
        "unreachable",
        "homes",
        "shape",
        "replicas",
        "held",
        "live",
        "rooms",
    )
)


_SLOTS = frozenset(("slots", "lost", "wanted", "by_slot", "missing", "dirty"))


def _same_slots(before: Journal, after: Journal) -> bool:
    """Say whether two journals lead to the same slots."""
    same_places = before.placements == after.placements and before.failed == after.failed
    return same_places and before.given_up == after.given_up and before.completed == after.completed


def _unhurried(today: Update, then: Update) -> Update:
    """Return the policy for going back: what ran well has the time it had then, if that is more."""
    return replace(
        today,
        min_healthy_time=0.0,
        healthy_deadline=max(today.healthy_deadline, then.healthy_deadline),
        progress_deadline=max(today.progress_deadline, then.progress_deadline),
    )


@dataclass(frozen=True)
class View:
    """What the rollout sees. `spec` and `revision` are the target now: the old ones while rolling back."""

    desired: Desired
    observed: Observed
    journal: Journal
    now: float
    spec: ServiceSpec
    revision: int
    crowd: Mapping[str, Room] | None = None
    patient: bool = False
    bound: bool = False

    @staticmethod
    def of(
        desired: Desired,
        observed: Observed,
        journal: Journal,
        now: float,
        crowd: Mapping[str, Room] | None = None,
    ) -> View:
        """Return the view of the rollout's target; a rollback keeps today's update policy, without haste.

        `crowd` is what is free once the other services have done what they do in this round.
        """
        spec, revision = desired.spec, desired.revision
        if journal.phase == "rolling_back" and journal.good is not None:
            record = next(r for r in observed.history(desired.service) if r.number == journal.good)
            update = _unhurried(desired.spec.update, record.spec.update)
            spec, revision = replace(record.spec, update=update), record.number
        return View(desired, observed, journal, now, spec, revision, crowd)

    def _like(self, spec: ServiceSpec, revision: int, journal: Journal) -> View:
        return replace(self, spec=spec, revision=revision, journal=journal)

    def remembering(self, journal: Journal) -> View:
        """Return the same look with another journal; what does not depend on it is not computed again."""
        target = View.of(self.desired, self.observed, journal, self.now)
        other = self._like(target.spec, target.revision, journal)
        if other.revision == self.revision and journal.phase == self.journal.phase:
            other = self._like(self.spec, self.revision, journal)
            lasting = _LASTING | _SLOTS if _same_slots(self.journal, journal) else _LASTING
            other.__dict__.update({k: v for k, v in self.__dict__.items() if k in lasting})
        return other

    @cached_property
    def spec_hash(self) -> str:
        """The hash of an up-to-date container."""
        return self.spec.workload.spec_hash

    @cached_property
    def history(self) -> tuple[Revision, ...]:
        """The records, oldest first."""
        return self.observed.history(self.spec.name)

    @cached_property
    def record(self) -> Revision | None:
        """The record of the target."""
        return next((r for r in self.history if r.number == self.revision), None)

    @cached_property
    def stable_record(self) -> Revision | None:
        """The record of the revision that served before and that a failed rollout returns to."""
        return next((r for r in self.history if r.number == self.journal.good), None)

    @cached_property
    def stable(self) -> View | None:
        """The same look with the revision that served before as its target, while going forward."""
        record = self.stable_record
        if record is None or self.journal.phase != "rolling":
            return None
        return self._like(record.spec, record.number, self.journal)

    @cached_property
    def old_slots(self) -> frozenset[int]:
        """The slots in which the revision lives that served before."""
        stable = self.stable
        return frozenset(r.slot for r in self.live if stable is not None and r.spec_hash == stable.spec_hash)

    @property
    def routed(self) -> bool:
        """Whether something shares requests among the service's revisions."""
        return self.desired.spec.ingress is not None

    @cached_property
    def sights(self) -> Mapping[str, EdgeSight]:
        """What every edge shows of the service that knows of it, or should."""
        return {
            **dict.fromkeys(self.wanted_edges, EdgeSight()),
            **self.observed.edges.get(self.spec.name, {}),
        }

    @property
    def wanted_edges(self) -> tuple[str, ...]:
        """The edges by which requests should come; none for a first rollout that is taken away."""
        ingress = self.spec.ingress
        gone = self.journal.phase == "rolling_back" and self.journal.good is None
        return () if ingress is None or gone else self.desired.edges.get(ingress.on, ())

    @cached_property
    def edges(self) -> Mapping[str, EdgeSight]:
        """What the edges show that have to agree; those that are lost do where nothing else can be done."""
        forgiving = self.journal.phase == "rolling_back" or self.spec.placement.on_unreachable != "fail"
        found = {name: self.sights[name] for name in self.wanted_edges}
        return {name: sight for name, sight in found.items() if not (sight.error and forgiving)}

    def attached(self, replica: Replica) -> bool:
        """Say whether a container is a member on every edge that should know of it."""
        placed = (sight.placed(member_name(replica)) for sight in self.edges.values())
        return all(p is not None and not p.member.draining for p in placed)

    @cached_property
    def good_revisions(self) -> frozenset[int]:
        """The numbers of records that ended well."""
        return frozenset(r.number for r in self.history if r.outcome == "good")

    @cached_property
    def hosts(self) -> dict[str, HostFacts]:
        """All hosts by name."""
        return index_of(self.observed).hosts

    @cached_property
    def unreachable(self) -> tuple[str, ...]:
        """The hosts that the service may run on or did run on, and that do not answer."""
        return tuple(n for n in index_of(self.observed).silent if self.belongs(n))

    def belongs(self, host: str) -> bool:
        """Say whether the service may live on a host at all (it may be full, cordoned or unreachable)."""
        return host in self.homes

    @cached_property
    def homes(self) -> frozenset[str]:
        """The hosts the service may live on at all."""
        return self.shape.homes

    @cached_property
    def shape(self) -> Shape:
        """What the hosts are to the service."""
        return index_of(self.observed).shapes.of(self.spec, self.desired.candidates)

    @cached_property
    def replicas(self) -> tuple[Replica, ...]:
        """The service's containers on hosts that answer."""
        silent = index_of(self.observed).silent
        return tuple(r for r in self.observed.of(self.spec.name) if r.host not in silent)

    @cached_property
    def held(self) -> dict[int, tuple[Replica, ...]]:
        """All containers of each slot, running or not."""
        found: dict[int, tuple[Replica, ...]] = {}
        for replica in self.replicas:
            found[replica.slot] = (*found.get(replica.slot, ()), replica)
        return found

    @cached_property
    def live(self) -> tuple[Replica, ...]:
        """The containers that run now."""
        return tuple(r for r in self.replicas if r.live)

    @cached_property
    def slots(self) -> Mapping[int, str | None]:
        """The slots that must be filled; a host where the slot is bound to it."""
        return choose(self)

    @cached_property
    def lost(self) -> frozenset[int]:
        """The slots whose replica is on a host that does not answer, and which wait for it."""
        return lost_slots(self)

    @cached_property
    def wanted(self) -> int:
        """The number of replicas wanted on the hosts that answer."""
        return len(self.slots)

    def current(self, replica: Replica) -> bool:
        """Say whether a container is up to date, where it may be, and has not failed."""
        return (
            replica.spec_hash == self.spec_hash
            and replica.slot in self.slots
            and self.slots[replica.slot] in (None, replica.host)
            and self.journal.moves.get(replica.slot, replica.host) == replica.host
            and replica.id not in self.journal.failed
            and self.belongs(replica.host)
        )

    @cached_property
    def by_slot(self) -> dict[int, tuple[Replica, ...]]:
        """The live containers of each slot."""
        found: dict[int, tuple[Replica, ...]] = dict.fromkeys(self.slots, ())
        for replica in self.live:
            found[replica.slot] = (*found.get(replica.slot, ()), replica)
        return found

    @cached_property
    def missing(self) -> tuple[int, ...]:
        """The slots without any live container."""
        return tuple(s for s in sorted(self.slots) if not self.by_slot[s] and s not in self.journal.given_up)

    @cached_property
    def dirty(self) -> tuple[int, ...]:
        """The slots that have live containers and none that is up to date."""
        held = (s for s in sorted(self.slots) if self.by_slot[s] and s not in self.journal.given_up)
        return tuple(s for s in held if not any(self.current(r) for r in self.by_slot[s]))

    def available(self, replica: Replica) -> bool:
        """Say whether an up-to-date container counts: ready for long enough, and with requests coming."""
        settled = replica.serving and key_of(replica) in self.journal.settled
        return settled and self.current(replica) and self.attached(replica)

    @cached_property
    def healthy(self) -> frozenset[str]:
        """The ids of containers that count as serving: settled current ones and old ones that serve."""
        failed = self.journal.failed
        return frozenset(
            r.id
            for r in self.live
            if r.serving and r.id not in failed and (not self.current(r) or self.available(r))
        )

    @cached_property
    def rooms(self) -> Mapping[str, Room]:
        """What is free on each host now."""
        return index_of(self.observed).rooms if self.crowd is None else self.crowd

    @property
    def exclusive(self) -> bool:
        """Whether two containers of a slot cannot live together."""
        return self.spec.exclusive

    @property
    def surge(self) -> int:
        """How many more than wanted may live."""
        recreate = self.spec.update.strategy == "recreate"
        return 0 if self.exclusive or recreate else self.spec.update.max_surge.up(self.wanted)

    @property
    def unavailable(self) -> int:
        """How many may be missing on purpose."""
        if self.spec.update.strategy == "recreate":
            return self.wanted
        given = self.spec.update.max_unavailable.down(self.wanted)
        return max(given, 1) if self.surge == 0 else given
