"""HAProxy's configuration file: a section of ours, written whole from the routes and members of all projects.

What stands before and after the section is not ours and stays byte for byte.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from hashlib import sha256

from orchestr8.core.secret import Secret
from orchestr8.deploy.codec import load, plain
from orchestr8.deploy.traffic import Route, Tls
from orchestr8.traffic.haproxy_names import CANARY, SIDES, SWITCH, certificate, name, pool_name, refused
from orchestr8.traffic.haproxy_pools import CHECK, At, Server, cookie_key
from orchestr8.traffic.haproxy_rules import doors, frontend, redirects
from orchestr8.traffic.haproxy_times import BEGAN, counting, table

BEGIN = "# BEGIN orchestr8: written at each run, changes made inside are lost"
END = "# END orchestr8"
FRAME = "o8.frame"
_PROJECT = "# project "
_ROUTE = "# route "
_SERVER = "    server "
_MOVING = (_SERVER, _ROUTE)
"""How lines begin that change without a reload."""

_UNSHOWN = Tls(Secret(""), Secret(""))

HEAD = """\
global
    stats socket {socket} mode 600 level admin expose-fd listeners
    stats timeout 30s
    hard-stop-after 3600s
    fd-hard-limit 65536

"""
"""What stands before our section where the whole file is ours."""

_DEFAULTS = f"""\
defaults o8.door
    mode http
    timeout client 60s
    timeout http-request 10s
    timeout http-keep-alive 60s
    option idle-close-on-response
    {BEGAN}
    http-request set-header X-Forwarded-Proto http unless {{ ssl_fc }}
    http-request set-header X-Forwarded-Proto https if {{ ssl_fc }}

defaults o8.plain
    mode tcp
    balance roundrobin
    option redispatch 1
    retries 3
    timeout client 60s
    timeout connect 3s
    timeout server 60s
    timeout queue 10s

defaults o8.pool
    mode http
    balance roundrobin
    option redispatch 1
    option forwardfor
    retries 3
    retry-on conn-failure empty-response 0rtt-rejected
    timeout connect 3s
    timeout server 60s
    timeout queue 10s
    http-request disable-l7-retry unless {{ method GET HEAD OPTIONS }}
"""


@dataclass(frozen=True, slots=True)
class Part:
    """What one project has in the file: its routes; the servers and the live side of each service.

    digests: of the routes as they were asked for, by their services.
    """

    routes: tuple[Route, ...] = ()
    servers: Mapping[str, Mapping[At, Server]] = field(default_factory=dict)
    live: Mapping[str, str] = field(default_factory=dict)
    digests: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Whole:
    """A file: what stands before and after our section, and the parts of the projects in it.

    own: whether the file is ours alone, so that a change of what stands around the section is ours to load.
    """

    before: str = ""
    parts: Mapping[str, Part] = field(default_factory=dict)
    after: str = ""
    own: bool = False

    @property
    def inside(self) -> bool:
        """Whether any route is for the host's own containers."""
        return any(route.inside for part in self.parts.values() for route in part.routes)


def render(whole: Whole, folder: str, gateway: str = "") -> str:
    """Return the file's text; the same routes and members in any order give the same text."""
    known = frame(whole, folder, gateway)
    lines = [*_lines(whole.parts, folder, gateway), f"backend {FRAME}:{known} from o8.plain"] if known else []
    section = "\n".join([BEGIN, *lines, END])
    return f"{whole.before}{section}\n{whole.after}"


def frame(whole: Whole, folder: str, gateway: str = "") -> str:
    """Return the identity of what only a reload can change, all but the members; nothing without routes."""
    if not any(part.routes for part in whole.parts.values()):
        return ""
    text = "\n".join(line for line in _lines(whole.parts, folder, gateway) if not line.startswith(_MOVING))
    around = whole.before + whole.after if whole.own else ""
    return sha256((around + text).encode()).hexdigest()[:16]


def read(text: str) -> Whole:
    """Return what a file holds; without a section of ours everything stands before it."""
    before, begin, rest = text.partition(BEGIN + "\n")
    if not begin:
        return Whole(before if not before or before.endswith("\n") else before + "\n")
    section, end, after = rest.partition(END + "\n")
    if not end or BEGIN in after:
        raise refused(
            "our section of HAProxy's file is damaged: it has no end", f"remove it from `{BEGIN}` on"
        )
    written = [line for line in section.splitlines() if line.startswith(_PROJECT)]
    return Whole(before, dict(_part(line, section) for line in written), after)


def _part(line: str, section: str) -> tuple[str, Part]:
    """Return a project's part: its routes from its own line, its servers from its pools."""
    project, _, written = line.removeprefix(_PROJECT).partition(" ")
    try:
        routes = tuple(load(Route, each) for each in json.loads(written))
        pools = _pools(section)
    except (ValueError, TypeError, AttributeError, LookupError):
        raise refused(
            f"our section of HAProxy's file is damaged at project {project}", "remove the section"
        ) from None
    servers, live = {}, {}
    for service in {route.service for route in routes}:
        parts = {part: pools.get(pool_name(project, service, part), {}) for part in (*SIDES, CANARY)}
        servers[service] = {(part, each): s for part, found in parts.items() for each, s in found.items()}
        switch = pools.get(pool_name(project, service, SWITCH), {}).get("b")
        live[service] = "b" if switch and not switch.out else "a"
    return project, Part(routes, servers, live, _digests(section, project))


def _digests(section: str, project: str) -> dict[str, str]:
    lines = (line.split() for line in section.splitlines() if line.startswith(f"{_ROUTE}{project} "))
    return {words[3]: words[4] for words in lines if len(words) == 5}


def _pools(section: str) -> dict[str, dict[str, Server]]:
    found: dict[str, dict[str, Server]] = {}
    pool: dict[str, Server] = {}
    for line in section.splitlines():
        words = line.split()
        if line.startswith("backend "):
            pool = found.setdefault(words[1], {})
        elif line.startswith(_SERVER) and len(words) > 2:
            weight = int(words[words.index("weight") + 1]) if "weight" in words else 1
            pool[words[1]] = Server(words[2], weight, "disabled" in words)
    return found


def _lines(parts: Mapping[str, Part], folder: str, gateway: str) -> Iterator[str]:
    """Yield our section without its marks."""
    ordered = {project: parts[project] for project in sorted(parts) if parts[project].routes}
    yield _DEFAULTS + "".join(f"    {rule}\n" for rule in counting())
    certificates = {
        (project, route.service): f"{folder}/certs/{certificate(project, route.service)}"
        for project, part in ordered.items()
        for route in part.routes
    }
    found = doors({project: part.routes for project, part in ordered.items()})
    for (port, inside), at in found.items():
        yield from frontend(port, at, certificates, gateway if inside else "")
    yield from redirects(door for at in found.values() for door in at)
    for project, part in ordered.items():
        yield from _project(project, part)
    yield from [*table(), ""]


def _project(project: str, part: Part) -> Iterator[str]:
    yield f"{_PROJECT}{name(project)} {json.dumps([plain(_shown(r)) for r in _ordered(part.routes)])}"
    services = {route.service: route for route in _ordered(part.routes)}
    yield from (f"{_ROUTE}{project} {each} {part.digests.get(each, '-')}" for each in sorted(services))
    for service, route in sorted(services.items()):
        yield from _service(project, route, part.servers.get(service, {}), part.live.get(service, "a"))


def _service(project: str, route: Route, servers: Mapping[At, Server], live: str) -> Iterator[str]:
    for part in (*SIDES, CANARY):
        yield f"backend {pool_name(project, route.service, part)} from {_defaults(route)}"
        yield from (f"    {line}" for line in _options(project, route))
        mine = {each: server for (at, each), server in servers.items() if at == part}
        yield from (_server(each, mine[each]) for each in sorted(mine))
        yield ""
    yield f"backend {pool_name(project, route.service, SWITCH)} from o8.plain"
    yield f"{_SERVER}b 127.0.0.1:1{'' if live == 'b' else ' disabled'}"
    yield ""


def _options(project: str, route: Route) -> Iterator[str]:
    wait = route.timeouts
    yield f"timeout connect {round(wait.connect * 1000)}ms"
    yield f"timeout server {round(wait.response * 1000)}ms"
    yield f"timeout tunnel {round(wait.tunnel * 1000)}ms"
    if route.sticky and route.mode == "tcp":
        yield "stick-table type ip size 100k expire 1h"
        yield "stick on src"
    elif route.sticky:
        secure = " secure" if route.tls else ""
        yield f"cookie {name(route.sticky)} insert indirect nocache httponly{secure} dynamic"
        yield f"dynamic-cookie-key {cookie_key(project, route.service)}"


def _server(each: str, server: Server) -> str:
    out = " disabled" if server.out else ""
    return f"{_SERVER}{name(each)} {server.place} weight {server.weight} {CHECK}{out}"


def _defaults(route: Route) -> str:
    return "o8.plain" if route.mode == "tcp" else "o8.pool"


def _ordered(routes: Iterable[Route]) -> Sequence[Route]:
    return sorted(routes, key=lambda r: (r.service, r.listen, r.host, r.path))


def _shown(route: Route) -> Route:
    """Return a route without what nobody may read."""
    return replace(route, tls=_UNSHOWN) if route.tls else route
