"""Where edges find the containers of a host."""

from __future__ import annotations

import socket
from collections.abc import Mapping
from ipaddress import ip_address
from typing import Any


def named_address(name: str, variables: Mapping[str, Any]) -> str:
    """Return the address of a host by its variables: `o8_address`, or where it is reached itself."""
    keys = ("o8_address", "ansible_host", "ansible_ssh_host")
    return next((str(variables[key]) for key in keys if variables.get(key)), name)


def numeric(address: str) -> str:
    """Return an address in digits, looked up when it is a name; empty when there is none of that name."""
    try:
        return str(ip_address(address))
    except ValueError:
        pass
    try:
        found = socket.getaddrinfo(address, None, type=socket.SOCK_STREAM)
    except OSError:
        return ""
    return str(min(found, key=lambda info: info[0] != socket.AF_INET)[4][0])
