"""HAProxy on one edge host: members and weights change by its socket, and its file holds the same."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from orchestr8.core.secret import Secret
from orchestr8.deploy.traffic import BACKENDS, Capabilities, Member, Route
from orchestr8.deploy.traffic_counts import Counts, Tally
from orchestr8.engine.services.traffic import Seen, TrafficError
from orchestr8.traffic import haproxy_pools as pooled
from orchestr8.traffic.haproxy_certificates import certificates, renew, unlike
from orchestr8.traffic.haproxy_config import FRAME, Part
from orchestr8.traffic.haproxy_file import HaproxyFile, Keeper
from orchestr8.traffic.haproxy_names import CANARY, SIDES, pool_name, refused
from orchestr8.traffic.haproxy_pools import Pools, Row
from orchestr8.traffic.haproxy_socket import HaproxySocket, rows
from orchestr8.traffic.haproxy_times import TABLE, times

_BUSY = "Server still has connections attached"
_CLOSING = 1.0


class HaproxyEdge:
    """One project's routes in an HAProxy, which other projects and people may use as well."""

    capabilities: Capabilities = BACKENDS["haproxy"]

    def __init__(self, project: str, socket: HaproxySocket, keeper: Keeper) -> None:
        self._project = project
        self._socket = socket
        self._keeper = keeper
        self._file = HaproxyFile(project, keeper)
        self._host = keeper.host
        self._lock = threading.RLock()

    def wake(self) -> None:
        """Have HAProxy running."""
        with self._lock:
            self._keeper.ready()

    def routes(self) -> Mapping[str, str]:
        """Return the services that have a route, with its digest; none while HAProxy runs with others."""
        part, known = self._file.now()
        try:
            return part.digests if known == _running(self._rows()) else {}
        except TrafficError:
            if self._keeper.standing():
                raise
            return {}

    def ensure(self, routes: Sequence[Route], pools: Mapping[str, Sequence[Member]]) -> bool:
        """Have these routes and members; a reload only where the routes themselves differ."""
        with self._lock:
            self._keeper.ready()
            wanted = certificates(self._project, routes)
            renewed, reload = self._renew(wanted)
            table = self._rows()
            part = self._part(routes, pools, table)
            if reload or self._file.frame(part) != _running(table):
                self._load(part, pools, wanted)
                return True
            changed = [self.put(service, members) for service, members in pools.items()]
            table = self._rows()
            return self._file.change(lambda _: self._told(part, table)) or renewed or any(changed)

    def members(self, service: str) -> tuple[Seen, ...]:
        """Return who gets requests of a service, as HAProxy tells."""
        return pooled.seen(self._found(self._rows(), service))

    def put(self, service: str, members: Sequence[Member]) -> bool:
        """Have exactly these members of a service; read back."""
        with self._lock:
            pools = self._found(self._rows(), service)
            commands = pooled.commands(self._project, service, pools, members)
            if commands:
                told = self._tell(service, commands, members)
                self._file.change(lambda part: self._told(part, told))
            return bool(commands)

    def counts(self, service: str) -> Counts:
        """Return what HAProxy has counted since its worker began."""
        info, table, counted = self._socket.converse(["show info", "show stat", f"show table {TABLE}"])
        lasted = times(counted) if counted.startswith("# table") else {}
        found = []
        for seen in pooled.seen(self._found(rows(self._host, table), service)):
            parts = (*SIDES, CANARY)
            keys = [f"{pool_name(self._project, service, part)}/{seen.member.name}" for part in parts]
            shown = [lasted[key] for key in keys if key in lasted]
            found.append(
                Tally(seen.member.name, seen.total, seen.errors, tuple(map(sum, zip(*shown, strict=True))))
            )
        return Counts(_epoch(info), tuple(found))

    def set_weights(self, service: str, weights: Mapping[str, int]) -> None:
        """Give members these weights at once; read back."""
        with self._lock:
            have = [seen.member for seen in self.members(service)]
            self._know(service, have, weights)
            self.put(service, [replace(m, weight=weights.get(m.name, m.weight)) for m in have])

    def add(self, service: str, member: Member) -> None:
        """Let a replica have requests."""
        with self._lock:
            have = [seen.member for seen in self.members(service)]
            if member.name not in {each.name for each in have}:
                self.put(service, [*have, member])

    def drain(self, service: str, name: str) -> None:
        """Send a member no new request, from workers of before a reload neither."""
        with self._lock:
            have = [seen.member for seen in self.members(service)]
            self._know(service, have, [name])
            self.put(service, [replace(m, draining=m.draining or m.name == name) for m in have])
        for pool in self._pool_names(service):
            self._keeper.elders(f"set server {pool}/{name} state maint")

    def drained(self, service: str, name: str) -> bool:
        """Whether a member has no request left."""
        table = self._rows()
        for told in self._keeper.elders("show stat"):
            table += rows(self._host, told)
        names = self._pool_names(service)
        mine = [row for row in table if row["pxname"] in names and row["svname"] == name]
        return not any(pooled.number(row, "scur") for row in mine)

    def remove(self, service: str, name: str) -> None:
        """Forget a member; its file no longer holds it either."""
        with self._lock:
            have = [seen.member for seen in self.members(service)]
            self.put(service, [member for member in have if member.name != name])

    def _rows(self) -> list[Row]:
        return list(rows(self._host, self._socket.ask("show stat")))

    def _found(self, table: Sequence[Row], service: str) -> Pools:
        pools = pooled.read(table, self._project, service)
        if pools is None:
            raise refused(f"{self._host}: HAProxy has no service `{service}`")
        return pools

    def _know(self, service: str, have: Iterable[Member], names: Iterable[str]) -> None:
        if missing := sorted(set(names) - {member.name for member in have}):
            raise refused(f"{self._host}: HAProxy has no member {', '.join(missing)} of `{service}`")

    def _pool_names(self, service: str) -> list[str]:
        return [pool_name(self._project, service, part) for part in (*SIDES, CANARY)]

    def _tell(self, service: str, commands: Sequence[str], members: Sequence[Member]) -> list[Row]:
        """Carry out a change and read it back, in one conversation; return what HAProxy has."""
        *answers, table = self._socket.tell([*commands, "show stat"], unless=(_BUSY, "# pxname"))
        found: list[Row] = [*rows(self._host, table)]
        self._check(found, service, members)
        said = zip(commands, answers, strict=True)
        if lingering := [command for command, answer in said if answer.startswith(_BUSY)]:
            self._forget(lingering)
            return self._rows()
        return found

    def _forget(self, commands: Sequence[str]) -> None:
        """Delete servers that only have idle connections left, which HAProxy closes a moment later."""
        again = [each for command in commands for each in (pooled.closing(command), command)]
        deadline = time.monotonic() + _CLOSING
        while again and time.monotonic() < deadline:
            said = zip(again, self._socket.tell(again, unless=(_BUSY,)), strict=True)
            again = [command for command, answer in said if answer.startswith(_BUSY)]
            time.sleep(0.02 if again else 0)

    def _check(self, table: Sequence[Row], service: str, members: Sequence[Member]) -> None:
        if wrong := pooled.lacking(self._found(table, service), members):
            why = f"{self._host}: HAProxy does not have {', '.join(wrong)} of `{service}` as asked"
            raise refused(why, "the next run sets it right", "O8-3503")

    def _part(
        self, routes: Sequence[Route], pools: Mapping[str, Sequence[Member]], table: Sequence[Row]
    ) -> Part:
        """Return our part of the file for members that are wanted, on the sides where HAProxy has them."""
        servers, live = {}, {}
        for service, members in pools.items():
            have = pooled.read(table, self._project, service)
            live[service] = pooled.best_side(have, members) if have else "a"
            servers[service] = pooled.wanted(live[service], members)
        return Part(tuple(routes), servers, live, {route.service: route.digest for route in routes})

    def _told(self, part: Part, table: Sequence[Row]) -> Part:
        """Return our part of the file with the members that HAProxy has."""
        found = {route.service: self._found(table, route.service) for route in part.routes}
        servers = {service: pools.servers for service, pools in found.items()}
        return replace(part, servers=servers, live={each: pools.live for each, pools in found.items()})

    def _renew(self, wanted: Mapping[str, Secret]) -> tuple[bool, bool]:
        """Have certificates that are in use be these; return whether they were not, and need a reload."""
        if not wanted:
            return False, False
        known, reload = renew(self._socket, self._keeper.folder, wanted)
        others = unlike(wanted, self._keeper.look().certificates)
        self._keeper.keep({each: others[each] for each in known & others.keys()})
        return bool(others), reload

    def _load(self, part: Part, pools: Mapping[str, Sequence[Member]], wanted: Mapping[str, Secret]) -> None:
        self._file.load(part, wanted)
        table = self._rows()
        for service, members in pools.items():
            self._check(table, service, members)


def _running(table: Sequence[Row]) -> str:
    """Return the identity of the routes that HAProxy runs with."""
    names = (row["pxname"] for row in table if row["pxname"].startswith(f"{FRAME}:"))
    return next(names, ":").split(":")[1]


def _epoch(info: str) -> str:
    """Return what no other worker has: its process and when it began."""
    told = dict(line.partition(": ")[::2] for line in info.splitlines())
    return f"{told.get('Pid', '')}.{told.get('Start_time_sec', '')}"
