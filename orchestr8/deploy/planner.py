"""The plan of a rollout: what would happen, where and why; a value with a text and a JSON form."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from orchestr8.core.errors import Diagnostic, Infeasible
from orchestr8.deploy.action import ROADWORK, Action
from orchestr8.deploy.codec import digest, plain
from orchestr8.deploy.crowd import beginnings
from orchestr8.deploy.desired import Desired, Journal, Verdict
from orchestr8.deploy.diff import Change, changes
from orchestr8.deploy.ingress import EdgeSight
from orchestr8.deploy.observed import Observed
from orchestr8.deploy.placement.objections import per_host
from orchestr8.deploy.placement.place import Seat, Seating
from orchestr8.deploy.revision import last_good
from orchestr8.deploy.rollout.course import course, expanded
from orchestr8.deploy.rollout.failing import ABORTED
from orchestr8.deploy.rollout.seats import finally_seated
from orchestr8.deploy.rollout.view import View
from orchestr8.deploy.simulate import Trace, simulate
from orchestr8.deploy.transaction import bound

_BACK = ("rolled_back", "removed")


@dataclass(frozen=True, slots=True)
class ServicePlan:
    """What happens to one service.

    `seats` are the hosts of slots that get a new replica, `kept` those of slots that stay as they are.
    `hosts` says why hosts were refused, when a replica has no place. `downtime` names slots that are
    stopped before their successor starts. `digest` tells specs apart, secrets included.
    """

    service: str
    revision: int
    before: int | None
    spec_strategy: str
    wanted: int
    image: str
    pinned: str
    changes: tuple[Change, ...] = ()
    seats: Mapping[int, Seat] = field(default_factory=dict)
    kept: Mapping[int, str] = field(default_factory=dict)
    verdict: Verdict = field(default_factory=lambda: Verdict("converged"))
    hosts: tuple[str, ...] = ()
    downtime: tuple[int, ...] = ()
    peak: int = 0
    least: int = 0
    digest: str = ""
    steps: tuple[str, ...] = ()
    waits: str = ""
    route: str = ""
    edges: tuple[str, ...] = ()
    together: tuple[str, ...] = ()

    @property
    def feasible(self) -> bool:
        """Whether it comes to the end that is wanted: also one that somebody called off."""
        called_off = self.verdict.reason.startswith(ABORTED)
        return self.verdict.end in ("converged", "paused") or (called_off and self.verdict.end in _BACK)


@dataclass(frozen=True, slots=True)
class Plan:
    """What a rollout of several services would do, and the digest of the world it was made for."""

    services: tuple[ServicePlan, ...]
    trace: Trace
    orphans: tuple[str, ...] = ()
    world: str = ""

    @property
    def empty(self) -> bool:
        """Whether nothing would be done."""
        return not self.trace.waves

    @property
    def infeasible(self) -> tuple[ServicePlan, ...]:
        """The services whose rollout cannot come to its end."""
        return tuple(s for s in self.services if not s.feasible)

    def require_feasible(self) -> None:
        """Raise Infeasible with every host's reason when a service cannot be rolled out."""
        if self.infeasible:
            raise Infeasible(
                *(
                    Diagnostic("O8-3201", f"service `{s.service}`: {s.verdict.reason}", notes=s.hosts)
                    for s in self.infeasible
                )
            )

    def to_json(self) -> dict[str, Any]:
        """Return the plan as JSON values; it holds no secret."""
        return {
            "format": 1,
            "world": self.world,
            "services": [plain(s) for s in self.services],
            "waves": [[a.to_json() for a in wave] for wave in self.trace.waves],
            "later": [[a.to_json() for a in wave] for wave in self.trace.later],
            "orphans": list(self.orphans),
        }


def plan(
    desired: Sequence[Desired],
    observed: Observed,
    journals: Mapping[str, Journal] | None = None,
    *,
    known: Collection[str] = (),
) -> Plan:
    """Return what would be done; nothing is touched, and the order of hosts does not matter.

    `known` are the services that are wanted although this plan is not about them.
    """
    begun = {**beginnings(desired, observed, 0.0), **(journals or {})}
    trace = simulate(desired, observed, begun)
    services = tuple(
        _service(one, observed, begun[one.service], trace)
        for one in sorted(bound(desired), key=lambda d: d.service)
    )
    return Plan(services, trace, orphans(desired, observed, known), fingerprint(observed))


def _service(desired: Desired, observed: Observed, begun: Journal, trace: Trace) -> ServicePlan:
    view = View.of(desired, observed, begun, 0.0)
    seating = _chosen(finally_seated(view, explained=True), begun)
    old = last_good(observed.history(desired.service))
    verdict = trace.verdicts[desired.service]
    end = {r.slot: r.host for r in trace.final.of(desired.service) if r.live and view.current(r)}
    if desired.spec.mode == "job":
        end = _begun(desired, trace)
    kept = {r.slot: r.host for r in view.live if view.current(r)}
    seats = {s: seating.seats.get(s) or Seat(s, h) for s, h in sorted(end.items()) if s not in kept}
    return ServicePlan(
        desired.service,
        desired.revision,
        None if old is None else old.number,
        _manner(view),
        view.wanted,
        desired.spec.workload.image,
        desired.spec.workload.pinned,
        changes(old.spec if old else None, desired.spec),
        {s: seat if seat.host == end[s] else Seat(s, end[s]) for s, seat in seats.items()},
        dict(sorted(kept.items())),
        verdict,
        per_host(seating.rejected) if verdict.end != "converged" else (),
        trace.downtime.get(desired.service, ()),
        trace.peak[desired.service],
        trace.least.get(desired.service, 0),
        desired.spec.digest,
        _steps(view),
        trace.paused.get(desired.service, ""),
        "" if view.spec.ingress is None else str(view.spec.ingress),
        view.wanted_edges,
        tuple(sorted(desired.together.keys() - {desired.service})),
    )


def _manner(view: View) -> str:
    if view.spec.mode != "job":
        return view.spec.update.strategy
    return f"job at {view.spec.schedule}" if view.spec.schedule else "job"


def _begun(desired: Desired, trace: Trace) -> dict[int, str]:
    """Return where the slots of a job are begun."""
    acts = (
        a
        for wave in trace.waves
        for a in wave
        if a.kind in ("start", "set_timer") and a.service == desired.service
    )
    return {a.slot: a.host for a in acts}


def _chosen(seating: Seating, begun: Journal) -> Seating:
    """Return the seats, where those on hosts chosen just now were not kept."""
    seats = {
        s: replace(seat, kept=seat.kept and s not in begun.assigned) for s, seat in seating.seats.items()
    }
    return replace(seating, seats=seats)


def _steps(view: View) -> tuple[str, ...]:
    """Return the steps of a stepwise rollout, with what follows them; nothing when they are passed over."""
    if not course(view):
        return ()
    return tuple(map(str, expanded(view.spec.update, routed=view.routed)))


def orphans(desired: Sequence[Desired], observed: Observed, known: Collection[str] = ()) -> tuple[str, ...]:
    """Return the containers of services that are not wanted any more; they are listed, never touched."""
    wanted = {*known, *(d.service for d in desired)}
    lost = (r for r in observed.replicas if r.service not in wanted)
    return tuple(sorted(f"{r.name} on {r.host}" for r in lost))


def fingerprint(observed: Observed) -> str:
    """Return the digest of what a plan rests on; an apply with another one is stale."""
    replicas = sorted((r.host, r.name, r.id, r.spec_hash, r.live) for r in observed.replicas)
    records = sorted((s, r.number, r.outcome) for s, h in observed.revisions.items() for r in h)
    hosts = sorted((h.name, h.reachable, h.cordoned, sorted(h.labels.items())) for h in observed.hosts)
    edges = [(s, e, sight.route, *_members(sight)) for s, e, sight in _sights(observed)]
    return digest([replicas, records, hosts, *([edges] if edges else [])])


def _sights(observed: Observed) -> Iterator[tuple[str, str, EdgeSight]]:
    for service, shown in sorted(observed.edges.items()):
        yield from ((service, edge, sight) for edge, sight in sorted(shown.items()))


def _members(sight: EdgeSight) -> list[tuple[str, int]]:
    return sorted((p.member.name, p.member.share) for p in sight.members)


def mutations(trace: Trace) -> tuple[Action, ...]:
    """Return the actions of a trace that touch containers or the requests they get."""
    touching = ("create", "start", "stop", "remove", "rename", "update_inplace", *ROADWORK)
    touching += ("set_timer", "drop_timer")
    return tuple(a for wave in trace.waves for a in wave if a.kind in touching)
