"""What nobody needs any more of a project: found by records and labels, as values."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Literal

from orchestr8.deploy.model import Observed, last_good
from orchestr8.deploy.rollout.retain import expired


@dataclass(frozen=True, slots=True)
class Scrap:
    """One thing to remove: a timer, a route on an edge, a container, an image's keep-tag, or a record.

    A record is removed from all hosts. `stop` says that a container runs, or that a timer may start it at any
    moment until that has gone.
    """

    kind: Literal["timer", "route", "container", "image", "record"]
    service: str
    host: str
    name: str
    reason: str
    number: int = 0
    stop: bool = False

    def __str__(self) -> str:
        where = f" on {self.host}" if self.host else ""
        return f"{self.kind} {self.name}{where} ({self.reason})"


def scraps(observed: Observed, leaving: Collection[str]) -> list[Scrap]:
    """Return what can go: all of the services that leave, and what is left over of others.

    A container that runs is only taken with its service, by name.
    """
    return [
        *_timers(observed, leaving),
        *_routes(observed, leaving),
        *_containers(observed, leaving),
        *_images(observed, leaving),
        *_records(observed, leaving),
    ]


def strays(observed: Observed, leaving: Collection[str]) -> list[str]:
    """Return what runs although no record tells of its service; it is left alone."""
    lost = (r for r in observed.replicas if r.live and r.service not in observed.revisions)
    return sorted(f"{r.name} on {r.host}" for r in lost if r.service not in leaving)


def _timers(observed: Observed, leaving: Collection[str]) -> Iterator[Scrap]:
    """Yield timers of services that leave, or that no record tells of."""
    for host in observed.hosts:
        for t in sorted(host.timers, key=lambda t: (t.service, t.slot)):
            reason = "its service goes" if t.service in leaving else "no record tells of its service"
            if t.service in leaving or t.service not in observed.revisions:
                yield Scrap("timer", t.service, host.name, t.container, reason, t.slot)


def _routes(observed: Observed, leaving: Collection[str]) -> Iterator[Scrap]:
    for service in sorted(leaving):
        for edge, sight in sorted(observed.edges.get(service, {}).items()):
            if sight.route:
                yield Scrap("route", service, edge, service, "its service goes")


def _containers(observed: Observed, leaving: Collection[str]) -> Iterator[Scrap]:
    timed = {(host.name, timer.container) for host in observed.hosts for timer in host.timers}
    for r in sorted(observed.replicas, key=lambda r: (r.service, r.slot, r.host, r.name)):
        if r.service in leaving:
            reason = "its service goes"
        elif not r.live and r.service not in observed.revisions:
            reason = "no record tells of its service"
        else:
            continue
        stop = r.live or (r.host, r.name) in timed
        yield Scrap("container", r.service, r.host, r.name, reason, stop=stop)


def _images(observed: Observed, leaving: Collection[str]) -> Iterator[Scrap]:
    for host in observed.hosts:
        for pin in sorted(host.pins):
            service, _, number = pin.rpartition(":")
            reason = _unneeded(observed, service, number, leaving)
            if reason:
                yield Scrap("image", service, host.name, pin, reason, int(number))


def _unneeded(observed: Observed, service: str, number: str, leaving: Collection[str]) -> str:
    """Return why an image need not be kept for a revision, empty when it is."""
    if not number.isdigit():
        return ""
    if service in leaving:
        return "its service goes"
    stay = (r for r in observed.of(service) if r.live or service in observed.revisions)
    known = {r.number for r in observed.history(service)} | {r.revision for r in stay}
    return "" if int(number) in known else "its revision is forgotten"


def _records(observed: Observed, leaving: Collection[str]) -> Iterator[Scrap]:
    for service in sorted(observed.revisions):
        history = observed.history(service)
        good = last_good(history)
        keep = good.spec.revisions if good is not None else len(history)
        gone = {r.number for r in history} if service in leaving else expired(history, keep)
        reason = "its service goes" if service in leaving else f"only {keep} are kept"
        for number in sorted(gone):
            yield Scrap("record", service, "", f"{service} revision {number}", reason, number)
