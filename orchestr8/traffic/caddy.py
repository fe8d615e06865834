"""Caddy on one edge host, as a pair: routes at the front, members at the back, changed at run time."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any, Protocol

from orchestr8.deploy.traffic import BACKENDS, Capabilities, Member, Route
from orchestr8.deploy.traffic_counts import Counts
from orchestr8.engine.services.traffic import Seen, TrafficError
from orchestr8.traffic import caddy_config
from orchestr8.traffic.caddy_admin import refused
from orchestr8.traffic.caddy_process import CaddyProcess
from orchestr8.traffic.caddy_roster import dial


class Pair(Protocol):
    """How a pair of Caddys is kept running on a host."""

    def standing(self) -> bool:
        """Whether both run, so that their silence is a fault."""
        ...

    def ready(self) -> None:
        """Have both running."""
        ...


class CaddyEdge:
    """One project's routes in a pair of Caddys; other projects and what others configured stay as they are.

    folder: where the two find each other. pair: has them running, where orchestr8 is to see to that.
    gateway: tells the host's address as its containers know it, asked when a route is for them.
    """

    capabilities: Capabilities = BACKENDS["caddy"]

    def __init__(
        self,
        project: str,
        halves: tuple[CaddyProcess, CaddyProcess],
        folder: str,
        gateway: Callable[[], str] = str,
        pair: Pair | None = None,
    ) -> None:
        self._project = project
        self._front, self._back = halves
        self._gateway = gateway
        self._pair = pair
        self._folder = folder

    def wake(self) -> None:
        """Have the pair running."""
        if self._pair:
            self._pair.ready()
            self._front.wait()
            self._back.wait()

    def routes(self) -> Mapping[str, str]:
        """Return the services of the project that have a route; none on a pair that is not there yet."""
        try:
            return caddy_config.routes(self._front.config(), self._back.config(), self._project)
        except TrafficError:
            if self._pair is None or self._pair.standing():
                raise
            return {}

    def ensure(self, routes: Sequence[Route], pools: Mapping[str, Sequence[Member]]) -> bool:
        """Have these routes and members; open connections stay where nothing but members differs."""
        self.wake()
        at = (self._folder, self._project)
        inside = self._back.change(lambda config: caddy_config.back(config, *at, routes, pools))
        gateway = self._gateway() if any(route.inside for route in routes) else ""
        outside = self._front.change(lambda config: caddy_config.front(config, *at, routes, gateway))
        return inside or outside

    def members(self, service: str) -> tuple[Seen, ...]:
        """Return who gets requests of a service, as Caddy tells."""
        found = caddy_config.members(self._back.config(), self._project, service)
        counts = self._back.upstreams()
        return tuple(_seen(member, *counts.get(dial(member), (0, 0))) for member in found)

    def put(self, service: str, members: Sequence[Member]) -> bool:
        """Have exactly these members of a service, all at one moment."""
        busy = {seen.member.name for seen in self.members(service) if seen.current}
        wanted = {member.name: member for member in members}

        def edit(have: Mapping[str, Member]) -> Mapping[str, Member | None]:
            leaving = {n: replace(m, draining=True) if n in busy else None for n, m in have.items()}
            return {**leaving, **wanted}

        return self._edit(service, edit)

    def counts(self, service: str) -> Counts:
        """Refuse: Caddy counts no requests by member."""
        raise refused(f"{self._back.host}: Caddy does not count requests of `{service}` by member")

    def set_weights(self, service: str, weights: Mapping[str, int]) -> None:
        """Give members these weights, then look whether Caddy has them."""
        self._edit(service, lambda have: {n: replace(_of(have, n), weight=w) for n, w in weights.items()})
        found = {seen.member.name: seen.member.weight for seen in self.members(service)}
        wrong = [each for each, weight in weights.items() if found.get(each) != weight]
        if wrong:
            raise refused(f"Caddy did not take the weights of {', '.join(sorted(wrong))}")

    def add(self, service: str, member: Member) -> None:
        """Let a replica have requests."""
        self._edit(service, lambda have: {} if member.name in have else {member.name: member})

    def drain(self, service: str, name: str) -> None:
        """Send a member no new request."""
        self._edit(service, lambda have: {name: replace(_of(have, name), draining=True)})

    def drained(self, service: str, name: str) -> bool:
        """Whether a member has no request left."""
        found = [seen for seen in self.members(service) if seen.member.name == name]
        return all(seen.member.draining and seen.current == 0 for seen in found)

    def remove(self, service: str, name: str) -> None:
        """Forget a member."""
        if any(seen.current for seen in self.members(service) if seen.member.name == name):
            raise refused(f"{self._back.host}: `{name}` still has requests in flight")
        self._edit(service, lambda have: {name: None} if name in have else {})

    def _edit(
        self, service: str, edit: Callable[[Mapping[str, Member]], Mapping[str, Member | None]]
    ) -> bool:
        def changed(config: Any) -> Any:
            have = {m.name: m for m in caddy_config.members(config, self._project, service)}
            wanted = [m for m in {**have, **edit(have)}.values() if m is not None]
            return caddy_config.changed(config, self._project, service, wanted)

        return self._back.change(changed)


def _of(have: Mapping[str, Member], name: str) -> Member:
    if name not in have:
        raise refused(f"Caddy has no member `{name}`")
    return have[name]


def _seen(member: Member, current: int, fails: int) -> Seen:
    return Seen(member, up=fails == 0, current=current, errors=fails)
