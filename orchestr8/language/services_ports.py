"""Published ports in Compose's forms: `8080`, `80:8080`, `127.0.0.1::8080/udp`, ranges, and mappings."""

from __future__ import annotations

import ipaddress
import re

from orchestr8.deploy.workload import PortBinding
from orchestr8.language.services_node import PORT, Node
from orchestr8.language.services_table import read_table
from orchestr8.language.services_values import choice, each, text

_FORM = re.compile(
    r"(?:(?:(?P<ip>\[[^\]]*\]|[^:\[\]]+):)?(?P<host>[\d-]*):)?(?P<container>[\d-]+)(?:/(?P<protocol>\w+))?"
)
_HINT = 'for instance "8080", "80:8080" or "127.0.0.1::8080/tcp"'


def ports(node: Node) -> tuple[PortBinding, ...]:
    """Return all bindings in order, each once."""
    found = [b for group in each(node.items(), _one) for b in group]
    fixed: dict[tuple[str, int, str], PortBinding] = {}
    for binding in dict.fromkeys(found):
        key = (binding.host_ip, binding.host_port or 0, binding.protocol)
        if binding.host_port is not None and key in fixed:
            raise node.error(PORT, f"host port {binding.host_port}/{binding.protocol} is given twice")
        fixed[key] = binding
    return tuple(dict.fromkeys(found))


def _one(node: Node) -> list[PortBinding]:
    return _long(node) if isinstance(node.settled().value, dict) else _short(node)


def _short(node: Node) -> list[PortBinding]:
    found = _FORM.fullmatch(text(node).strip())
    if found is None:
        raise node.error(PORT, f"`{node.value}` is no port", _HINT)
    host = _range(node, found["host"]) if found["host"] else []
    return _paired(
        node, _range(node, found["container"]), host, found["ip"] or "", found["protocol"] or "tcp"
    )


def _long(node: Node) -> list[PortBinding]:
    readers = {
        "target": text,
        "published": text,
        "host_ip": text,
        "protocol": text,
        "mode": choice("host", "ingress"),
        "name": text,
        "app_protocol": text,
    }
    given = read_table(node, "a port", readers)
    if "target" not in given:
        raise node.error(PORT, "a port needs `target`", _HINT)
    host = _range(node, given["published"]) if given.get("published") else []
    protocol = given.get("protocol", "tcp")
    return _paired(node, _range(node, given["target"]), host, given.get("host_ip", ""), protocol)


def _range(node: Node, word: str) -> list[int]:
    first, _, last = word.partition("-")
    if not first.isdecimal() or not (last or first).isdecimal() or len(first + last) > 10:
        raise node.error(PORT, f"`{word}` is no port", _HINT)
    low, high = int(first), int(last or first)
    if not 1 <= low <= high <= 65535:
        raise node.error(PORT, f"`{word}` is outside 1-65535")
    return list(range(low, high + 1))


def _paired(node: Node, container: list[int], host: list[int], ip: str, protocol: str) -> list[PortBinding]:
    if protocol not in ("tcp", "udp", "sctp"):
        raise node.error(PORT, f"`{protocol}` is no protocol; there are tcp, udp and sctp")
    if host and len(host) != len(container):
        raise node.error(PORT, f"{len(host)} host ports cannot go to {len(container)} container ports")
    address = _address(node, ip.strip("[]"))
    published: list[int | None] = [*host] or [None for _ in container]
    return [PortBinding(c, protocol, h, address) for c, h in zip(container, published, strict=True)]


def _address(node: Node, ip: str) -> str:
    if not ip:
        return ""
    try:
        return str(ipaddress.ip_address(ip))
    except ValueError:
        raise node.error(PORT, f"`{ip}` is no IP address", _HINT) from None
