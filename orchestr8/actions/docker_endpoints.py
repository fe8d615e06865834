"""Which networks a container is to join, to leave, or to join again with other settings."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from orchestr8.actions.docker_wishes import hardware


def moves(
    container: Mapping[str, Any], networks: list[dict[str, Any]] | None, how: str
) -> tuple[list[str], list[dict[str, Any]]]:
    """Return the networks to leave and those to join; a list that is strict is all there are."""
    have = (container.get("NetworkSettings") or {}).get("Networks") or {}
    if networks is None or how == "ignore":
        return [], []
    names = {str(network["name"]) for network in networks}
    extra = sorted(set(have) - names) if how == "strict" else []
    join = [network for network in networks if not _fits(have.get(str(network["name"])), network)]
    return [*extra, *(str(each["name"]) for each in join if each["name"] in have)], join


def _fits(now: Mapping[str, Any] | None, network: Mapping[str, Any]) -> bool:
    if now is None:
        return False
    pools = now.get("IPAMConfig") or {}
    for name, key in (("ipv4_address", "IPv4Address"), ("ipv6_address", "IPv6Address")):
        if network.get(name) and network[name] != pools.get(key):
            return False
    if network.get("mac_address") and hardware(network["mac_address"]) != now.get("MacAddress"):
        return False
    pairs = (("aliases", "Aliases"), ("links", "Links"))
    return all(set(network.get(name) or ()) <= set(now.get(key) or ()) for name, key in pairs)
