"""Names and texts that may stand in HAProxy's configuration and commands, and nothing else."""

from __future__ import annotations

import re
from ipaddress import ip_address

from orchestr8.core.errors import Diagnostic
from orchestr8.engine.services.traffic import TrafficError

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.:-]{0,200}")
_TOKEN = re.compile(r"[A-Za-z0-9!#$%&*+.^_|~-]{1,100}")
_VALUE = re.compile(r"[ !#-&(-\[\]-~]{0,400}")
_HOST = re.compile(r"(\*\.)?[A-Za-z0-9]([A-Za-z0-9-]{0,62}\.?)+")
_PATH = re.compile(r"/[A-Za-z0-9._~!$&'()*+,;=:@%/-]{0,1000}")


SIDES = ("a", "b")
"""The two pools of a service; one is live, and preview members are in the other."""

CANARY = "canary"
"""The pool of those canary members that a request can ask for."""

SWITCH = "switch"
"""The pool that says which side is live: `b` when its only server is up."""


def pool_name(project: str, service: str, part: str) -> str:
    """Return the name of one of a service's backends."""
    return name(f"o8.{project}.{service}:{part}")


def certificate(project: str, service: str) -> str:
    """Return the name of the file of a service's certificate and key."""
    return name(f"{project}.{service}") + ".pem"


def token(text: str) -> str:
    """Return the name of a header or cookie."""
    return _matched(_TOKEN, text, "header or cookie")


def value(text: str) -> str:
    """Return the value of a header or cookie, quoted for the configuration."""
    return "'" + _matched(_VALUE, text, "value of a header or cookie") + "'"


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


def refused(why: str, hint: str | None = None, code: str = "O8-3501") -> TrafficError:
    """Return an error of a balancer."""
    return TrafficError(Diagnostic(code, why, hint=hint))


def _matched(pattern: re.Pattern[str], text: str, what: str) -> str:
    if not pattern.fullmatch(text):
        raise refused(f"`{text}` cannot be a {what} of a load balancer")
    return text
