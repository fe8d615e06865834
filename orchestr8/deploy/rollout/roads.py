"""Who gets a service's requests: what edges have to show, and when a container has none left and may stop."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from orchestr8.deploy.action import Action, Kind
from orchestr8.deploy.index import index_of
from orchestr8.deploy.ingress import Drain, EdgeSight, Ingress
from orchestr8.deploy.observed import Replica
from orchestr8.deploy.rollout.shares import shared
from orchestr8.deploy.rollout.view import View, key_of, member_name
from orchestr8.deploy.rollout.watching import is_ready
from orchestr8.deploy.service import ServiceSpec
from orchestr8.deploy.traffic import Member, Route, effective


@dataclass(frozen=True, slots=True)
class Conducted:
    """The actions that may be done now, since when members drain, and when to look at them again."""

    actions: list[Action]
    leaving: Mapping[str, float]
    wake: float | None = None


def conducted(view: View, actions: Sequence[Action]) -> Conducted:
    """Return actions with what has to happen on edges; who still gets requests drains before it stops."""
    if not view.sights:
        return Conducted(list(actions), {})
    stops = [a for a in actions if a.kind == "stop"]
    names = {f"{a.name}.{a.host}" for a in stops}
    work = road_work(view, names)
    leaving = _leaving(view, names)
    held = {a.key for a in stops if not _released(view, f"{a.name}.{a.host}", leaving)}
    timeout = _drain(view).timeout
    wake = min((since + timeout for since in leaving.values()), default=None)
    return Conducted([*work, *(a for a in actions if a.key not in held)], leaving, wake)


def _leaving(view: View, names: Collection[str]) -> dict[str, float]:
    """Return since when members that leave have got no new request, or cannot be asked about."""
    found: dict[str, float] = {}
    for edge, sight in view.sights.items():
        stale = () if edge in view.wanted_edges else (p.member.name for p in sight.members)
        for name in (*names, *stale):
            placed = sight.placed(name)
            if sight.error or (placed is not None and placed.member.draining):
                key = f"{edge}/{name}"
                found[key] = view.journal.leaving.get(key, view.now)
    return found


def _released(view: View, name: str, leaving: Mapping[str, float]) -> bool:
    """Say whether a container may be stopped: no edge has a request of it, or it had long enough."""
    drain = _drain(view)
    for edge, sight in view.sights.items():
        placed = sight.placed(name)
        if placed is None and not sight.error:
            continue
        since = leaving.get(f"{edge}/{name}")
        if since is None or view.now < since + drain.delay:
            return False
        busy = placed is None or placed.current > 0
        if busy and view.now < since + drain.timeout:
            return False
    return True


def _drain(view: View) -> Drain:
    ingress = view.desired.spec.ingress or view.spec.ingress
    return Drain() if ingress is None else ingress.drain


def pending(view: View) -> bool:
    """Say whether edges do not yet show what they should."""
    return bool(road_work(view))


def road_work(view: View, leaving: Collection[str] = ()) -> list[Action]:
    """Return what makes edges show what they should; one action an edge."""
    pool = _pool(view, leaving)
    work = [a for edge in view.edges if (a := _lead(view, edge, pool)) is not None]
    if work or any(sight.error for sight in view.edges.values()):
        return work
    stale = (edge for edge in view.sights if edge not in view.wanted_edges)
    return [a for edge in stale if (a := _leave(view, edge)) is not None]


def _lead(view: View, edge: str, pool: Mapping[str, Member]) -> Action | None:
    """Return what makes an edge send requests to these members, and let others finish theirs."""
    sight, ingress = view.sights[edge], view.spec.ingress
    if sight.error or ingress is None:
        return None
    members = tuple(sorted((*pool.values(), *_others(view, sight, pool)), key=lambda m: m.name))
    route = ingress.route(view.spec.name)
    if sight.shows(route, members) or (not members and not sight.route):
        return None
    kind, reason = _purpose(view, sight, route, members)
    return Action(
        kind, view.spec.name, edge, revision=view.revision, reason=reason, route=route, members=members
    )


def _purpose(view: View, sight: EdgeSight, route: Route, members: Sequence[Member]) -> tuple[Kind, str]:
    had = {p.member.name for p in sight.members if not p.member.draining}
    now = {m.name for m in members if not m.draining}
    gone = sorted({p.member.name for p in sight.members} - {m.name for m in members})
    if sight.route not in ("", route.digest):
        return "route", f"route requests of {view.spec.ingress}"
    if now - had:
        return "attach", f"to {', '.join(sorted(now - had))}"
    if had - now:
        return "drain", f"no more to {', '.join(sorted(had - now))}"
    return ("detach", f"without {', '.join(gone)}") if gone else ("set_weight", _told(view, members))


def _told(view: View, members: Sequence[Member]) -> str:
    """Return which revisions get which part of the requests."""
    revisions = {member_name(r): r.revision for r in view.live}
    found: Counter[int] = Counter()
    for name, percent in effective(members).items():
        found[revisions.get(name, 0)] += percent  # type: ignore[assignment]
    parts = (f"{percent:.3g}% to revision {number}" for number, percent in sorted(found.items()) if percent)
    return ", ".join(parts)


def _others(view: View, sight: EdgeSight, pool: Mapping[str, Member]) -> Iterator[Member]:
    """Yield members an edge still has: those that live drain, and those on silent hosts stay as they are."""
    live = {member_name(r) for r in view.live}
    silent = tuple(f".{host}" for host in index_of(view.observed).silent)
    for placed in sight.members:
        if placed.member.name in pool:
            continue
        if placed.member.name in live:
            yield replace(placed.member, draining=True)
        elif silent and placed.member.name.endswith(silent):
            yield placed.member


def _leave(view: View, edge: str) -> Action | None:
    """Return what takes a service off an edge that it does not come by any more."""
    sight = view.sights[edge]
    if sight.error or not sight.route:
        return None
    end = Action("route", view.spec.name, edge, revision=view.revision, reason="the route ends here")
    route = _known_route(view, sight.route)
    if route is not None and any(not p.member.draining for p in sight.members):
        members = tuple(replace(p.member, draining=True) for p in sight.members)
        return replace(end, kind="drain", reason="the route will end here", route=route, members=members)
    busy = (p.member.name for p in sight.members if p.current)
    timeout = _drain(view).timeout
    waiting = any(view.now < view.journal.leaving.get(f"{edge}/{n}", view.now) + timeout for n in busy)
    return None if waiting else end


def _known_route(view: View, digest: str) -> Route | None:
    """Return the route of that digest that the service has or had."""
    specs = (view.desired.spec, *(r.spec for r in reversed(view.history)))
    routes = (s.ingress.route(view.spec.name) for s in specs if s.ingress is not None)
    return next((r for r in routes if r.digest == digest), None)


def _pool(view: View, leaving: Collection[str]) -> dict[str, Member]:
    """Return who should get requests, by name.

    A container of the target gets them once it stayed ready long enough, or when nobody else is there to
    take them; one that has them keeps them as long as it serves.
    """
    fit = [r for r in view.live if member_name(r) not in leaving and _fit(view, r)]
    trusted = [r for r in fit if _trusted(view, r)]
    members = (_member(view, r) for r in trusted or fit)
    return shared(view, {m.name: m for m in members if m is not None}, view.live)


def _fit(view: View, replica: Replica) -> bool:
    if replica.id in view.journal.failed or not replica.serving:
        return False
    return _placed(view, replica) or is_ready(_spec_of(view, replica).readiness, replica)


def _trusted(view: View, replica: Replica) -> bool:
    settled = key_of(replica) in view.journal.settled
    old = not view.current(replica) and replica.revision in view.good_revisions
    return settled or old or _placed(view, replica)


def _placed(view: View, replica: Replica) -> bool:
    """Say whether a container gets requests already."""
    placed = (s.placed(member_name(replica)) for s in view.sights.values())
    return any(p is not None and not p.member.draining for p in placed)


def _member(view: View, replica: Replica) -> Member | None:
    """Return a container as edges reach it, or None when they cannot."""
    spec = _spec_of(view, replica)
    ingress: Ingress | None = spec.ingress or view.spec.ingress
    address = view.hosts[replica.host].address
    if ingress is None or not address:
        return None
    inside = spec.workload.network_mode == "host"
    port = ingress.port if inside else replica.published.get(f"{ingress.port}/tcp", 0)
    return Member(member_name(replica), address, port) if port else None


def _spec_of(view: View, replica: Replica) -> ServiceSpec:
    """Return how a container was meant."""
    if replica.revision == view.revision:
        return view.spec
    record = next((r for r in view.history if r.number == replica.revision), None)
    return view.spec if record is None else record.spec
