"""Scheduled jobs: a container that waits on its host, and a timer of the host that starts it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from orchestr8.deploy.action import Action
from orchestr8.deploy.calendar import calendar
from orchestr8.deploy.desired import Journal
from orchestr8.deploy.naming import container_name
from orchestr8.deploy.observed import Replica, Timer
from orchestr8.deploy.revision import Stage
from orchestr8.deploy.rollout.failing import done
from orchestr8.deploy.rollout.job import Advance
from orchestr8.deploy.rollout.prefetch import prefetch
from orchestr8.deploy.rollout.records import intent, outcome, progress
from orchestr8.deploy.rollout.retain import unpins
from orchestr8.deploy.rollout.rolling import action_on, images
from orchestr8.deploy.rollout.seats import seated
from orchestr8.deploy.rollout.view import View
from orchestr8.deploy.rollout.watching import permanent

_WHY = "waits for its time"


def timed(view: View) -> Advance:
    """Return what brings containers and timers to where they should be; nothing is started."""
    journal = view.journal
    if not journal.steady and (actions := intent(view)):
        return Advance(view, tuple(actions))
    if broken := permanent(view):
        return _ended(view, broken[0][1])
    seating = seated(view, tuple(view.slots), view.rooms)
    places = {slot: seat.host for slot, seat in sorted(seating.seats.items())}
    if seating.unplaced:
        return _ended(view, f"no host for slot {seating.unplaced[0]}")
    if lack := next(_lacks(view, places), None):
        return _ended(view, lack)
    written = [] if journal.steady else progress(view, Stage(), places)
    actions = written or prefetch(view) or _work(view, places)
    if actions:
        return Advance(view, tuple(actions))
    if not journal.steady and (actions := outcome(view, view.revision, "good", "", places)):
        return Advance(view, tuple(actions))
    actions = [*_leftovers(view, places), *unpins(view)]
    if actions:
        return Advance(view, tuple(actions))
    return Advance(view.remembering(done(journal, "converged")))


def _ended(view: View, reason: str) -> Advance:
    if view.journal.fresh:
        return Advance(view.remembering(done(view.journal, "infeasible", reason)))
    actions = [] if view.journal.steady else outcome(view, view.revision, "bad", reason)
    ended: Journal = view.journal if actions else done(view.journal, "failed", reason)
    return Advance(view.remembering(ended), tuple(actions))


def _lacks(view: View, places: Mapping[int, str]) -> Iterator[str]:
    """Yield why a host cannot keep the time."""
    for host in sorted(set(places.values())):
        kind = view.hosts[host].timekeeper
        if not kind:
            yield f"{host} runs neither systemd nor cron, so nothing there can start a scheduled job"
        elif kind == "cron":
            try:
                calendar(view.spec.schedule).cron()
            except ValueError as error:
                yield f"`{view.spec.schedule}` cannot be said to cron on {host}: {error}"


def _work(view: View, places: Mapping[int, str]) -> list[Action]:
    """Return what makes missing containers, sets timers, and drops those that nobody wants."""
    found: list[Action] = []
    for slot, host in places.items():
        held = _held(view, slot, host)
        name = container_name(view.desired.project, view.spec.name, slot, view.revision)
        name = name if held is None else held.name
        if held is None:
            found += images(view, slot, host)
            image = view.spec.workload.reference
            args = (host, slot, view.revision, name, "", image, _WHY, view.spec)
            found.append(Action("create", view.spec.name, *args))
        if Timer(view.spec.name, slot, name, view.spec.schedule) not in view.hosts[host].timers:
            args = (host, slot, view.revision, name, "", "", view.spec.schedule, view.spec)
            found.append(Action("set_timer", view.spec.name, *args))
    for host, facts in view.hosts.items():
        for t in sorted(facts.timers, key=lambda t: t.slot) if facts.reachable else ():
            if t.service == view.spec.name and places.get(t.slot) != host:
                found.append(
                    Action("drop_timer", t.service, host, t.slot, name=t.container, reason="not wanted here")
                )
    return found


def _held(view: View, slot: int, host: str) -> Replica | None:
    """Return the container of the wanted workload in a slot, whether it runs at the moment or not."""
    mine = [r for r in view.replicas if (r.slot, r.host, r.spec_hash) == (slot, host, view.spec_hash)]
    return max(mine, key=lambda r: (r.revision, r.id), default=None)


def _leftovers(view: View, places: Mapping[int, str]) -> Iterator[Action]:
    """Yield the removal of containers that no timer starts any more; one that runs is let run."""
    kept = {held.id for slot, host in places.items() if (held := _held(view, slot, host)) is not None}
    for replica in view.replicas:
        if replica.id not in kept and not replica.live:
            yield action_on("remove", replica, "no timer starts it any more")
