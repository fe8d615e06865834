"""Hashes of passwords as web servers read them: Apache's MD5, SHA, and whatever the host's libcrypt knows."""

import hashlib
import os
from typing import Any, Optional

from orchestr8.remote.module import Failure

_ALPHABET = "./0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_ORDER = ((0, 6, 12), (1, 7, 13), (2, 8, 14), (3, 9, 15), (4, 10, 5))
SCHEMES = {
    "des_crypt": "",
    "md5_crypt": "$1$",
    "sha256_crypt": "$5$",
    "sha512_crypt": "$6$",
    "bcrypt": "$2b$10$",
    "host_apache24": "$2b$10$",
    "portable_apache24": "$2b$10$",
}


def hashed(password: str, scheme: str) -> str:
    """Return a password's hash by a scheme; Failure for one that the host does not know."""
    if scheme in ("apr_md5_crypt", "portable_apache22", "host_apache22"):
        return apache_md5(password, _salt(8))
    if scheme == "ldap_sha1":
        return _sha(password)
    if scheme == "plaintext":
        return password
    if scheme not in SCHEMES:
        raise Failure(f"hash scheme {scheme} is not supported; supported: {_known()}")
    start = SCHEMES[scheme]
    length = 22 if start.startswith("$2b$") else 16 if start in ("$5$", "$6$") else 8 if start else 2
    found = crypted(password, start + _salt(length))
    if not found:
        raise Failure(f"this host's libcrypt does not know {scheme}")
    return found


def fits(password: str, stored: str) -> bool:
    """Return whether a stored hash is one of this password."""
    if stored.startswith("$apr1$"):
        return apache_md5(password, stored.split("$")[2]) == stored
    if stored.startswith("{SHA}"):
        return _sha(password) == stored
    return stored == password or crypted(password, stored) == stored


def crypted(password: str, setting: str) -> Optional[str]:
    """Return what the host's libcrypt makes of a password, None where there is none or it refuses."""
    import ctypes
    import ctypes.util

    path = ctypes.util.find_library("crypt")
    if path is None:
        return None
    library: Any = ctypes.CDLL(path)
    library.crypt.restype = ctypes.c_char_p
    library.crypt.argtypes = [ctypes.c_char_p, ctypes.c_char_p]
    found = library.crypt(password.encode(), setting.encode())
    return None if found is None or found[:1] == b"*" else str(found.decode("ascii"))


def apache_md5(password: str, salt: str) -> str:
    """Return Apache's variant of the MD5 hash (the format $apr1$)."""
    secret, grain = password.encode(), salt.encode()
    other = _md5(secret + grain + secret)
    mixed = secret + b"$apr1$" + grain
    mixed += (other * (len(secret) // 16 + 1))[: len(secret)]
    count = len(secret)
    while count:
        mixed += b"\0" if count & 1 else secret[:1]
        count >>= 1
    digest = _md5(mixed)
    for turn in range(1000):
        digest = _md5(_turn(turn, digest, secret, grain))
    return f"$apr1${salt}${_letters(digest)}"


def _turn(turn: int, digest: bytes, secret: bytes, grain: bytes) -> bytes:
    return b"".join(
        (
            secret if turn & 1 else digest,
            grain if turn % 3 else b"",
            secret if turn % 7 else b"",
            digest if turn & 1 else secret,
        )
    )


def _letters(digest: bytes) -> str:
    numbers = [(digest[a] << 16 | digest[b] << 8 | digest[c], 4) for a, b, c in _ORDER] + [(digest[11], 2)]
    return "".join(_ALPHABET[number >> 6 * at & 63] for number, size in numbers for at in range(size))


def _md5(data: bytes) -> bytes:
    return hashlib.new("md5", data).digest()  # noqa: S324 -- the format's


def _sha(password: str) -> str:
    from base64 import b64encode

    digest = hashlib.new("sha1", password.encode()).digest()  # noqa: S324 -- the format's
    return "{SHA}" + b64encode(digest).decode("ascii")


def _salt(length: int) -> str:
    return "".join(_ALPHABET[byte & 63] for byte in os.urandom(length))


def _known() -> str:
    return ", ".join(["apr_md5_crypt", "ldap_sha1", "plaintext", *SCHEMES])
