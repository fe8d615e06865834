"""Lines of a known_hosts file: which host and which kind of key they are for."""

import base64
import binascii
import hashlib
import hmac
import os
from typing import List, NamedTuple, Optional

from orchestr8.remote.module import Failure

Line = NamedTuple("Line", [("text", str), ("marker", str), ("hosts", str), ("kind", str), ("key", str)])


def parsed(text: str) -> Optional[Line]:
    """Return the parts of a line, None of a comment or an empty one."""
    words = text.split()
    if not words or words[0].startswith("#"):
        return None
    marker = words.pop(0) if words[0].startswith("@") else ""
    return Line(text, marker, words[0], words[1], words[2]) if len(words) > 2 else None


def is_for(line: Line, host: str) -> bool:
    """Tell whether the line names the host, in the clear or hashed."""
    if line.hosts.startswith("|1|"):
        return _hash_fits(line.hosts, host)
    return host.lower() in line.hosts.lower().split(",")


def _hash_fits(hashed: str, host: str) -> bool:
    parts = hashed.split("|")
    try:
        salt = base64.b64decode(parts[2])
    except (IndexError, binascii.Error):
        return False
    return hmac.compare_digest(_digest(salt, host), parts[3] if len(parts) > 3 else "")


def _digest(salt: bytes, host: str) -> str:
    return base64.b64encode(hmac.new(salt, host.encode(), hashlib.sha1).digest()).decode()


def hashed(host: str) -> str:
    """Return the host's name in the form that does not give it away."""
    salt = os.urandom(20)
    return f"|1|{base64.b64encode(salt).decode()}|{_digest(salt, host)}"


def wanted(key: str, host: str, *, conceal: bool) -> List[Line]:
    """Return the lines that the given key text stands for; Failure when one is not for the host."""
    found = []
    for text in key.splitlines():
        line = parsed(text)
        if line is None:
            continue
        if not is_for(line, host):
            raise Failure("Host parameter does not match hashed host field in supplied key", host=host)
        if conceal and not line.hosts.startswith("|1|"):
            shown = " ".join(
                [
                    *([line.marker] if line.marker else []),
                    hashed(host),
                    *text.split()[bool(line.marker) + 1 :],
                ]
            )
            line = line._replace(text=shown, hosts=shown.split()[bool(line.marker)])
        found.append(line)
    if not found:
        raise Failure("No key to add: key must be a line of known_hosts, as ssh-keyscan prints it")
    return found
