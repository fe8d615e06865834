"""Where a bed lives: its names, addresses and files on disk."""

from __future__ import annotations

import os
import re
import zlib
from dataclasses import dataclass
from ipaddress import IPv4Network
from pathlib import Path

from tests.bed.command import BedError

PROJECT = Path(__file__).resolve().parents[2]
FILES = Path(__file__).resolve().parent / "files"
LABEL = "o8.bed"
REGISTRY_PORT = 5000
SUBNETS = {"demo": "10.83.0.0/24", "test": "10.83.1.0/24", "test2": "10.83.252.0/24"}


@dataclass(frozen=True)
class Layout:
    """One bed's name and network, from which every other name follows."""

    name: str
    subnet: IPv4Network

    @property
    def state(self) -> Path:
        """The folder with the bed's keys and facts."""
        return PROJECT / ".bed" / self.name

    @property
    def key(self) -> Path:
        """The private key that opens every account of the bed."""
        return self.state / "id_ed25519"

    @property
    def known_hosts(self) -> Path:
        """The host keys of the bed's hosts."""
        return self.state / "known_hosts"

    @property
    def network(self) -> str:
        """The docker network's name."""
        return f"o8-{self.name}"

    @property
    def label(self) -> str:
        """The label on everything the bed makes."""
        return f"{LABEL}={self.name}"

    @property
    def registry(self) -> str:
        """The registry's address as hosts write it in image names."""
        return f"{self.address(2)}:{REGISTRY_PORT}"

    def address(self, number: int) -> str:
        """The fixed address with this number in the subnet."""
        return str(self.subnet.network_address + number)

    def container(self, role: str) -> str:
        """The name of the container that plays this role."""
        return f"o8-{self.name}-{role}"


def layout(name: str) -> Layout:
    """The bed of this name; `O8_BED_SUBNET` (demo) or `O8_BED_SUBNET_<NAME>` moves its network."""
    if not re.fullmatch(r"[a-z0-9]+", name):
        raise BedError(f"a bed's name has only lower-case letters and digits, not {name!r}")
    variable = "O8_BED_SUBNET" if name == "demo" else f"O8_BED_SUBNET_{name.upper()}"
    wanted = (
        os.environ.get(variable) or SUBNETS.get(name) or f"10.83.{2 + zlib.crc32(name.encode()) % 250}.0/24"
    )
    try:
        subnet = IPv4Network(wanted)
    except ValueError as wrong:
        raise BedError(f"{variable}={wanted} is not an IPv4 network: {wrong}") from wrong
    if subnet.prefixlen > 24:
        raise BedError(f"{variable}={wanted} is too small: a bed needs a /24")
    return Layout(name, subnet)
