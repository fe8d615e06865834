"""The cipher: keys by PBKDF2, AES in counter mode, and an HMAC over what is encrypted."""

from __future__ import annotations

import hashlib
import hmac
import threading
from typing import NamedTuple

_ROUNDS = 10_000
_BLOCK = 16


class Keys(NamedTuple):
    """What a password and a salt give: a key to encrypt, a key to authenticate, the first counter."""

    cipher: bytes
    mac: bytes
    counter: bytes


class Derivation:
    """Derives keys, each only once."""

    def __init__(self) -> None:
        self._known: dict[tuple[bytes, bytes], Keys] = {}
        self._lock = threading.Lock()

    def __call__(self, password: bytes, salt: bytes) -> Keys:
        """Return the keys of a password and a salt."""
        with self._lock:
            keys = self._known.get((password, salt))
        if keys is None:
            found = hashlib.pbkdf2_hmac("sha256", password, salt, _ROUNDS, 80)
            keys = Keys(found[:32], found[32:64], found[64:])
            with self._lock:
                self._known[password, salt] = keys
        return keys


def encrypt(plaintext: bytes, keys: Keys) -> tuple[bytes, bytes]:
    """Return what encrypts a plaintext, and its HMAC."""
    missing = _BLOCK - len(plaintext) % _BLOCK
    ciphertext = _counted(plaintext + bytes([missing]) * missing, keys)
    return ciphertext, _mac(ciphertext, keys)


def decrypt(ciphertext: bytes, digest: bytes, keys: Keys) -> bytes | None:
    """Return the plaintext, or None when the keys do not fit or the data was changed."""
    if not hmac.compare_digest(_mac(ciphertext, keys), digest):
        return None
    padded = _counted(ciphertext, keys)
    count = padded[-1] if padded else 0
    if not 0 < count <= _BLOCK or padded[-count:] != bytes([count]) * count:
        return None
    return padded[:-count]


def _mac(ciphertext: bytes, keys: Keys) -> bytes:
    return hmac.digest(keys.mac, ciphertext, "sha256")


def _counted(data: bytes, keys: Keys) -> bytes:
    from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

    worker = Cipher(algorithms.AES(keys.cipher), modes.CTR(keys.counter)).encryptor()
    return worker.update(data) + worker.finalize()
