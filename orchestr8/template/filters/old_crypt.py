"""Hashes of passwords that only old systems or web servers take: MD5-crypt (`$1$`) and bcrypt (`$2b$`)."""

from __future__ import annotations

import hashlib
import secrets
import string

from orchestr8.template.filters.crypt import ALPHABET, letters, mixed, repeat

_MD5_SALT, _MD5_ROUNDS = 8, 1000
_MD5_GROUPS = ((0, 6, 12), (1, 7, 13), (2, 8, 14), (3, 9, 15), (4, 10, 5))
_BCRYPT_ALPHABET = f"./{string.ascii_uppercase}{string.ascii_lowercase}{string.digits}"
_BCRYPT_SALT, _BCRYPT_ROUNDS = 22, 12


def md5(password: str, salt: str | None, rounds: int | None, size: int | None) -> str:
    """Return the `$1$` hash of a password; it has no rounds to choose."""
    if rounds is not None:
        raise ValueError("md5 takes no rounds")
    salt = _random(size or _MD5_SALT) if salt is None else salt
    if len(salt) > _MD5_SALT:
        raise ValueError("Could not hash the secret: salt too large (md5_crypt requires <= 8 chars)")
    _check(salt)
    digest = _md5_digest(password.encode(), salt.encode())
    text = "".join(letters(digest[a] << 16 | digest[b] << 8 | digest[c], 4) for a, b, c in _MD5_GROUPS)
    return f"$1${salt}${text}{letters(digest[11], 2)}"


def _md5_digest(password: bytes, salt: bytes) -> bytes:
    def new(data: bytes) -> bytes:
        return hashlib.md5(data, usedforsecurity=False).digest()

    first = password + b"$1$" + salt + repeat(new(password + salt + password), len(password))
    count = len(password)
    while count:
        first += b"\0" if count & 1 else password[:1]
        count >>= 1
    result = new(first)
    for number in range(_MD5_ROUNDS):
        result = new(mixed(number, result, password, salt))
    return result


def bcrypt(password: str, salt: str | None, rounds: int | None, ident: str | None) -> str:
    """Return the bcrypt hash of a password; rounds: the binary logarithm of how often it is hashed."""
    from bcrypt import hashpw

    salt = _random(_BCRYPT_SALT) if salt is None else salt
    if len(salt) != _BCRYPT_SALT:
        size = "large" if len(salt) > _BCRYPT_SALT else "small"
        raise ValueError(f"Could not hash the secret: salt too {size} (bcrypt requires exactly 22 chars)")
    _check(salt)
    # The last letter stands for two bits of the salt's 128; bcrypt refuses any that says more.
    last = _BCRYPT_ALPHABET[_BCRYPT_ALPHABET.index(salt[-1]) & 0x30]
    start = f"${ident or '2b'}${rounds or _BCRYPT_ROUNDS:02d}${salt[:-1]}{last}"
    return hashpw(password.encode(), start.encode()).decode()


def _random(size: int) -> str:
    return "".join(secrets.choice(ALPHABET) for _ in range(size))


def _check(salt: str) -> None:
    if any(letter not in ALPHABET for letter in salt):
        raise ValueError("the salt needs characters of a-z, A-Z, 0-9, '.' and '/'")
