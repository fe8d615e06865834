"""What a TCP port does: takes connections, says something, still has some."""

import re
import socket
import time
from typing import Any, List, Optional, Sequence, Set

STATES = {
    "ESTABLISHED": "01",
    "SYN_SENT": "02",
    "SYN_RECV": "03",
    "FIN_WAIT1": "04",
    "FIN_WAIT2": "05",
    "TIME_WAIT": "06",
}
_ANY = ("0.0.0.0", "::", "::ffff:0.0.0.0")


def listens(host: str, port: int, patience: float) -> bool:
    """Return whether a connection can be made."""
    try:
        socket.create_connection((host, port), patience).close()
    except OSError:
        return False
    return True


def says(host: str, port: int, patience: float, wanted: "re.Pattern[bytes]", end: float) -> Any:
    """Return the match of what a server sends, None when it sends something else until `end`."""
    heard = b""
    try:
        with socket.create_connection((host, port), patience) as line:
            while time.monotonic() < end:
                line.settimeout(max(0.01, end - time.monotonic()))
                part = line.recv(4096)
                heard += part
                match = wanted.search(heard)
                if match or not part:
                    return match
    except OSError:
        return None
    return None


def active(host: str, port: Optional[int], states: Sequence[str], excluded: Sequence[str]) -> int:
    """Return how many connections of a local port are in one of the states, but for some remote hosts."""
    wanted = {STATES[state] for state in states}
    local = _addresses(host)
    ignored: Set[str] = set()
    for name in excluded:
        ignored |= _addresses(name)
    count = 0
    for table in ("/proc/net/tcp", "/proc/net/tcp6"):
        for words in _rows(table):
            (here, number), (there, _) = endpoint(words[1]), endpoint(words[2])
            fits = words[3] in wanted and (port is None or number == port)
            if fits and there not in ignored and (here in local or local.intersection(_ANY)):
                count += 1
    return count


def _rows(table: str) -> List[List[str]]:
    try:
        with open(table, encoding="ascii") as stream:
            return [line.split() for line in stream.readlines()[1:]]
    except OSError:
        return []


def endpoint(text: str) -> Any:
    """Return address and port out of the kernel's form: words of four bytes in the machine's order."""
    import struct

    address, port = text.split(":")
    data = bytes.fromhex(address)
    words = [struct.unpack(">I", data[at : at + 4])[0] for at in range(0, len(data), 4)]
    packed = struct.pack("=%dI" % len(words), *words)
    family = socket.AF_INET if len(packed) == 4 else socket.AF_INET6
    name = socket.inet_ntop(family, packed)
    return (name[7:] if name.startswith("::ffff:") else name), int(port, 16)


def _addresses(host: str) -> Set[str]:
    try:
        return {str(found[4][0]) for found in socket.getaddrinfo(host, None)}
    except OSError:
        return {host}
