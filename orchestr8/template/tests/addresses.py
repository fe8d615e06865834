"""Tests of ansible.utils for IP and MAC addresses; what is no address is none, never an error."""

from __future__ import annotations

import re
import socket
from collections.abc import Callable, Iterable
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from typing import Any

_MAC = re.compile(
    r"([0-9a-f]{2}[:-]){5}[0-9a-f]{2}|([0-9a-f]{4}\.){2}[0-9a-f]{4}|[0-9a-f]{12}", re.IGNORECASE
)
_Network = IPv4Network | IPv6Network


def _network(value: Any) -> _Network | None:
    try:
        return ip_network(str(value))
    except ValueError:
        return None


def _address(holds: Callable[[Any], Any]) -> Callable[[Any], bool]:
    """Return a test that holds for addresses (networks are none) of a kind."""

    def test(ip: Any) -> bool:
        try:
            return bool(holds(ip_address(str(ip))))
        except (ValueError, AttributeError):
            return False

    return test


def _version(wanted: int) -> Callable[[Any], bool]:
    def test(ip: Any) -> bool:
        network = _network(ip)
        return network is not None and network.version == wanted

    return test


def ip(ip: Any) -> bool:
    """Whether a value is an address or a network."""
    return _network(ip) is not None


def in_network(ip: Any, network: Any) -> bool:
    """Whether an address or network lies in a network."""
    inner, outer = _network(ip), _network(network)
    if inner is None or outer is None or inner.version != outer.version:
        return False
    return bool(inner.subnet_of(outer))  # type: ignore[arg-type]


def in_any_network(ip: Any, networks: Iterable[Any]) -> bool:
    """Whether an address or network lies in one network or several of a list."""
    return any(in_network(ip, each) for each in networks)


def in_one_network(ip: Any, networks: Iterable[Any]) -> bool:
    """Whether an address or network lies in exactly one network of a list."""
    return [in_network(ip, each) for each in networks].count(True) == 1


def supernet_of(network_a: Any, network_b: Any) -> bool:
    """Whether the first network contains the second."""
    return in_network(network_b, network_a)


def ipv4_hostmask(ip: Any) -> bool:
    """Whether a value is a mask of hosts, such as 0.0.0.255."""
    network = _network(f"10.0.0.0/{ip}")
    return network is not None and str(network.hostmask) == ip


def ipv4_netmask(mask: Any) -> bool:
    """Whether a value is a mask of networks, such as 255.255.255.0."""
    network = _network(f"10.0.0.0/{mask}")
    return network is not None and str(network.netmask) == mask


def mac(mac: Any) -> bool:
    """Whether a value is a MAC address, in one of the usual ways to write it."""
    return _MAC.fullmatch(str(mac)) is not None


def resolvable(host: Any) -> bool:
    """Whether a name has an address, or an address a name, as the controller sees it."""
    try:
        if _address(bool)(host):
            socket.gethostbyaddr(str(host))
        else:
            socket.getaddrinfo(str(host), None)
    except (OSError, UnicodeError):
        return False
    return True


NAMES: dict[str, Callable[..., bool]] = {
    "in_any_network": in_any_network,
    "in_network": in_network,
    "in_one_network": in_one_network,
    "ip": ip,
    "ip_address": _address(lambda _ip: True),
    "ipv4": _version(4),
    "ipv4_address": _address(lambda ip: ip.version == 4),
    "ipv4_hostmask": ipv4_hostmask,
    "ipv4_netmask": ipv4_netmask,
    "ipv6": _version(6),
    "ipv6_address": _address(lambda ip: ip.version == 6),
    "ipv6_ipv4_mapped": _address(lambda ip: ip.ipv4_mapped is not None),
    "ipv6_sixtofour": _address(lambda ip: ip.sixtofour is not None),
    "ipv6_teredo": _address(lambda ip: ip.teredo is not None),
    "loopback": _address(lambda ip: ip.is_loopback),
    "mac": mac,
    "multicast": _address(lambda ip: ip.is_multicast),
    "private": _address(lambda ip: ip.is_private),
    "public": _address(lambda ip: ip.is_global),
    "reserved": _address(lambda ip: ip.is_reserved),
    "resolvable": resolvable,
    "subnet_of": in_network,
    "supernet_of": supernet_of,
    "unspecified": _address(lambda ip: ip.is_unspecified),
}
