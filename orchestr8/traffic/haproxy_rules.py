"""HAProxy's frontends: which request goes to which pool, for all projects that share a port."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from orchestr8.deploy.traffic import Match, Route
from orchestr8.traffic.haproxy_names import CANARY, SWITCH, host, path, pool_name, refused, token, value

REDIRECT = "o8:redirect"


@dataclass(frozen=True, slots=True)
class Door:
    """A route of a project at one port; `onward` is the port that its requests are sent on to, if any."""

    project: str
    route: Route
    onward: int | None = None

    @property
    def rank(self) -> tuple[object, ...]:
        """Exact hosts come before patterns and those before none; longer paths before shorter ones."""
        r = self.route
        return (not r.host, r.host.startswith("*"), r.host, -len(r.path), r.path, self.project, r.service)


def doors(routes: Mapping[str, Sequence[Route]]) -> dict[tuple[int, bool], list[Door]]:
    """Return the doors at each port, in the order in which they are tried; those inside are apart."""
    found: dict[tuple[int, bool], list[Door]] = {}
    for project, each in routes.items():
        for route in each:
            found.setdefault((route.listen, route.inside), []).append(Door(project, route))
            if route.redirect is not None:
                found.setdefault((route.redirect, route.inside), []).append(
                    Door(project, route, route.listen)
                )
    return {place: sorted(found[place], key=lambda door: door.rank) for place in sorted(found)}


def frontend(
    port: int, at: Sequence[Door], certificates: Mapping[tuple[str, str], str], address: str = ""
) -> list[str]:
    """Return the section of a port; `certificates` are the files by project and service.

    address: of the host, as its containers know it, for a port that only they may reach.
    """
    _check(port, at)
    named = f"o8.inside.{port}" if at[0].route.inside else f"o8.port.{port}"
    secure = [
        certificates[door.project, door.route.service] for door in at if door.route.tls and not door.onward
    ]
    tls = "".join(f" crt {file}" for file in dict.fromkeys(secure))
    plain = at[0].route.mode == "tcp"
    secured = f" ssl{tls}{'' if plain else ' alpn h2,http/1.1'}" if tls else ""
    head = [
        f"frontend {named} from {'o8.plain' if plain else 'o8.door'}",
        f"    bind {address}:{port}{secured}",
        f"    timeout client {_client(at)}ms",
    ]
    rules = _tcp(at[0]) if plain else _http(at)
    return [*head, *(f"    {rule}" for rule in rules), ""]


def redirects(at: Iterable[Door]) -> list[str]:
    """Return the pools whose only answer is another address."""
    lines = []
    for port in sorted({door.onward for door in at if door.onward}):
        place = "https://%[req.hdr(host),host_only]" + (f":{port}" if port != 443 else "")
        lines += [f"backend {REDIRECT}:{port} from o8.pool"]
        lines += [f"    http-request redirect code 308 location {place}%[pathq]", ""]
    return lines


def _check(port: int, at: Sequence[Door]) -> None:
    if len(at) > 1 and any(door.route.mode == "tcp" for door in at):
        raise refused(f"port {port} can serve one tcp service, or http services only: {_who(at)}")
    served = [door for door in at if not door.onward]
    if len({door.route.tls is not None for door in served}) > 1:
        raise refused(f"port {port} is either with TLS or without: {_who(served)}")
    if len(served) < len(at) and any(door.route.tls for door in served):
        raise refused(f"port {port} serves TLS, so nobody can be redirected from it: {_who(at)}")
    places = {(door.route.host, door.route.path, bool(door.onward)) for door in at}
    if len(places) < len(at):
        raise refused(f"port {port}: the same host and path lead to several services: {_who(at)}")
    for door in at:
        if door.route.mode == "tcp" and (door.route.match or door.route.preview or door.onward):
            raise refused(f"port {port}: tcp has no headers, and no redirect: {_who(at)}")


def _who(at: Sequence[Door]) -> str:
    return ", ".join(f"{door.project}.{door.route.service}" for door in at)


def _client(at: Sequence[Door]) -> int:
    return round(max(60.0, *(door.route.timeouts.response for door in at)) * 1000)


def _tcp(door: Door) -> Iterator[str]:
    yield f"use_backend {_pool(door, 'b')} if {_switched(door)}"
    yield f"default_backend {_pool(door, 'a')}"


def _http(at: Sequence[Door]) -> Iterator[str]:
    """Yield the conditions, then the pools: previews by host first, since they are other hosts."""
    for index, door in enumerate(at):
        yield from _conditions(index, door.route)
    special = [(index, door) for index, door in enumerate(at) if _by_host(door.route)]
    for index, door in special:
        yield from _preview(index, door, host="")
    for index, door in enumerate(at):
        yield from _served(index, door)


def _conditions(index: int, route: Route) -> Iterator[str]:
    if route.host:
        yield f"acl r{index}.host {_host(route.host)}"
    if route.path.rstrip("/"):
        start = route.path.rstrip("/")
        yield f"acl r{index}.path path {path(start)}"
        yield f"acl r{index}.path path_beg {path(start + '/')}"
    if route.preview:
        yield f"acl r{index}.preview {_matching(route.preview)}"
    for match in route.match:
        yield f"acl r{index}.canary {_matching(match)}"


def _served(index: int, door: Door) -> Iterator[str]:
    route, here = door.route, f" r{index}.host" if door.route.host else ""
    if route.preview and not _by_host(route):
        yield from _preview(index, door, here)
    terms = here + _path(index, route)
    if door.onward:
        yield f"use_backend {REDIRECT}:{door.onward}{_if(terms)}"
        return
    if route.match:
        canary = _pool(door, CANARY)
        yield f"use_backend {canary} if{terms} r{index}.canary {{ nbsrv({canary}) gt 0 }}"
    yield f"use_backend {_pool(door, 'b')} if{terms} {_switched(door)}"
    yield f"use_backend {_pool(door, 'a')}{_if(terms)}"


def _preview(index: int, door: Door, host: str) -> Iterator[str]:
    terms = f"{host}{_path(index, door.route)} r{index}.preview"
    if door.onward:
        yield f"use_backend {REDIRECT}:{door.onward} if{terms}"
        return
    yield f"use_backend {_pool(door, 'a')} if{terms} {_switched(door)}"
    yield f"use_backend {_pool(door, 'b')} if{terms}"


def _by_host(route: Route) -> bool:
    return route.preview is not None and route.preview.kind == "host"


def _path(index: int, route: Route) -> str:
    return f" r{index}.path" if route.path.rstrip("/") else ""


def _if(terms: str) -> str:
    return f" if{terms}" if terms else ""


def _pool(door: Door, part: str) -> str:
    return pool_name(door.project, door.route.service, part)


def _switched(door: Door) -> str:
    return f"{{ srv_is_up({_pool(door, SWITCH)}/b) }}"


def _host(text: str) -> str:
    fetch = "req.hdr(host),host_only,lower -m"
    return f"{fetch} end {host(text)[1:]}" if text.startswith("*.") else f"{fetch} str {host(text)}"


def _matching(match: Match) -> str:
    if match.kind == "host":
        return _host(match.name)
    fetch = f"req.{'hdr' if match.kind == 'header' else 'cook'}({token(match.name)})"
    return f"{fetch} -m str {value(match.value)}" if match.value else f"{fetch} -m found"
