"""Names and texts that may stand in HAProxy's configuration and commands, and nothing else."""

from __future__ import annotations

import re
from ipaddress import ip_address

from orchestr8.core.errors import Diagnostic
from orchestr8.engine.services.traffic import TrafficError

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.:-]{0,200}")
_HOST = re.compile(r"(\*\.)?[A-Za-z0-9]([A-Za-z0-9-]{0,62}\.?)+")
_PATH = re.compile(r"/[A-Za-z0-9._~!$&'()*+,;=:@%/-]{0,1000}")


def pool_name(project: str, service: str) -> str:
    """Return the name of a service's backend."""
    return name(f"o8.{project}.{service}")


def name(text: str) -> str:
    """Return a name that is one word for HAProxy; raise TrafficError for any other."""
    return _matched(_NAME, text, "name")


def host(text: str) -> str:
    """Return a host name, `*.` in front allowed."""
    return _matched(_HOST, text, "host name").lower()


def path(text: str) -> str:
    """Return the start of a path, quoted for the configuration."""
    return "'" + _matched(_PATH, text, "path").replace("'", "'\\''") + "'"


def address(text: str, port: int) -> str:
    """Return address and port as HAProxy writes them."""
    try:
        found = ip_address(text)
    except ValueError:
        raise refused(f"`{text}` is not an address") from None
    return f"[{found}]:{port}" if found.version == 6 else f"{found}:{port}"


def refused(why: str, hint: str | None = None) -> TrafficError:
    """Return an error of a balancer."""
    return TrafficError(Diagnostic("O8-3501", why, hint=hint))


def _matched(pattern: re.Pattern[str], text: str, what: str) -> str:
    if not pattern.fullmatch(text):
        raise refused(f"`{text}` cannot be a {what} of a load balancer")
    return text
