"""Keys in OpenPGP files: taken out of their armour, told apart and named, without gpg."""

import base64
import hashlib
import re
from typing import List, NamedTuple, Tuple

from orchestr8.remote.module import Failure

PUBLIC, SUBKEY = 6, 14
_ARMOUR = re.compile(
    rb"-----BEGIN PGP PUBLIC KEY BLOCK-----\s*?\r?\n(.*?)-----END PGP PUBLIC KEY BLOCK-----", re.S
)

Key = NamedTuple("Key", [("fingerprint", str), ("subkeys", Tuple[str, ...]), ("data", bytes)])
"""A key: fingerprints of it and its subkeys, and its packets as they stand in a file."""


def keys(data: bytes) -> List[Key]:
    """Return the public keys of a file, armoured or not; Failure when it is no such file."""
    found: List[Key] = []
    for kind, body, whole in _packets(plain(data)):
        if kind == PUBLIC:
            found.append(Key(_fingerprint(body), (), whole))
        elif found:
            last = found[-1]
            more = (_fingerprint(body),) if kind == SUBKEY else ()
            found[-1] = Key(last.fingerprint, last.subkeys + more, last.data + whole)
    return found


def plain(data: bytes) -> bytes:
    """Return packets without armour."""
    if data[:1] and data[0] & 0x80:
        return data
    blocks = _ARMOUR.findall(data)
    if not blocks and data.strip():
        raise Failure("this is no OpenPGP key")
    return b"".join(_bare(block) for block in blocks)


def _bare(block: bytes) -> bytes:
    lines = block.replace(b"\r", b"").split(b"\n")
    body = lines[lines.index(b"") + 1 :] if b"" in lines[:-1] else lines
    try:
        return base64.b64decode(b"".join(line for line in body if not line.startswith(b"=")))
    except ValueError:
        raise Failure("the armour of this OpenPGP key is broken") from None


def is_named(key: Key, wanted: str) -> bool:
    """Return whether an identifier, of 8 digits or more, means this key or one of its subkeys."""
    digits = wanted.upper().replace(" ", "")
    digits = digits[2:] if digits.startswith("0X") else digits
    return len(digits) >= 8 and any(mark.endswith(digits) for mark in (key.fingerprint, *key.subkeys))


def _packets(data: bytes) -> List[Tuple[int, bytes, bytes]]:
    """Return kind, body and whole bytes of each packet (RFC 9580, section 4.2)."""
    found, at = [], 0
    while at < len(data):
        try:
            kind, start, size = _head(data, at)
        except IndexError:
            raise Failure("this OpenPGP file ends within a packet") from None
        if start + size > len(data):
            raise Failure("this OpenPGP file ends within a packet")
        found.append((kind, data[start : start + size], data[at : start + size]))
        at = start + size
    return found


def _head(data: bytes, at: int) -> Tuple[int, int, int]:
    tag = data[at]
    if not tag & 0x80:
        raise Failure("this is no OpenPGP key")
    if not tag & 0x40:
        width = 1 << (tag & 3)
        if width == 8:
            raise Failure("an OpenPGP packet without a length is not supported")
        return (tag >> 2) & 15, at + 1 + width, int.from_bytes(data[at + 1 : at + 1 + width], "big")
    first = data[at + 1]
    if first < 192:
        return tag & 63, at + 2, first
    if first < 224:
        return tag & 63, at + 3, ((first - 192) << 8) + data[at + 2] + 192
    if first == 255:
        return tag & 63, at + 6, int.from_bytes(data[at + 2 : at + 6], "big")
    raise Failure("an OpenPGP packet in parts is not supported")


def _fingerprint(body: bytes) -> str:
    version = body[0] if body else 0
    if version == 4:
        head = b"\x99" + len(body).to_bytes(2, "big")
        return hashlib.new("sha1", head + body).hexdigest().upper()  # noqa: S324 -- the format's
    if version in (5, 6):
        head = bytes([0x9A if version == 5 else 0x9B]) + len(body).to_bytes(4, "big")
        return hashlib.sha256(head + body).hexdigest().upper()
    raise Failure(f"an OpenPGP key of version {version} is not supported")
