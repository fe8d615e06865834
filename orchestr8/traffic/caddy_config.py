"""A project's part of what a pair of Caddys is told, put among what others have there.

Caddy takes up every change by opening its ports anew, which costs requests now and then. So there are two:
the front has the ports, certificates and routes, which seldom change, and hands each request to the back
through a socket in a file; the back has the members. A port is a server named `o8-PORT` in both, or
`o8-inside-PORT` where only containers of the host can ask, shared by all projects of an edge; each part
carries in its `@id` whose it is. Nothing else is touched.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from copy import deepcopy
from dataclasses import replace
from typing import Any

from orchestr8.deploy.traffic import Member, Route, Tls
from orchestr8.traffic.caddy_admin import refused
from orchestr8.traffic.caddy_roster import Json, ident, read, words
from orchestr8.traffic.caddy_routes import entry_of, host_name, rank, redirect_of, routes_of, shared_anew

_REST: Json = {"handle": [{"handler": "static_response", "status_code": 503}]}
_POLICIES = "tls_connection_policies"


def back(
    config: Any, folder: str, project: str, routes: Sequence[Route], pools: Mapping[str, Sequence[Member]]
) -> Json:
    """Return the back's configuration with these routes of the project and no others."""
    made, servers = _begun(config, project)
    for route in routes:
        if route.mode != "http":
            raise refused(f"service `{route.service}`: Caddy has no tcp mode")
        server = _server(servers, route, f"{inner(folder, route)}|0600")
        server["trusted_proxies_unix"] = True
        server["routes"] += routes_of(project, route, pools.get(route.service, ()))
    _tidy(servers)
    return made


def front(config: Any, folder: str, project: str, routes: Sequence[Route], gateway: str = "") -> Json:
    """Return the front's configuration with these routes of the project and no others.

    gateway: the host's address as its containers know it, where routes inside listen.
    """
    made, servers = _begun(config, project)
    certificates = _without(_certificates(made), project)
    for route in routes:
        _enter(servers, (folder, gateway if route.inside else ""), project, route)
        if route.tls:
            certificates.append(_certificate(project, route, route.tls))
    _keep_certificates(made, certificates)
    _tidy(servers)
    return made


def inner(folder: str, route: Route) -> str:
    """Return the address at which the back takes the requests of a route's port."""
    return f"unix/{folder}/{_name(route)}.sock"


def routes(front: Any, back: Any, project: str) -> dict[str, str]:
    """Return the services of a project that have a route in both, by its digest."""
    entries, rosters = _digests(front, project, "entry"), _digests(back, project, "roster")
    return dict(entries.items() & rosters.items())


def _digests(config: Any, project: str, kind: str) -> dict[str, str]:
    servers = (config or {}).get("apps", {}).get("http", {}).get("servers", {})
    told = [words(route) for server in _ours(servers) for route in server["routes"]]
    return {word[1]: word[3] for word in told if word[:1] == [project] and word[2:3] == [kind]}


def members(config: Any, project: str, service: str) -> list[Member]:
    """Return the members of a service; raise TrafficError where it is not known or not as its roster says."""
    servers = (config or {}).get("apps", {}).get("http", {}).get("servers", {})
    routes = [route for server in _ours(servers) for route in server["routes"]]
    for route in routes:
        if words(route)[:3] == [project, service, "roster"]:
            found = read(route)
            if any(shared_anew(each, project, service, found) != each for each in routes):
                raise refused(f"somebody else changed Caddy's routes of `{service}`")
            return found
    raise refused(f"Caddy has no service `{service}`")


def changed(config: Any, project: str, service: str, wanted: Sequence[Member]) -> Json:
    """Return the back's configuration with these members of a service, its routes as they are."""
    made: Json = deepcopy(config)
    for server in _ours(made["apps"]["http"]["servers"]):
        server["routes"] = [shared_anew(route, project, service, wanted) for route in server["routes"]]
    return made


def _begun(config: Any, project: str) -> tuple[Json, Json]:
    """Return a configuration without the project, and its servers."""
    made: Json = deepcopy(config) if config else {}
    servers = made.setdefault("apps", {}).setdefault("http", {}).setdefault("servers", {})
    for server in _ours(servers):
        for key in ("routes", _POLICIES):
            server[key] = _without(server.get(key, []), project)
    return made, servers


def _enter(servers: Json, places: tuple[str, str], project: str, route: Route) -> None:
    folder, address = places
    server = _server(servers, route, f"{address}:{route.listen}")
    if bool(route.tls) != bool(server[_POLICIES]) and any(map(words, server["routes"])):
        raise refused(f"port {route.listen} serves either plain or encrypted requests, not both")
    server["routes"].append(entry_of(project, route, inner(folder, route)))
    if route.tls:
        server[_POLICIES].append(_policy(project, route))
    if route.redirect is not None:
        plain = _server(servers, replace(route, listen=route.redirect), f"{address}:{route.redirect}")
        plain["routes"].append(redirect_of(project, route))


def _name(route: Route) -> str:
    return f"o8-inside-{route.listen}" if route.inside else f"o8-{route.listen}"


def _server(servers: Json, route: Route, at: str) -> Json:
    name = _name(route)
    taken = [other for other, server in servers.items() if at in server.get("listen", ()) and other != name]
    if taken:
        raise refused(f"port {route.listen} belongs to Caddy's server `{taken[0]}`, which is not orchestr8's")
    plain = {"listen": [at], "automatic_https": {"disable": True}, "protocols": ["h1", "h2"]}
    found: Json = servers.setdefault(name, plain)
    for key in ("routes", _POLICIES):
        found.setdefault(key, [])
    return found


def _policy(project: str, route: Route) -> Json:
    named = ident(project, route.service)
    chosen: Json = {"@id": f"{named}~tls", "certificate_selection": {"any_tag": [named]}}
    return {**chosen, "match": {"sni": [host_name(route.host)]}} if route.host else chosen


def _certificate(project: str, route: Route, tls: Tls) -> Json:
    named = ident(project, route.service)
    pair = {"certificate": tls.certificate.reveal(), "key": tls.key.reveal()}
    return {"@id": f"{named}~certificate", **pair, "tags": [named]}


def _certificates(config: Json) -> list[Json]:
    found: list[Json] = config["apps"].get("tls", {}).get("certificates", {}).get("load_pem", [])
    return found


def _keep_certificates(config: Json, wanted: list[Json]) -> None:
    if wanted or "tls" in config["apps"]:
        tls = config["apps"].setdefault("tls", {})
        tls.setdefault("certificates", {})["load_pem"] = sorted(wanted, key=lambda c: str(c.get("@id", "")))


def _tidy(servers: Json) -> None:
    """Bring what each server has in order; one without routes goes."""
    for name in [name for name in servers if name.startswith("o8-")]:
        server = servers[name]
        routes = [route for route in server["routes"] if route != _REST]
        policies = sorted(server.pop(_POLICIES), key=lambda p: ("match" not in p, str(p["@id"])))
        server["routes"] = [*sorted(routes, key=rank), deepcopy(_REST)]
        if policies:
            server[_POLICIES] = policies
        if not routes:
            del servers[name]


def _without(parts: Sequence[Json], project: str) -> list[Json]:
    return [part for part in parts if words(part)[:1] != [project]]


def _ours(servers: Mapping[str, Json]) -> Iterator[Json]:
    return (server for name, server in servers.items() if name.startswith("o8-"))
