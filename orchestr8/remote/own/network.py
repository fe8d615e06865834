"""`ansible.module_utils.common.network`: addresses."""

import re
from ipaddress import IPv4Network, IPv6Network
from typing import Any

VALID_MASKS = [2**8 - 2**i for i in range(9)]


def is_netmask(val: Any) -> bool:
    """Return whether a text is a netmask."""
    parts = str(val).split(".")
    try:
        return len(parts) == 4 and all(int(part) in VALID_MASKS for part in parts)
    except ValueError:
        return False


def is_masklen(val: Any) -> bool:
    """Return whether a value is the length of a prefix."""
    try:
        return 0 <= int(val) <= 32
    except (TypeError, ValueError):
        return False


def to_netmask(val: Any) -> str:
    """Return the netmask of a prefix's length."""
    if not is_masklen(val):
        raise ValueError("invalid value for masklen")
    return str(IPv4Network("0.0.0.0/%d" % int(val)).netmask)


def to_masklen(val: Any) -> int:
    """Return the length of a netmask's prefix."""
    if not is_netmask(val):
        raise ValueError("invalid value for netmask: %s" % val)
    return sum(bin(int(part)).count("1") for part in val.split("."))


def to_subnet(addr: str, mask: Any, dotted_notation: bool = False) -> str:
    """Return the network of an address."""
    found = IPv4Network("%s/%s" % (addr, mask), strict=False)
    return "%s %s" % (found.network_address, found.netmask) if dotted_notation else str(found)


def to_ipv6_network(addr: str) -> str:
    """Return the first 48 bits of an address."""
    return str(IPv6Network("%s/48" % addr, strict=False).network_address)


def to_ipv6_subnet(addr: str) -> str:
    """Return the first 64 bits of an address."""
    return str(IPv6Network("%s/64" % addr, strict=False).network_address)


def is_mac(mac_address: str) -> bool:
    """Return whether a text is a hardware address."""
    return bool(re.match(r"[0-9a-f]{2}([-:])[0-9a-f]{2}(\1[0-9a-f]{2}){4}$", mac_address.lower()))
