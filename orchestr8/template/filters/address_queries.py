"""What `ipaddr` can be asked of an address or network, by the names of ansible.utils."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Interface, IPv6Address, IPv6Interface
from typing import Any

_POINT_TO_POINT = 4


@dataclass(frozen=True, slots=True)
class Seen:
    """An address with its network; `alone` when it was written without a prefix. value: as it was given."""

    at: IPv4Interface | IPv6Interface
    alone: bool
    value: Any

    @property
    def text(self) -> str:
        """The address as text."""
        return shown(self.ip)

    @property
    def ip(self) -> IPv4Address | IPv6Address:
        """The address itself."""
        return self.at.ip

    @property
    def size(self) -> int:
        """How many addresses the network has."""
        return self.at.network.num_addresses

    @property
    def prefixed(self) -> str:
        """The address with the network's prefix."""
        return f"{self.text}/{self.at.network.prefixlen}"

    @property
    def is_network(self) -> bool:
        """Whether the address is the network's first, of several."""
        return self.size > 1 and self.ip == self.at.network.network_address

    @property
    def usable(self) -> tuple[int, int]:
        """First and last address that a host can have."""
        first, last = int(self.at.network[0]), int(self.at.network[-1])
        return (first, last) if self.size <= 2 else (first + 1, last - 1)

    def made(self, number: int) -> str:
        """Return the address of a number, of the same version."""
        return shown(type(self.ip)(number))

    def network(self) -> Seen:
        """Return this, or raise ValueError when it was written as a single address."""
        if self.alone:
            raise ValueError("Not a network address")
        return self


def shown(ip: IPv4Address | IPv6Address) -> str:
    """Return an address as text; one of IPv4 inside IPv6 keeps its dots."""
    inside = ip.ipv4_mapped if isinstance(ip, IPv6Address) else None
    return f"::ffff:{inside}" if inside is not None else str(ip)


def _written(seen: Seen) -> str:
    return seen.text if seen.alone else seen.prefixed


def _address(seen: Seen) -> str | None:
    last_pair = seen.size == 2 and seen.at.version == 4
    hidden = seen.is_network and not last_pair and seen.at.version == 4
    return None if hidden else seen.text


def _host(seen: Seen) -> str | None:
    return seen.prefixed if seen.size <= 2 or not seen.is_network else None


def _hosted(seen: Seen) -> Any:
    ends = (seen.at.network[0], seen.at.network[-1])
    return False if seen.size > 2 and seen.ip in ends else seen.prefixed


def _inside(seen: Seen) -> bool:
    return seen.size == 2 or (seen.size > 1 and not seen.is_network)


def _subnet(seen: Seen) -> str:
    return f"{shown(seen.at.network.network_address)}/{seen.at.network.prefixlen}"


def _peer(seen: Seen) -> str:
    size = seen.network().size
    if size == 2:
        return seen.made(int(seen.ip) ^ 1)
    if size != _POINT_TO_POINT:
        raise ValueError("Not a point-to-point network")
    if int(seen.ip) % 4 in (0, 3):
        what = "Network" if int(seen.ip) % 4 == 0 else "Broadcast"
        raise ValueError(f"{what} address of /30 has no peer")
    return seen.made(int(seen.ip) ^ 3)


def _beside(seen: Seen, step: int) -> str | None:
    first, last = seen.network().usable
    number = int(seen.ip) + step
    return seen.made(number) if seen.size > 1 and first <= number <= last else None


def _end(seen: Seen, which: int) -> str | None:
    last = seen.network().usable
    return seen.made(last[which]) if seen.size > 1 else None


def _range(seen: Seen) -> str | None:
    return f"{_end(seen, 0)}-{_end(seen, 1)}" if seen.network().size > 1 else None


def _number(seen: Seen) -> Any:
    return int(seen.ip) if seen.alone else f"{int(seen.ip)}/{seen.at.network.prefixlen}"


def _6to4(seen: Seen) -> Any:
    ip = seen.ip
    if isinstance(ip, IPv6Address):
        inside = ip.sixtofour is not None and (seen.alone or not seen.is_network)
        return seen.value if inside else False
    if seen.is_network or ip.is_multicast:
        return False
    part = ip.packed.hex()
    return f"2002:{part[:4]}:{part[4:]}::1/48"


def _v4(seen: Seen) -> Any:
    ip = seen.ip
    if isinstance(ip, IPv4Address):
        return seen.value
    mapped = ip.ipv4_mapped or (IPv4Address(int(ip)) if int(ip) >> 32 == 0 else None)
    return False if mapped is None else f"{mapped}/{max(0, seen.at.network.prefixlen - 96)}"


def _v6(seen: Seen) -> Any:
    if isinstance(seen.ip, IPv6Address):
        return seen.value
    return f"::ffff:{seen.ip}/{seen.at.network.prefixlen + 96}"


def _wrap(seen: Seen) -> Any:
    if seen.at.version == 4:
        return seen.value
    return f"[{seen.text}]" if seen.alone else f"[{seen.text}]/{seen.at.network.prefixlen}"


def _if(holds: Callable[[Any], bool]) -> Callable[[Seen], Any]:
    """Return a query that gives the value back where its address is of a kind."""
    return lambda seen: seen.value if holds(seen.ip) else None


def _private(ip: Any) -> bool:
    """Whether an address means nothing on the Internet; what only wraps another address never does."""
    wraps = isinstance(ip, IPv6Address) and (ip.ipv4_mapped is not None or ip.sixtofour is not None)
    return bool(wraps or not ip.is_global)


def _public(ip: Any) -> bool:
    return not (_private(ip) or ip.is_multicast or ip.is_reserved)


def _usable_size(seen: Seen) -> int:
    return 0 if seen.size == 1 else 2 if seen.size == 2 else seen.size - 2


QUERIES: dict[str, Callable[[Seen], Any]] = {
    "": _written,
    "6to4": _6to4,
    "bool": lambda seen: seen is not None,
    "broadcast": lambda seen: str(seen.at.network[-1]) if seen.size > 2 else None,
    "cidr": lambda seen: seen.prefixed,
    "first_usable": lambda seen: _end(seen, 0),
    "last_usable": lambda seen: _end(seen, 1),
    "next_usable": lambda seen: _beside(seen, 1),
    "previous_usable": lambda seen: _beside(seen, -1),
    "range_usable": _range,
    "host": _host,
    "int": _number,
    "ip/prefix": lambda seen: seen.prefixed if _inside(seen) else None,
    "ip_netmask": lambda seen: f"{seen.ip} {seen.at.netmask}" if _inside(seen) else None,
    "link-local": _if(lambda ip: ip.is_link_local),
    "multicast": _if(lambda ip: ip.is_multicast),
    "unicast": _if(lambda ip: not ip.is_multicast),
    "private": _if(_private),
    "public": _if(_public),
    "net": lambda seen: seen.prefixed if seen.is_network else None,
    "netmask": lambda seen: str(seen.at.netmask),
    "network_netmask": lambda seen: f"{shown(seen.at.network.network_address)} {seen.at.netmask}",
    "network_wildcard": lambda seen: f"{shown(seen.at.network.network_address)} {seen.at.hostmask}",
    "peer": _peer,
    "prefix": lambda seen: seen.at.network.prefixlen,
    "revdns": lambda seen: seen.ip.reverse_pointer + ".",
    "size": lambda seen: seen.size,
    "size_usable": _usable_size,
    "type": lambda seen: "network" if seen.is_network else "address",
    "version": lambda seen: seen.at.version,
    "wrap": _wrap,
    **dict.fromkeys(("ip", "address"), _address),
    **dict.fromkeys(("address/prefix", "gateway", "gw", "host/prefix", "hostnet", "router"), _hosted),
    **dict.fromkeys(("hostmask", "wildcard"), lambda seen: str(seen.at.hostmask)),
    **dict.fromkeys(("network", "network_id"), lambda seen: shown(seen.at.network.network_address)),
    **dict.fromkeys(("subnet", "network/prefix"), _subnet),
    **dict.fromkeys(("loopback", "lo"), _if(lambda ip: ip.is_loopback)),
    **dict.fromkeys(("ipv4", "v4"), _v4),
    **dict.fromkeys(("ipv6", "v6"), _v6),
}
