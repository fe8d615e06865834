"""HAProxy's configuration file, written whole from routes and members: what a restart comes back with."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import groupby

from orchestr8.deploy.traffic import Member, Route
from orchestr8.traffic.haproxy_names import address, host, name, path, pool_name, refused

CHECK = "check inter 1s fall 2 rise 1"
"""How a member is watched; one success is enough, since it was ready before it became one."""

_HEAD = """\
# Written by orchestr8; changes made here are lost at its next run.
global
    stats socket {socket} mode 600 level admin expose-fd listeners
    stats timeout 30s
    hard-stop-after 60s

defaults
    mode http
    balance roundrobin
    option redispatch 1
    option http-keep-alive
    option forwardfor
    retries 3
    retry-on conn-failure empty-response response-timeout 0rtt-rejected
    timeout connect 3s
    timeout client 60s
    timeout server 60s
    timeout tunnel 1h
    timeout queue 10s
    timeout http-request 10s
"""


def render(project: str, socket: str, routes: Sequence[Route], pools: Mapping[str, Sequence[Member]]) -> str:
    """Return the file's text; the same routes and members in any order give the same text."""
    ordered = sorted(
        routes, key=lambda r: (r.listen, r.mode, not r.host, r.host, -len(r.path), r.path, r.service)
    )
    parts = [_HEAD.format(socket=socket)]
    for listen, group in groupby(ordered, key=lambda r: r.listen):
        parts.append(_frontend(project, listen, list(group)))
    modes = {route.service: route for route in ordered}
    parts += [_backend(project, route, pools.get(service, ())) for service, route in sorted(modes.items())]
    return "\n".join(parts)


def _frontend(project: str, listen: int, routes: Sequence[Route]) -> str:
    if len({r.mode for r in routes}) > 1 or (routes[0].mode == "tcp" and len(routes) > 1):
        raise refused(f"port {listen} can serve one tcp service, or http services only")
    head = [f"frontend {name(f'o8.{project}.port.{listen}')}", f"    bind :{listen}"]
    if routes[0].mode == "tcp":
        return "\n".join(
            [*head, "    mode tcp", f"    default_backend {pool_name(project, routes[0].service)}", ""]
        )
    rules = [f"    use_backend {pool_name(project, r.service)}{_condition(r)}" for r in routes]
    return "\n".join([*head, *rules, ""])


def _condition(route: Route) -> str:
    terms = []
    if route.host.startswith("*."):
        terms.append(f"{{ req.hdr(host),field(1,:),lower -m end {host(route.host)[1:]} }}")
    elif route.host:
        terms.append(f"{{ req.hdr(host),field(1,:),lower {host(route.host)} }}")
    if route.path != "/":
        terms.append(f"{{ path_beg {path(route.path)} }}")
    return " if " + " ".join(terms) if terms else ""


def _backend(project: str, route: Route, members: Sequence[Member]) -> str:
    lines = [f"backend {pool_name(project, route.service)}"]
    if route.mode == "tcp":
        lines += ["    mode tcp", "    no option forwardfor", "    retry-on conn-failure"]
    if route.sticky:
        lines.append("    cookie o8 insert indirect nocache httponly")
    lines += [_server(route, member) for member in sorted(members, key=lambda m: m.name)]
    return "\n".join([*lines, ""])


def _server(route: Route, member: Member) -> str:
    weight = 0 if member.draining else member.weight
    cookie = f" cookie {name(member.name)}" if route.sticky else ""
    at = address(member.address, member.port)
    return f"    server {name(member.name)} {at} weight {weight}{cookie} {CHECK}"
