"""Asks the kernel for addresses and routes over netlink, as `ip` does, without starting it."""

import socket
import struct
from typing import Dict, Iterator, List, NamedTuple, Optional, Tuple

_GET_ADDRESS, _NEW_ADDRESS = 22, 20
_GET_ROUTE, _NEW_ROUTE = 26, 24
_REQUEST, _DUMP = 0x1, 0x300
_ERROR, _DONE = 2, 3
_LOCAL_TABLE, _LOCAL_TYPE = 255, 2
SCOPES = {0: "global", 200: "site", 253: "link", 254: "host", 255: "nowhere"}

Address = NamedTuple(
    "Address",
    [
        ("family", int),
        ("index", int),
        ("address", str),
        ("prefix", int),
        ("scope", str),
        ("broadcast", str),
        ("label", str),
        ("secondary", bool),
    ],
)
Route = NamedTuple("Route", [("index", int), ("gateway", str), ("source", str)])


def addresses() -> List[Address]:
    """Return every address of every interface."""
    found = []
    for kind, body in _ask(_GET_ADDRESS, _DUMP, struct.pack("BBBBI", 0, 0, 0, 0, 0)):
        if kind == _NEW_ADDRESS:
            found.append(_address(body))
    return [address for address in found if address is not None]


def _address(body: bytes) -> Optional[Address]:
    family, prefix, flags, scope, index = struct.unpack_from("BBBBI", body)
    if family not in (socket.AF_INET, socket.AF_INET6):
        return None
    attributes = _attributes(body[8:])
    # On a point-to-point link 1 is the peer's address and 2 our own.
    raw = attributes.get(2) or attributes.get(1, b"")
    broadcast = _shown(family, attributes.get(4, b""))
    label = attributes.get(3, b"").rstrip(b"\0").decode()
    secondary = family == socket.AF_INET and bool(flags & 0x01)
    scope_name = SCOPES.get(scope, str(scope))
    return Address(family, index, _shown(family, raw), prefix, scope_name, broadcast, label, secondary)


def route_to(family: int, destination: str) -> Optional[Route]:
    """Return the way to a destination, or None when there is none."""
    raw = socket.inet_pton(family, destination)
    header = struct.pack("BBBBBBBBI", family, len(raw) * 8, 0, 0, 0, 0, 0, 0, 0)
    body = header + struct.pack("HH", 4 + len(raw), 1) + raw
    for kind, answer in _ask(_GET_ROUTE, 0, body):
        if kind == _NEW_ROUTE:
            found = _attributes(answer[12:])
            if 4 not in found or answer[7] not in (1, _LOCAL_TYPE):
                return None
            index = struct.unpack("I", found[4])[0]
            return Route(index, _shown(family, found.get(5, b"")), _shown(family, found.get(7, b"")))
    return None


def local_destinations(family: int) -> List[str]:
    """Return the addresses and networks the host answers for itself."""
    found = []
    for kind, body in _ask(_GET_ROUTE, _DUMP, struct.pack("BBBBBBBBI", family, 0, 0, 0, 0, 0, 0, 0, 0)):
        if kind != _NEW_ROUTE or body[7] != _LOCAL_TYPE:
            continue
        attributes = _attributes(body[12:])
        table = struct.unpack("I", attributes[15])[0] if 15 in attributes else body[4]
        if table == _LOCAL_TABLE and 1 in attributes:
            shown = _shown(family, attributes[1])
            full = body[1] == len(attributes[1]) * 8
            found.append(shown if full else f"{shown}/{body[1]}")
    return sorted(set(found))


def _shown(family: int, raw: bytes) -> str:
    return socket.inet_ntop(family, raw) if raw else ""


def _attributes(body: bytes) -> Dict[int, bytes]:
    found = {}
    offset = 0
    while offset + 4 <= len(body):
        length, kind = struct.unpack_from("HH", body, offset)
        if length < 4:
            break
        found[kind] = body[offset + 4 : offset + length]
        offset += (length + 3) & ~3
    return found


def _ask(kind: int, flags: int, body: bytes) -> Iterator[Tuple[int, bytes]]:
    """Yield the kind and body of each message of the kernel's answer."""
    link = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 0)
    try:
        link.settimeout(2)
        link.sendto(struct.pack("IHHII", 16 + len(body), kind, flags | _REQUEST, 1, 0) + body, (0, 0))
        while True:
            data = link.recv(1 << 17)
            for answer, content in _messages(data):
                if answer in (_DONE, _ERROR):
                    return
                yield answer, content
            if not flags & _DUMP:
                return
    except OSError:
        return
    finally:
        link.close()


def _messages(data: bytes) -> Iterator[Tuple[int, bytes]]:
    offset = 0
    while offset + 16 <= len(data):
        length, kind = struct.unpack_from("IH", data, offset)
        if length < 16:
            return
        yield kind, data[offset + 16 : offset + length]
        offset += (length + 3) & ~3
