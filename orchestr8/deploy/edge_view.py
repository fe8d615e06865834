"""Who gets a service's requests as each balancer tells, and where that is not as the records say."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from orchestr8.deploy.conditions import revision_of
from orchestr8.deploy.ingress import EdgeSight
from orchestr8.deploy.observed import Observed, Replica
from orchestr8.deploy.revision import Revision
from orchestr8.deploy.rollout.view import member_name
from orchestr8.deploy.traffic import effective

_NEAR = 1.0
"""Percentage points by which edges may differ: weights are whole numbers."""


@dataclass(frozen=True, slots=True)
class EdgeMember:
    """A member as one balancer shows it: its revision (0 for a stranger) and its share in percent."""

    name: str
    revision: int
    share: float
    group: str
    state: str
    current: int = 0


@dataclass(frozen=True, slots=True)
class EdgeView:
    """The balancer of one edge: why it does not answer, or its route by digest and its members."""

    edge: str
    error: str = ""
    route: str = ""
    members: tuple[EdgeMember, ...] = ()

    @property
    def shares(self) -> dict[int, float]:
        """The part of the requests that each revision gets here, in percent."""
        found: dict[int, float] = {}
        for member in self.members:
            if member.share:
                found[member.revision] = found.get(member.revision, 0.0) + member.share
        return dict(sorted(found.items()))


def edge_views(observed: Observed, service: str) -> tuple[EdgeView, ...]:
    """Return what the balancers show of a service, by the names of their hosts."""
    history = observed.history(service)
    known = {member_name(r): revision_of(r, history) for r in observed.of(service) if r.live}
    sights = sorted(observed.edges.get(service, {}).items())
    return tuple(_view(edge, sight, known) for edge, sight in sights)


def _view(edge: str, sight: EdgeSight, known: dict[str, int]) -> EdgeView:
    shares = effective([p.member for p in sight.members])
    members = tuple(
        EdgeMember(
            p.member.name,
            known.get(p.member.name, 0),
            shares[p.member.name],
            p.member.group,
            "draining" if p.member.draining else "up" if p.up else "down",
            p.current,
        )
        for p in sorted(sight.members, key=lambda p: p.member.name)
    )
    return EdgeView(edge, sight.error, sight.route, members)


def traffic(views: Sequence[EdgeView]) -> dict[int, float]:
    """Return the part of the requests that each revision gets, in percent: the mean of all that answer."""
    told = [view.shares for view in views if view.shares]
    numbers = sorted({number for shares in told for number in shares})
    return {n: round(sum(s.get(n, 0.0) for s in told) / len(told), 1) for n in numbers}


def disagreements(views: Sequence[EdgeView]) -> Iterator[str]:
    """Yield what edges do not answer, find unhealthy, or share otherwise than the others."""
    for view in views:
        if view.error:
            yield f"edge {view.edge} does not answer: {view.error}"
        down = [m.name for m in view.members if m.state == "down"]
        if down:
            yield f"edge {view.edge} finds {', '.join(down)} down"
    told = [view for view in views if not view.error]
    numbers = sorted({number for view in told for number in view.shares})
    for number in numbers:
        parts = {view.edge: view.shares.get(number, 0.0) for view in told}
        if max(parts.values()) - min(parts.values()) > _NEAR:
            shown = ", ".join(f"{share:.3g}% by {edge}" for edge, share in parts.items())
            yield f"edges disagree: revision {number} gets {shown}"


def edge_drift(
    views: Sequence[EdgeView], record: Revision, edges: Collection[str], live: Sequence[Replica]
) -> Iterator[str]:
    """Yield how edges differ from what the last good revision says; `edges` are those it names."""
    ingress, names = record.spec.ingress, {member_name(r) for r in live}
    digest = "" if ingress is None else ingress.route(record.service).digest
    shown = {view.edge: view for view in views if not view.error}
    for edge, view in shown.items():
        if edge not in edges:
            if view.route:
                yield f"edge {edge} has a route that revision {record.number} does not name"
            continue
        yield from _differing(view, digest, record.number, names)
    for edge in sorted(set(edges) - {view.edge for view in views}):
        yield f"edge {edge} knows nothing of the service"


def _differing(view: EdgeView, digest: str, number: int, names: Collection[str]) -> Iterator[str]:
    if view.route != digest:
        said = "routes otherwise than" if view.route else "has no route as"
        yield f"edge {view.edge} {said} revision {number} says"
        return
    members = {m.name for m in view.members if m.state != "draining"}
    if lacking := sorted(set(names) - members):
        yield f"edge {view.edge} sends no requests to {', '.join(lacking)}"
    if strange := sorted(members - set(names)):
        yield f"edge {view.edge} sends requests to {', '.join(strange)}, which does not run"
