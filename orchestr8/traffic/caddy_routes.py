"""One service's routes as Caddy's configuration has them: which requests they take, and who answers."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from orchestr8.deploy.traffic import Match, Member, Route
from orchestr8.traffic.caddy_admin import refused
from orchestr8.traffic.caddy_roster import Json, ident, pool, roster, sharers, words

_HOST = re.compile(r"(\*\.)?[A-Za-z0-9]([A-Za-z0-9-]{0,62}\.?)+")
_PATH = re.compile(r"/[A-Za-z0-9._~!$&'()*+,;=:@%/-]{0,1000}")
_TOKEN = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]{1,200}")
_RETRY = {"try_duration": "5s", "try_interval": "50ms"}
_WATCH = {"passive": {"fail_duration": "2s", "max_fails": 1}}
_KINDS = ("preview", "match", "main")
_HTTPS = 443


def routes_of(project: str, route: Route, members: Sequence[Member]) -> Iterator[Json]:
    """Yield a service's routes on the port it listens to."""
    asked: dict[str, list[Json]] = {"main": [{}], "match": [_told(m) for m in route.match]}
    asked["preview"] = [_told(route.preview)] if route.preview else []
    for kind in _KINDS:
        if asked[kind]:
            yield {
                "@id": ident(project, route.service, kind),
                "match": [{**_place(route), **told} for told in asked[kind]],
                "handle": [_proxy(_frame(project, route), sharers(members, kind))],
                "terminal": True,
            }
    yield roster(project, route.service, route.digest, members)


def entry_of(project: str, route: Route, inner: str) -> Json:
    """Return the front's route of a service: it hands requests on to where the back takes them."""
    # Each request has its own connection to the back: one that is kept open could end as it is used again.
    way = {"protocol": "http", "dial_timeout": "1s", "keep_alive": {"enabled": False}}
    proxy = {
        "handler": "reverse_proxy",
        "upstreams": [{"dial": inner}],
        "transport": way,
        "load_balancing": dict(_RETRY),
        "stream_close_delay": f"{route.timeouts.tunnel:g}s",
    }
    named = ident(project, route.service, "entry", route.digest)
    return {"@id": named, "match": _places(route), "handle": [proxy], "terminal": True}


def redirect_of(project: str, route: Route) -> Json:
    """Return the route that sends a service's plain requests on to its port with TLS."""
    port = "" if route.listen == _HTTPS else f":{route.listen}"
    to = f"https://{{http.request.host}}{port}{{http.request.uri}}"
    answer = {"handler": "static_response", "status_code": 308, "headers": {"Location": [to]}}
    named = ident(project, route.service, "redirect")
    return {"@id": named, "match": _places(route), "handle": [answer], "terminal": True}


def shared_anew(route: Json, project: str, service: str, members: Sequence[Member]) -> Json:
    """Return a route with a service's members as they are now; any other service's route as it is."""
    match words(route):
        case [str(p), str(s), "roster", str(digest)] if (p, s) == (project, service):
            return roster(project, service, digest, members)
        case [str(p), str(s), str(kind)] if (p, s) == (project, service) and kind in _KINDS:
            return {**route, "handle": [_proxy(route["handle"][0], sharers(members, kind))]}
        case _:
            return route


def rank(route: Json) -> tuple[bool, int, int, bool, str]:
    """Return where a route stands.

    Named hosts come before wildcards before any, longer paths before shorter, and of one place those with
    a header or cookie before all; rosters stand last.
    """
    said = (route.get("match") or [{}])[0]
    kind = 0 if "host" in said else 1 if "Host" in said.get("header_regexp", {}) else 2
    path = str(said.get("path_regexp", {}).get("pattern", ""))
    return ("not" in said, kind, -len(path), words(route)[-1:] == ["main"], str(route["@id"]))


def host_name(text: str) -> str:
    """Return a host name, `*.` in front allowed; raise TrafficError for any other text."""
    return _matched(_HOST, text, "host name").lower()


def _places(route: Route) -> list[Json]:
    """Return where a service is to be found, its preview's host too."""
    places = [_place(route)]
    if route.preview and route.preview.kind == "host":
        places.append({**places[0], **_told(route.preview)})
    return places


def _place(route: Route) -> Json:
    found = _host(route.host) if route.host else {}
    if start := _matched(_PATH, route.path, "path").rstrip("/"):
        found["path_regexp"] = {"pattern": f"^{re.escape(start)}(/|$)"}
    return found


def _host(name: str) -> Json:
    name = host_name(name)
    if not name.startswith("*."):
        return {"host": [name]}
    # Caddy's own wildcard stands for one label.
    return {"header_regexp": {"Host": {"pattern": rf"(?i)^[^:]+{re.escape(name[1:])}(:\d+)?$"}}}


def _told(match: Match) -> Json:
    if match.kind == "host":
        return _host(match.name)
    name = _matched(_TOKEN, match.name, match.kind)
    value = re.escape(match.value) if match.value else ".*"
    if match.kind == "header":
        return {"header": {name: [match.value or "*"]}}
    return {"header_regexp": {"Cookie": {"pattern": rf"(?:^|;\s*){re.escape(name)}={value}(?:;|$)"}}}


def _frame(project: str, route: Route) -> Json:
    """Return a service's proxy without members."""
    sticky = {"policy": "cookie", "name": route.sticky, "secret": ident(project, route.service)}
    waits = route.timeouts
    return {
        "handler": "reverse_proxy",
        "transport": {
            "protocol": "http",
            "dial_timeout": f"{waits.connect:g}s",
            "response_header_timeout": f"{waits.response:g}s",
        },
        "stream_close_delay": f"{waits.tunnel:g}s",
        "load_balancing": {"selection_policy": sticky if route.sticky else {}},
    }


def _proxy(frame: Mapping[str, Any], members: Sequence[Member]) -> Json:
    """Return a proxy with these members instead of those it has."""
    upstreams, policy = pool(members)
    sticky = frame["load_balancing"]["selection_policy"]
    if sticky.get("policy") == "cookie":
        policy = {**sticky, "fallback": policy}
    kept = {k: v for k, v in frame.items() if k not in ("load_balancing", "upstreams", "health_checks")}
    if not members:
        return {**kept, "load_balancing": {"selection_policy": policy}}
    balancing = {"selection_policy": policy, **_RETRY}
    return {**kept, "load_balancing": balancing, "upstreams": upstreams, "health_checks": _WATCH}


def _matched(pattern: re.Pattern[str], text: str, what: str) -> str:
    if not pattern.fullmatch(text):
        raise refused(f"`{text}` cannot be a {what} of a load balancer")
    return text
