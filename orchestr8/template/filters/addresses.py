"""Filters for IP and MAC addresses: `ipaddr` and its kin, by the standard library's arithmetic."""

from __future__ import annotations

import random as dice
import re
from collections.abc import Callable, Iterable
from ipaddress import (
    IPv4Address,
    IPv6Address,
    collapse_addresses,
    ip_address,
    ip_interface,
    ip_network,
    summarize_address_range,
)
from typing import Any

from orchestr8.template.filters.address_queries import QUERIES, Seen

_LARGEST_4 = (1 << 32) - 1
_MAC_OCTETS = 6


def ipaddr(value: Any, query: Any = "", version: int | None = None, alias: str = "ipaddr") -> Any:
    """Return what a query says of an address or network, False for what is none; a list keeps what is one."""
    if not isinstance(value, (str, bytes)) and isinstance(value, Iterable):
        found = [ipaddr(item, query, version, alias) for item in value]
        return [item for item in found if item]
    seen = _seen(value, version)
    if seen is None or (version and seen.at.version != version):
        return False
    name = str(query)
    if name in QUERIES:
        return QUERIES[name](seen)
    return _nth_or_within(seen, name, alias)


def _nth_or_within(seen: Seen, query: str, alias: str) -> Any:
    if re.fullmatch(r"-?\d+", query):
        if seen.size == 1:
            return QUERIES[""](seen)
        number = int(query)
        if not -seen.size <= number < seen.size:
            return False
        return f"{seen.at.network[number]}/{seen.at.network.prefixlen}"
    try:
        network: Any = ip_network(query, strict=False)
    except ValueError:
        raise ValueError(f"{alias}: unknown filter type: {query}") from None
    same = network.version == seen.at.version
    return seen.value if same and seen.at.network.subnet_of(network) else None


def _seen(value: Any, version: int | None = None) -> Seen | None:
    if not value or value is True:
        return None
    text = str(value)
    try:
        if text.isdigit():
            number = int(text)
            kind = IPv6Address if version == 6 or number > _LARGEST_4 else IPv4Address
            at = ip_interface(kind(number))
            return Seen(at, alone=True, value=str(at))
        address, slash, prefix = text.partition("/")
        if slash and address.isdigit():
            at = ip_interface(f"{ip_address(int(address))}/{prefix}")
            return Seen(at, alone=False, value=str(at))
        return Seen(ip_interface(text), alone=not slash, value=value)
    except ValueError:
        return None


def _of_version(version: int, alias: str) -> Callable[..., Any]:
    def narrowed(value: Any, query: Any = "") -> Any:
        return ipaddr(value, query, version, alias)

    return narrowed


def ipwrap(value: Any, query: Any = "") -> Any:
    """Return IPv6 addresses in brackets, all else as it is."""
    if isinstance(value, (list, tuple)):
        return [ipwrap(item, query) for item in value]
    found = ipaddr(value, query) if value and value is not True else False
    return ipaddr(found, "wrap") if found else value


def ipsubnet(value: Any, query: Any = "", index: Any = None) -> Any:
    """Return an address's network, how many of a size it has, the one of an index, or a subnet's place."""
    seen = _seen(value)
    if seen is None:
        return False
    if query in ("", None):
        return str(seen.at.network)
    if not str(query).isdigit():
        return _rank(seen, str(query))
    prefix = int(query)
    if prefix > seen.at.max_prefixlen:
        raise ValueError(f"You must pass a prefix of at most {seen.at.max_prefixlen}; {query} is not")
    return _parts(seen, prefix, index)


def _parts(seen: Seen, prefix: int, index: Any) -> Any:
    """Return how many parts a network has or one of them; for an address the networks around it."""
    own: Any = seen.at.network
    if seen.alone:
        wanted = prefix if index is None else range(prefix, own.prefixlen)[int(index) :][:1]
        lengths = [wanted] if isinstance(wanted, int) else list(wanted)
        return str(own.supernet(new_prefix=lengths[0])) if lengths else False
    if prefix < own.prefixlen and index is not None:
        return False
    if prefix < own.prefixlen:
        raise ValueError(f"{seen.value} is smaller than a network of prefix {prefix}")
    count = 1 << (prefix - own.prefixlen)
    if index is None:
        return str(count)
    number = int(index)
    return str(_nth(own, prefix, number)) if -count <= number < count else False


def _nth(network: Any, prefix: int, number: int) -> Any:
    """Return a network's part of a number without making all of them."""
    count = 1 << (prefix - network.prefixlen)
    start = int(network.network_address) + (number % count) * (1 << (network.max_prefixlen - prefix))
    return ip_network(f"{type(network.network_address)(start)}/{prefix}")


def _rank(seen: Seen, query: str) -> Any:
    """Return which part of a network, counted from 1, a subnet is."""
    whole: Any = ip_network(query, strict=False)
    own: Any = seen.at.network
    if own.version != whole.version or not own.subnet_of(whole):
        raise ValueError(f"{seen.value} is not in the subnet {query}")
    return str(
        ((int(own.network_address) - int(whole.network_address)) >> (own.max_prefixlen - own.prefixlen)) + 1
    )


def ipmath(value: Any, amount: Any) -> str:
    """Return an address so many further."""
    seen = _seen(value)
    if seen is None:
        raise ValueError(f"You must pass a valid IP address; {value} is invalid")
    if isinstance(amount, bool) or not isinstance(amount, int):
        raise TypeError(f"You must pass an integer for arithmetic; {amount} is not a valid integer")
    return seen.made(int(seen.ip) + amount)


def nthhost(value: Any, query: Any = "") -> Any:
    """Return a network's address of an index, False where it has none."""
    seen = _seen(value)
    if seen is None or query in ("", None):
        return False
    number = int(query)
    return str(seen.at.network[number]) if -seen.size <= number < seen.size else False


def next_nth_usable(value: Any, offset: Any) -> Any:
    """Return the address so many after, None where no host can have it."""
    return _usable_at(value, int(offset))


def previous_nth_usable(value: Any, offset: Any) -> Any:
    """Return the address so many before, None where no host can have it."""
    return _usable_at(value, -int(offset))


def _usable_at(value: Any, step: int) -> Any:
    seen = _seen(value)
    if seen is None:
        return False
    first, last = seen.network().usable
    number = int(seen.ip) + step
    return seen.made(number) if seen.size > 1 and first <= number <= last else None


def usable_range(ip: Any) -> dict[str, Any]:
    """Return every address of a network and how many there are."""
    seen = _seen(ip)
    if seen is None:
        raise ValueError(f"{ip} is no IP address or network")
    if seen.size > 1 << 16:
        raise ValueError(f"{ip} has {seen.size} addresses; at most 65536 can be listed")
    return {"usable_ips": [str(one) for one in seen.at.network], "number_of_ips": seen.size}


def network_in_network(value: Any, test: Any) -> bool:
    """Return whether a network holds another or an address."""
    whole, part = _seen(value), _seen(test)
    return _holds(whole, part)


def network_in_usable(value: Any, test: Any) -> bool:
    """Return whether an address, or all of a network, is one that a host of a network can have."""
    whole, part = _seen(value), _seen(test)
    if whole is None or part is None or not _holds(whole, part):
        return False
    first, last = whole.usable
    return first <= int(part.at.network[0]) and int(part.at.network[-1]) <= last


def _holds(whole: Seen | None, part: Seen | None) -> bool:
    if whole is None or part is None or whole.at.version != part.at.version:
        return False
    inner: Any = part.at.network
    return bool(inner.subnet_of(whole.at.network))


def reduce_on_network(value: Any, network: Any) -> list[Any]:
    """Return the addresses of a list that a network holds."""
    return [item for item in value if network_in_network(network, item)]


def cidr_merge(value: Any, action: str = "merge") -> Any:
    """Return the fewest networks that hold the same addresses, or with `span` the one around all."""
    if not isinstance(value, (list, tuple)):
        raise TypeError(f"cidr_merge: expected a list, got {type(value).__name__}")
    networks: list[Any] = [ip_interface(str(item)).network for item in value]
    if action == "merge":
        merged: list[Any] = []
        for version in (4, 6):
            merged += collapse_addresses(network for network in networks if network.version == version)
        return [str(network) for network in merged]
    if action == "span":
        return str(_span(networks)) if networks else None
    raise ValueError(f"cidr_merge: invalid action '{action}'")


def _span(networks: list[Any]) -> Any:
    first = min(network[0] for network in networks)
    last = max(network[-1] for network in networks)
    around = next(iter(summarize_address_range(first, last)))
    while last not in around:
        around = around.supernet()
    return around


def ipcut(value: Any, amount: int) -> str:
    """Return the first bits of an IPv6 or IPv4 address, or the last for a negative amount, as text."""
    address = ip_address(str(value).partition("/")[0])
    parts = address.exploded.split(":" if address.version == 6 else ".")
    width = 16 if address.version == 6 else 8
    count = abs(amount) // width
    kept = parts[:count] if amount > 0 else parts[len(parts) - count :]
    if address.version == 6:
        return ":".join(part.lstrip("0") or "0" for part in kept)
    return ".".join(kept)


def ip4_hex(value: Any, delimiter: str = "") -> str:
    """Return an IPv4 address's bytes as hexadecimal digits."""
    return delimiter.join(f"{byte:02x}" for byte in IPv4Address(str(value)).packed)


def ipv6form(value: Any, form: str) -> str:
    """Return an IPv6 address in a form: compress, expand or x509."""
    address = IPv6Address(str(value))
    if form == "expand":
        return address.exploded
    if form == "x509":
        return ":".join(part.lstrip("0") or "0" for part in address.exploded.split(":"))
    return address.compressed


def slaac(value: Any, query: Any = "") -> Any:
    """Return the IPv6 address that a MAC address gives itself in a network."""
    seen = _seen(value)
    if seen is None or seen.at.version != 6 or seen.size <= 1:
        return False
    octets = bytearray(_octets(query) or b"")
    if not octets:
        return False
    octets[0] ^= 2
    suffix = int.from_bytes(octets[:3] + b"\xff\xfe" + octets[3:], "big")
    return seen.made(int(seen.ip) + suffix)


def hwaddr(value: Any, query: str = "", alias: str = "hwaddr") -> Any:
    """Return a MAC address in a notation, None for what is none."""
    octets = _octets(value)
    if query == "bool":
        return True if octets else None
    if octets is None:
        if query:
            raise ValueError(f"{alias}: not a hardware address: {value}")
        return None
    if query not in _NOTATIONS:
        raise ValueError(f"{alias}: unknown filter type: {query}")
    return value if query == "" else _NOTATIONS[query](octets.hex())


def macaddr(value: Any, query: str = "") -> Any:
    """Return a MAC address in a notation, None for what is none."""
    return hwaddr(value, query, "macaddr")


def random_mac(value: Any, seed: Any = None) -> str:
    """Return a MAC address that begins with the octets given; a seed gives the same one again."""
    if not isinstance(value, str):
        raise TypeError(f"Invalid value type ({type(value)}) for random_mac ({value})")
    given = value.lower().split(":")
    if len(given) > _MAC_OCTETS - 1:
        raise ValueError(f"Invalid value ({value}) for random_mac: 5 colon(:) separated items max")
    wrong = [each for each in given if not re.fullmatch(r"[a-f0-9]{2}", each)]
    if wrong:
        said = ",".join(f"{each} not hexa byte" if each else "empty item" for each in wrong)
        raise ValueError(f"Invalid value ({value.lower()}) for random_mac: {said}")
    source = dice.SystemRandom() if seed is None else dice.Random(seed)  # noqa: S311
    # The reference draws ten digits of which the first is not zero: a seed has to give the same address.
    digits = f"{source.randint(1 << 36, (1 << 40) - 1):x}"[: 2 * (_MAC_OCTETS - len(given))]
    return f"{value.lower()}:{_cut(digits, 2, ':')}"


def _octets(value: Any) -> bytes | None:
    digits = re.sub(r"[:.\-]", "", str(value))
    return bytes.fromhex(digits) if re.fullmatch(r"[0-9A-Fa-f]{12}", digits) else None


def _cut(digits: str, size: int, mark: str) -> str:
    return mark.join(digits[at : at + size] for at in range(0, len(digits), size))


_NOTATIONS: dict[str, Callable[[str], Any]] = {
    "": str,
    "bare": str.upper,
    "cisco": lambda digits: _cut(digits, 4, "."),
    "int": lambda digits: int(digits, 16),
    "linux": lambda digits: _cut(digits, 2, ":"),
    "pgsql": lambda digits: _cut(digits, 6, ":"),
    "postgresql": lambda digits: _cut(digits, 6, ":"),
    "psql": lambda digits: _cut(digits, 6, ":"),
    "unix": lambda digits: ":".join(part.lstrip("0") or "0" for part in _cut(digits, 2, ":").split(":")),
    "win": lambda digits: _cut(digits.upper(), 2, "-"),
    "eui48": lambda digits: _cut(digits.upper(), 2, "-"),
}
NAMES: dict[str, Callable[..., Any]] = {
    "cidr_merge": cidr_merge,
    "hwaddr": hwaddr,
    "ip4_hex": ip4_hex,
    "ipaddr": ipaddr,
    "ipcut": ipcut,
    "ipmath": ipmath,
    "ipsubnet": ipsubnet,
    "ipv4": _of_version(4, "ipv4"),
    "ipv6": _of_version(6, "ipv6"),
    "ipv6form": ipv6form,
    "ipwrap": ipwrap,
    "macaddr": macaddr,
    "network_in_network": network_in_network,
    "network_in_usable": network_in_usable,
    "next_nth_usable": next_nth_usable,
    "nthhost": nthhost,
    "previous_nth_usable": previous_nth_usable,
    "random_mac": random_mac,
    "reduce_on_network": reduce_on_network,
    "slaac": slaac,
    "usable_range": usable_range,
}
