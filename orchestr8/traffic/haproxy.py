"""HAProxy on one edge host: members and weights change by its socket, and its file holds the same."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

from orchestr8.deploy.traffic import BACKENDS, Capabilities, Member, Route
from orchestr8.deploy.traffic_counts import Counts, Tally
from orchestr8.engine.services.traffic import Seen
from orchestr8.traffic.haproxy_config import CHECK, render
from orchestr8.traffic.haproxy_names import address, name, pool_name, refused
from orchestr8.traffic.haproxy_socket import HaproxySocket


class Keeper(Protocol):
    """How the file is kept and taken up on a host."""

    socket: str

    def read(self) -> str:
        """Return the file's text, empty when there is none."""
        ...

    def write(self, text: str) -> None:
        """Put the file in place whole, checked by the balancer itself beforehand."""
        ...

    def reload(self) -> None:
        """Have the balancer running with the file as it is; connections that are open go on."""
        ...


class HaproxyEdge:
    """One project's routes in an HAProxy that is ours alone."""

    capabilities: Capabilities = BACKENDS["haproxy"]

    def __init__(self, project: str, socket: HaproxySocket, keeper: Keeper) -> None:
        self._project = project
        self._socket = socket
        self._keeper = keeper
        self._routes: tuple[Route, ...] = ()

    def ensure(self, routes: Sequence[Route], pools: Mapping[str, Sequence[Member]]) -> bool:
        """Have these routes and members; a reload only where the routes themselves differ."""
        self._routes = tuple(routes)
        wanted = self._text(pools)
        have = self._keeper.read()
        if have == wanted and self._agrees(pools):
            return False
        if have == wanted or _frame(have) != _frame(wanted):
            self._keeper.write(wanted)
            self._keeper.reload()
            return True
        for service, members in pools.items():
            self._converge(service, members)
        self._keeper.write(wanted)
        return True

    def members(self, service: str) -> tuple[Seen, ...]:
        """Return who gets requests of a service, as HAProxy tells."""
        pool = pool_name(self._project, service)
        rows = [row for row in self._socket.statistics() if row["pxname"] == pool]
        if not rows:
            raise refused(f"HAProxy has no service `{service}`")
        return tuple(_seen(row) for row in rows if row["svname"] != "BACKEND")

    def put(self, service: str, members: Sequence[Member]) -> bool:
        """Have exactly these members of a service."""
        if {seen.member for seen in self.members(service)} == set(members):
            return False
        self._converge(service, members)
        self._persist()
        return True

    def counts(self, service: str) -> Counts:
        """Return what HAProxy has counted since it began."""
        found = [Tally(s.member.name, s.total, s.errors) for s in self.members(service)]
        return Counts("", tuple(found))

    def set_weights(self, service: str, weights: Mapping[str, int]) -> None:
        """Give members these weights, then look whether HAProxy has them."""
        for each, weight in weights.items():
            self._socket.tell(f"set server {self._at(service, each)} weight {weight}")
        found = {seen.member.name: seen.member.weight for seen in self.members(service)}
        wrong = [each for each, weight in weights.items() if found.get(each) != weight]
        if wrong:
            raise refused(f"HAProxy did not take the weights of {', '.join(sorted(wrong))}")
        self._persist()

    def add(self, service: str, member: Member) -> None:
        """Let a replica have requests."""
        if member.name not in {seen.member.name for seen in self.members(service)}:
            self._insert(service, member)
            self._persist()

    def drain(self, service: str, name: str) -> None:
        """Send a member no new request."""
        self._socket.tell(f"set server {self._at(service, name)} state drain")
        self._persist()

    def drained(self, service: str, name: str) -> bool:
        """Whether a member has no request left."""
        return all(seen.current == 0 for seen in self.members(service) if seen.member.name == name)

    def remove(self, service: str, name: str) -> None:
        """Forget a member; its file no longer holds it either."""
        if name in {seen.member.name for seen in self.members(service)}:
            self._delete(service, name)
            self._persist()

    def _at(self, service: str, member: str) -> str:
        return f"{pool_name(self._project, service)}/{name(member)}"

    def _text(self, pools: Mapping[str, Sequence[Member]]) -> str:
        return render(self._project, self._keeper.socket, self._routes, pools)

    def _agrees(self, pools: Mapping[str, Sequence[Member]]) -> bool:
        return all(
            {s.member for s in self.members(service)} == set(members) for service, members in pools.items()
        )

    def _converge(self, service: str, members: Sequence[Member]) -> None:
        seen = {each.member.name: each.member for each in self.members(service)}
        wanted = {member.name: member for member in members}
        for each, member in wanted.items():
            have = seen.get(each)
            if have and (have.address, have.port) != (member.address, member.port):
                self._delete(service, each)
                have = None
            if have is None:
                self._insert(service, member)
            elif have != member:
                self._adjust(service, member)
        for each in seen.keys() - wanted.keys():
            self._delete(service, each)

    def _insert(self, service: str, member: Member) -> None:
        at = self._at(service, member.name)
        place = address(member.address, member.port)
        self._socket.tell(f"add server {at} {place} weight {member.weight} {CHECK}")
        self._socket.tell(f"enable health {at}")
        self._socket.tell(f"set server {at} state {'drain' if member.draining else 'ready'}")

    def _adjust(self, service: str, member: Member) -> None:
        at = self._at(service, member.name)
        self._socket.tell(f"set server {at} weight {member.weight}")
        self._socket.tell(f"set server {at} state {'drain' if member.draining else 'ready'}")

    def _delete(self, service: str, each: str) -> None:
        at = self._at(service, each)
        self._socket.tell(f"set server {at} state maint")
        self._socket.tell(f"del server {at}")

    def _persist(self) -> None:
        pools = {route.service: [s.member for s in self.members(route.service)] for route in self._routes}
        self._keeper.write(self._text(pools))


def _frame(text: str) -> list[str]:
    """Return the configuration without its members: what only a reload can change."""
    return [line for line in text.splitlines() if not line.startswith("    server ")]


def _seen(row: Mapping[str, str]) -> Seen:
    status = row["status"].split()[0]
    place, _, port = row["addr"].rpartition(":")
    member = Member(
        name=row["svname"],
        address=place.strip("[]"),
        port=int(port or 0),
        weight=int(row["uweight"] or 0),
        draining=status == "DRAIN",
    )
    return Seen(
        member,
        up=status in ("UP", "DRAIN", "no"),
        current=int(row["scur"] or 0),
        total=int(row["stot"] or 0),
        errors=int(row["hrsp_5xx"] or 0) + int(row["econ"] or 0) + int(row["eresp"] or 0),
    )
