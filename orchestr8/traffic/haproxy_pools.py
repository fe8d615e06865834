"""A service's members as HAProxy has them, and the commands that make of them those that are wanted."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from orchestr8.deploy.traffic import Group, Member
from orchestr8.engine.services.traffic import Seen
from orchestr8.traffic.haproxy_names import CANARY, SIDES, SWITCH, address, name, pool_name, refused

CHECK = "check inter 1s fall 2 rise 1"
"""How a member is watched; one success is enough, since it was ready before it became one."""

_POOLS = (*SIDES, CANARY)

Row = Mapping[str, str]
At = tuple[str, str]
"""A place in HAProxy: which of a service's pools, and the member's name."""


@dataclass(frozen=True, slots=True)
class Server:
    """A line of a pool: address and port as HAProxy writes them, weight, whether it is out of use."""

    place: str
    weight: int
    out: bool = False

    @property
    def takes(self) -> int:
        """Its weight for new requests."""
        return 0 if self.out else self.weight


@dataclass(frozen=True, slots=True)
class Pools:
    """All pools of a service: which side is live, the servers, and what HAProxy tells of each."""

    live: str
    servers: Mapping[At, Server]
    told: Mapping[At, Row]
    sticky: bool = False


def read(rows: Iterable[Row], project: str, service: str) -> Pools | None:
    """Return a service's pools out of `show stat`; None when HAProxy has no such service."""
    parts = {pool_name(project, service, part): part for part in (*SIDES, CANARY, SWITCH)}
    mine = [(parts[row["pxname"]], row) for row in rows if row["pxname"] in parts]
    told = {(part, row["svname"]): row for part, row in mine if row["svname"] != "BACKEND"}
    switch = told.pop((SWITCH, "b"), None)
    if switch is None:
        return None
    servers = {at: _server(row) for at, row in told.items()}
    sticky = any(row["svname"] == "BACKEND" and row.get("cookie") for _, row in mine)
    return Pools("a" if _is_out(switch) else "b", servers, told, sticky)


def seen(pools: Pools) -> tuple[Seen, ...]:
    """Return the members with what HAProxy tells of them; one that is in several pools counts once."""
    names = dict.fromkeys(each for _, each in pools.servers)
    return tuple(_seen(pools, each) for each in names)


def wanted(live: str, members: Sequence[Member], pools: Pools | None = None) -> dict[At, Server]:
    """Return the servers that members are, when this side is live.

    A member that drains stays in the pool where it is.
    """
    found = {}
    for member in members:
        server = Server(address(member.address, member.port), member.weight, member.draining)
        side = _other(live) if member.group == "preview" else live
        places = {side, CANARY} if member.group == "canary" else {side}
        if member.draining and pools:
            places = {part for part, each in pools.servers if each == member.name} or places
        for part in places:
            found[part, name(member.name)] = replace(server, weight=100) if part == CANARY else server
    return found


def best_side(pools: Pools, members: Sequence[Member]) -> str:
    """Return the side to be live: the one where more of those members are that take requests."""
    taking = {m.name for m in members if m.group != "preview" and not m.draining}
    here, there = (sum((side, each) in pools.servers for each in taking) for side in _order(pools.live))
    return _other(pools.live) if there > here else pools.live


def commands(project: str, service: str, pools: Pools, members: Sequence[Member]) -> list[str]:
    """Return what to tell HAProxy: those who come or rise, the switch, those who fall or go."""
    live = best_side(pools, members)
    target = wanted(live, members, pools)
    at = {part: pool_name(project, service, part) for part in (*SIDES, CANARY, SWITCH)}

    def falls(key: At) -> bool:
        have = pools.servers.get(key)
        return have is not None and target[key].takes < have.takes and pools.live in (live, key[0])

    def come(keys: Iterable[At]) -> list[str]:
        return [c for key in keys for c in _come(at, key, pools.servers.get(key), target[key])]

    first = come(sorted(key for key in target if not falls(key)))
    if pools.sticky and any(c.startswith("add ") for c in first):
        first += [
            f"set dynamic-cookie-key backend {at[part]} {cookie_key(project, service)}" for part in _POOLS
        ]
    if live != pools.live:
        first.append(f"set server {at[SWITCH]}/b state {'ready' if live == 'b' else 'maint'}")
    last = come(sorted(key for key in target if falls(key)))
    gone = sorted(pools.servers.keys() - target.keys())
    return [*first, *last, *_out(at, pools, target), *(c for key in gone for c in _go(at, key, pools))]


def closing(deletion: str) -> str:
    """Return what makes HAProxy close the idle connections of a server to be deleted: a new address."""
    return f"set server {deletion.split()[-1]} addr 127.0.0.1 port 1"


def lacking(pools: Pools, members: Sequence[Member]) -> list[str]:
    """Return the names of members that HAProxy does not have as they are wanted, or has too many."""
    target = wanted(pools.live, members, pools)
    wrong = {each for (part, each), server in target.items() if pools.servers.get((part, each)) != server}
    surplus = {key[1] for key, server in pools.servers.items() if key not in target and not server.out}
    return sorted(wrong | surplus)


def leaving(pools: Pools, each: str) -> list[At]:
    """Return where a member is."""
    return [key for key in pools.servers if key[1] == each]


def cookie_key(project: str, service: str) -> str:
    """Return what the cookies of a service's members are made with."""
    return pool_name(project, service, "cookie")


def _come(at: Mapping[str, str], key: At, have: Server | None, want: Server) -> Iterator[str]:
    where = f"{at[key[0]]}/{key[1]}"
    if have is None:
        yield f"add server {where} {want.place} weight {want.weight} {CHECK}"
        yield f"enable health {where}"
        yield f"set server {where} state {'maint' if want.out else 'ready'}"
        return
    if have.place != want.place:
        host, _, port = want.place.rpartition(":")
        yield f"set server {where} addr {host.strip('[]')} port {port}"
    if have.weight != want.weight:
        yield f"set server {where} weight {want.weight}"
    if have.out and not want.out:
        yield f"set server {where} state ready"


def _go(at: Mapping[str, str], key: At, pools: Pools) -> Iterator[str]:
    """Take a server out of use; it is forgotten once it has no requests."""
    where = f"{at[key[0]]}/{key[1]}"
    if not pools.servers[key].out:
        yield f"set server {where} state maint"
    if not number(pools.told[key], "scur"):
        yield f"del server {where}"


def _out(at: Mapping[str, str], pools: Pools, target: Mapping[At, Server]) -> Iterator[str]:
    """Take those out of use who drain and have not yet."""
    for key in sorted(target):
        have = pools.servers.get(key)
        if target[key].out and have and not have.out:
            yield f"set server {at[key[0]]}/{key[1]} state maint"


def _server(row: Row) -> Server:
    return Server(row.get("addr", ""), number(row, "uweight"), _is_out(row))


def _is_out(row: Row) -> bool:
    return row["status"].startswith("MAINT")


def number(row: Row, column: str) -> int:
    """Return a number of `show stat`."""
    try:
        return int(row.get(column) or 0)
    except ValueError:
        raise refused(f"HAProxy's `{column}` is no number: {str(row[column])[:50]}") from None


def _seen(pools: Pools, each: str) -> Seen:
    places = [key for key in (*((s, each) for s in _order(pools.live)), (CANARY, each)) if key in pools.told]
    main = places[0]
    server, told = pools.servers[main], [pools.told[key] for key in places]
    host, _, port = server.place.rpartition(":")
    try:
        member = Member(each, host.strip("[]"), int(port), server.weight, server.out, _group(pools, main))
    except ValueError:
        raise refused(f"HAProxy tells no address of `{each}`: {server.place[:80]}") from None
    return Seen(
        member,
        up=pools.told[main]["status"].split(" ")[0] in ("UP", "no", "MAINT"),
        current=sum(number(row, "scur") for row in told),
        total=sum(map(requests, told)),
        errors=sum(map(failures, told)),
    )


def _group(pools: Pools, main: At) -> Group:
    if main[0] != pools.live:
        return "preview"
    return "canary" if (CANARY, main[1]) in pools.servers else "stable"


def requests(row: Row) -> int:
    """Return how many requests a server was given and has ended with."""
    if row.get("mode") == "tcp":
        return number(row, "stot")
    answered = sum(number(row, f"hrsp_{kind}") for kind in ("1xx", "2xx", "3xx", "4xx", "5xx", "other"))
    return answered + number(row, "econ") + number(row, "eresp")


def failures(row: Row) -> int:
    """Return how many of them went wrong: a 5xx, no connection, no answer."""
    return number(row, "hrsp_5xx") + number(row, "econ") + number(row, "eresp")


def _order(live: str) -> tuple[str, str]:
    return live, _other(live)


def _other(side: str) -> str:
    return "b" if side == "a" else "a"
