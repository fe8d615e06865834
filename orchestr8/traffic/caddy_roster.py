"""The members of a service as its part of Caddy's configuration holds them.

Caddy knows upstreams by address alone. So each service has a route that never matches, its roster: its
upstreams carry in their `@id` who they are, and those that drain stay there, so that Caddy goes on
counting their requests.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from ipaddress import ip_address
from math import gcd
from typing import Any

from orchestr8.deploy.traffic import Group, Member
from orchestr8.traffic.caddy_admin import refused

Json = dict[str, Any]

_WORD = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.:-]{0,200}")
_DRAINS = "drains"
_GROUPS: Mapping[str, Group] = {"stable": "stable", "canary": "canary", "preview": "preview"}


def ident(*words: str) -> str:
    """Return the `@id` of a part of ours."""
    wrong = [word for word in words if not _WORD.fullmatch(word)]
    if wrong:
        raise refused(f"`{wrong[0]}` cannot be a name of a load balancer")
    return "~".join(("o8", *words))


def words(part: Mapping[str, Any]) -> list[str]:
    """Return the words of a part's `@id`; none when it is not ours."""
    head, *rest = str(part.get("@id", "")).split("~")
    return rest if head == "o8" else []


def dial(member: Member) -> str:
    """Return a member's address as Caddy writes it."""
    try:
        found = ip_address(member.address)
    except ValueError:
        raise refused(f"`{member.address}` is not an address") from None
    return f"[{found}]:{member.port}" if found.version == 6 else f"{found}:{member.port}"


def roster(project: str, service: str, digest: str, members: Sequence[Member]) -> Json:
    """Return the route that tells who a service's members are, and what its own route is by digest."""
    ordered = sorted(members, key=lambda m: m.name)
    return {
        "@id": ident(project, service, "roster", digest),
        "match": [{"not": [{}]}],
        "handle": [{"handler": "reverse_proxy", "upstreams": [_entry(project, service, m) for m in ordered]}],
    }


def read(route: Mapping[str, Any]) -> list[Member]:
    """Return the members that a roster tells of."""
    return [_member(entry) for entry in route["handle"][0].get("upstreams") or []]


def pool(members: Sequence[Member]) -> tuple[list[Json], Json]:
    """Return the upstreams for members, and the policy that shares requests by their weights."""
    if not members:
        return [], {"policy": "first"}
    ordered = sorted(members, key=lambda m: m.name)
    # Caddy sends as many requests in a row as a weight says: the smallest whole weights mix best.
    common = gcd(*(m.weight for m in ordered))
    weights = [m.weight // common for m in ordered]
    return [{"dial": dial(m)} for m in ordered], {"policy": "weighted_round_robin", "weights": weights}


def sharers(members: Sequence[Member], kind: str) -> list[Member]:
    """Return who gets the requests of a kind of route: `main`, `match` or `preview`.

    Weights count for `main` alone; `match` falls back to it as long as there is no canary.
    """
    alive = [m for m in members if not m.draining]
    main = [m for m in alive if m.group != "preview" and m.weight > 0]
    if kind == "main":
        return main
    group = "canary" if kind == "match" else "preview"
    chosen = [replace(m, weight=1) for m in alive if m.group == group]
    return chosen or (main if kind == "match" else [])


def _entry(project: str, service: str, member: Member) -> Json:
    state = _DRAINS if member.draining else "takes"
    said = ident(project, service, member.name, member.group, str(member.weight), state)
    return {"@id": said, "dial": dial(member)}


def _member(entry: Mapping[str, Any]) -> Member:
    try:
        _, _, name, group, weight, state = words(entry)
        address, _, port = str(entry["dial"]).rpartition(":")
        drains = state == _DRAINS
        return Member(name, address.strip("[]"), int(port), int(weight), drains, _GROUPS[group])
    except (KeyError, ValueError):
        raise refused(f"Caddy has a member that is not as orchestr8 writes it: {entry}") from None
