"""The rolling update: starts and stops that are allowed now, from nothing but what is observed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace

from orchestr8.deploy.action import Action
from orchestr8.deploy.naming import container_name
from orchestr8.deploy.observed import Replica
from orchestr8.deploy.own_ports import free_port, taken_ports
from orchestr8.deploy.placement.objections import summary
from orchestr8.deploy.rollout.hold import FREE, Hold
from orchestr8.deploy.rollout.seats import reusable, seated, without
from orchestr8.deploy.rollout.view import View
from orchestr8.deploy.service import ServiceSpec


@dataclass(slots=True)
class Moves:
    """The starts and stops of one round, and why something wanted cannot be done now."""

    starts: list[Action] = field(default_factory=list)
    stops: list[Action] = field(default_factory=list)
    blocked: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def moves(view: View, hold: Hold = FREE) -> Moves:
    """Return what may be started and stopped now without breaking a budget."""
    made = Moves()
    healthy = set(view.healthy)
    stopping = _spare(view, hold, healthy, made)
    _fill(view, hold, made)
    _surge(view, hold, made)
    if not hold.beside:
        _give_way(view, hold, healthy, stopping, made)
    return made


def _stop(view: View, replica: Replica, healthy: set[str], reason: str, made: Moves) -> bool:
    """Stop a replica if the floor allows it."""
    if replica.id in healthy and not _dispensable(view, healthy):
        return False
    healthy.discard(replica.id)
    made.stops.append(action_on("stop", replica, reason))
    return True


def _dispensable(view: View, healthy: set[str]) -> bool:
    """Say whether one of the healthy replicas can go."""
    return len(healthy) - 1 >= view.journal.floor


def action_on(kind: str, replica: Replica, reason: str) -> Action:
    """Return an action on a container that exists."""
    return Action(
        kind,  # type: ignore[arg-type]
        replica.service,
        replica.host,
        replica.slot,
        replica.revision,
        replica.name,
        replica.id,
        reason=reason,
    )


def _spare(view: View, hold: Hold, healthy: set[str], made: Moves) -> set[str]:
    """Stop what no slot needs: extra slots, doubles, replaced and failed replicas; the worst ones first."""
    stopping: set[str] = set()
    for replica, reason in sorted(_spares(view, hold), key=lambda item: _worst_first(view, item[0])):
        if _stop(view, replica, healthy, reason, made):
            stopping.add(replica.id)
    return stopping


def _worst_first(view: View, replica: Replica) -> tuple[bool, bool, int, str]:
    stable = replica.revision in view.good_revisions
    return (replica.id in view.healthy, stable, -replica.slot, replica.id)


def _spares(view: View, hold: Hold) -> Iterator[tuple[Replica, str]]:
    for replica in view.live:
        if replica.id in view.journal.failed:
            yield replica, "it failed"
        elif replica.slot not in view.slots:
            if replica.slot not in view.lost and not _stays(view, hold, replica):
                yield replica, "the slot is not needed any more"
        elif replica.id not in _keepers(view, hold, replica.slot):
            yield replica, "there is another in its slot" if view.current(replica) else "replaced"


def _stays(view: View, hold: Hold, replica: Replica) -> bool:
    """Say whether a replica of the old revision stays although its slot will go."""
    return not hold.open and view.stable is not None and view.stable.current(replica)


def _keepers(view: View, hold: Hold, slot: int) -> frozenset[str]:
    """Return whom a slot keeps for now: one that is available; else the best old one and its successor."""
    held = [r for r in view.by_slot[slot] if r.id not in view.journal.failed]
    available = [r for r in held if view.available(r)]
    old = [r for r in held if not view.current(r)]
    if available:
        held = [min(available, key=lambda r: (r.revision, r.host, r.id))]
        if not hold.keeps(slot):
            return frozenset(r.id for r in held)
    new = [r for r in held if view.current(r) and hold.asks(slot)]
    best_old = min(old, key=lambda r: (not r.serving, *_strangeness(view, r), r.id), default=None)
    best_new = min(new, key=lambda r: (not r.serving, r.revision, r.host, r.id), default=None)
    return frozenset(r.id for r in (best_old, best_new) if r is not None)


def _strangeness(view: View, replica: Replica) -> tuple[bool, bool]:
    """Return the rank of an old replica: the revision that served last, another good one, or neither."""
    stable = view.stable_record
    served = stable is not None and replica.spec_hash == stable.spec.workload.spec_hash
    return (not served, replica.revision not in view.good_revisions)


def _fill(view: View, hold: Hold, made: Moves) -> None:
    """Start replicas in empty slots."""
    asked = [s for s in view.missing if hold.asks(s)]
    slots = asked[: _room(view, hold, asked)]
    if not slots:
        return
    seating = seated(view, slots, view.rooms)
    for slot in slots:
        if slot in seating.seats:
            made.starts.extend(bring_up(view, slot, seating.seats[slot].host, "missing", made.starts))
    if seating.unplaced:
        made.blocked.append(f"no host for slot {seating.unplaced[0]}: {summary(seating.rejected)}")


def _room(view: View, hold: Hold, asked: Sequence[int]) -> int:
    """Return how many may be started: what the surge leaves, in a step also one beside every old one."""
    beside = len(hold.slots or ()) if hold.beside else 0
    full = max(view.wanted, len(view.old_slots)) if hold.beside else view.wanted
    return min(len(asked), max(0, full + max(beside, view.surge) - len(view.live)))


def _surge(view: View, hold: Hold, made: Moves) -> None:
    """Start new replicas beside the old ones where that is possible."""
    if view.exclusive or any(a.kind == "start" for a in made.starts):
        return
    asked = [s for s in dirty_order(view) if hold.asks(s)]
    slots = asked[: _room(view, hold, asked)]
    seating = seated(view, slots, view.rooms)
    for slot in slots:
        if slot in seating.seats and not _name_held(view, slot, seating.seats[slot].host):
            made.starts.extend(bring_up(view, slot, seating.seats[slot].host, "outdated", made.starts))
    if seating.unplaced:
        slot = seating.unplaced[0]
        made.blocked.append(f"no room to start slot {slot} beside the old one: {summary(seating.rejected)}")


def _name_held(view: View, slot: int, host: str) -> bool:
    """Say whether the new replica's name belongs to one that lives, because that one has failed."""
    name = container_name(view.desired.project, view.spec.name, slot, view.revision)
    return any(r.name == name and r.host == host for r in view.by_slot[slot])


def dirty_order(view: View) -> list[int]:
    """Return outdated slots, those first that hold an intermediate revision or do not serve."""

    def rank(slot: int) -> tuple[bool, bool, int]:
        held = view.by_slot[slot]
        stable = all(r.revision in view.good_revisions for r in held)
        return (any(r.serving for r in held), stable, slot)

    return sorted(view.dirty, key=rank)


def _give_way(view: View, hold: Hold, healthy: set[str], stopping: set[str], made: Moves) -> None:
    """Stop the old replica first where there can be no second one, or a missing one is allowed."""
    waiting = {a.slot for a in made.starts}
    for slot in filter(hold.asks, dirty_order(view)):
        held = [r for r in view.by_slot[slot] if r.id not in stopping]
        dead = not any(r.id in healthy for r in held)
        if slot in waiting or not held or not (view.exclusive or view.unavailable or dead):
            continue
        if not dead and not _dispensable(view, healthy):
            continue
        seating = seated(view, (slot,), without(view.rooms, held))
        if slot not in seating.seats:
            made.blocked.append(f"no host for slot {slot}: {summary(seating.rejected)}")
            continue
        host = seating.seats[slot].host
        ahead = () if _name_held(view, slot, host) else creation(view, slot, host, made.starts)
        if missing := list(ahead):
            # What the engine refuses to make must not cost the one that runs; nor need it wait for it.
            made.starts.extend(missing)
            healthy.difference_update(r.id for r in held)
            continue
        for replica in held:
            _stop(view, replica, healthy, "makes way for its successor", made)


def bring_up(view: View, slot: int, host: str, reason: str, doing: Iterable[Action] = ()) -> Iterator[Action]:
    """Yield the actions that bring up a replica of the target on a host, reusing a stopped one.

    `doing` is what was decided already in this round.
    """
    if stopped := _stopped(view, slot, host):
        best = max(stopped, key=lambda r: (r.state == "exited", r.revision, r.id))
        yield start_of(view, best.name, best.id, slot, best.revision, host, reason)
        return
    made = [replace(a, reason=reason) if a.kind == "create" else a for a in creation(view, slot, host, doing)]
    yield from made
    last = made[-1]
    yield replace(start_of(view, last.name, "", slot, view.revision, host, reason), spec=last.spec)


def _stopped(view: View, slot: int, host: str) -> list[Replica]:
    """Return the containers on a host that only have to be started to fill a slot."""
    return [r for r in view.held.get(slot, ()) if r.host == host and reusable(view, r)]


def creation(view: View, slot: int, host: str, doing: Iterable[Action] = ()) -> Iterator[Action]:
    """Yield what makes a container of the target on a host, nothing when there is one to be started."""
    if _stopped(view, slot, host):
        return
    name = container_name(view.desired.project, view.spec.name, slot, view.revision)
    mine = [r for r in view.held.get(slot, ()) if r.host == host]
    for leftover in (r for r in mine if r.name == name and not r.live):
        yield action_on("remove", leftover, "its name is needed")
    yield from images(view, slot, host)
    spec = _on_host(view, name, host, list(doing))
    image = spec.workload.reference
    yield Action("create", spec.name, host, slot, view.revision, name, "", image, "to be ready", spec)


def _on_host(view: View, name: str, host: str, doing: Iterable[Action]) -> ServiceSpec:
    """Return the spec of one replica: with a host port of its own where edges need one."""
    work = view.spec.workload
    if work.own_port is None:
        return view.spec
    port = free_port(name, taken_ports(view.observed, view.rooms[host], doing))
    return replace(view.spec, workload=work.at(view.hosts[host].address, port))


def start_of(
    view: View, name: str, container: str, slot: int, revision: int, host: str, reason: str
) -> Action:
    """Return the start of a container that exists, or will by then."""
    return Action(
        "start", view.spec.name, host, slot, revision, name, container, reason=reason, spec=view.spec
    )


def images(view: View, slot: int, host: str) -> Iterator[Action]:
    """Yield what brings the image to a host and keeps it there."""
    image, facts = view.spec.workload.reference, view.hosts[host]
    if image not in facts.images:
        yield Action("pull", view.spec.name, host, slot, view.revision, image=image, spec=view.spec)
    if f"{view.spec.name}:{view.revision}" not in facts.pins:
        yield Action("pin", view.spec.name, host, slot, view.revision, image=image, spec=view.spec)
