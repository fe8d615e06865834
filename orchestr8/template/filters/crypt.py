"""SHA-crypt: the `$5$` and `$6$` hashes of /etc/shadow (akkadia.org/drepper/SHA-crypt.txt)."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable
from typing import Any

ALPHABET = "./0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_KINDS: dict[str, tuple[str, Callable[..., Any]]] = {
    "sha256": ("$5$", hashlib.sha256),
    "sha512": ("$6$", hashlib.sha512),
}
_OLD = ("md5", "blowfish")
_NORMAL_ROUNDS = {"sha256": 535_000, "sha512": 656_000}
_DEFAULT_ROUNDS = 5000
_FEWEST, _MOST = 1000, 999_999_999


def crypted(
    password: str,
    kind: str,
    salt: str | None,
    rounds: int | None,
    size: int | None,
    ident: str | None = None,
) -> str:
    """Return a password's hash; salt and rounds as given or Ansible's usual ones. ident: of bcrypt."""
    kind = {"bcrypt": "blowfish"}.get(kind, kind.removesuffix("_crypt"))
    if kind in _OLD:
        from orchestr8.template.filters import old_crypt

        if kind == "md5":
            return old_crypt.md5(password, salt, rounds, size)
        return old_crypt.bcrypt(password, salt, rounds, ident)
    if kind not in _KINDS:
        known = ", ".join((*_OLD, *_KINDS))
        raise ValueError(f"{kind} is not in the list of supported passlib algorithms: {known}")
    if rounds is not None and not _FEWEST <= int(rounds) <= _MOST:
        raise ValueError(f"Could not hash the secret. rounds have to be between {_FEWEST} and {_MOST}")
    prefix = _KINDS[kind][0]
    salt = salt if salt is not None else "".join(secrets.choice(ALPHABET) for _ in range(size or 16))
    if not 0 <= len(salt) <= 16 or any(letter not in ALPHABET for letter in salt):
        raise ValueError("the salt needs up to 16 characters of a-z, A-Z, 0-9, '.' and '/'")
    count = rounds or _NORMAL_ROUNDS[kind]
    shown = "" if count == _DEFAULT_ROUNDS else f"rounds={count}$"
    return f"{prefix}{shown}{salt}${_encoded(_digest(password.encode(), salt.encode(), count, kind), kind)}"


def repeat(block: bytes, length: int) -> bytes:
    """Return a block again and again up to a length."""
    return (block * (length // len(block) + 1))[:length]


def _digest(password: bytes, salt: bytes, rounds: int, kind: str) -> bytes:
    new = _KINDS[kind][1]
    second = new(password + salt + password).digest()
    first = new(password + salt + repeat(second, len(password)))
    count = len(password)
    while count:
        first.update(second if count & 1 else password)
        count >>= 1
    result: bytes = first.digest()
    secret = repeat(new(password * len(password)).digest(), len(password)) if password else b""
    seasoned = repeat(new(salt * (16 + result[0])).digest(), len(salt)) if salt else b""
    for number in range(rounds):
        result = new(mixed(number, result, secret, seasoned)).digest()
    return result


def mixed(number: int, result: bytes, secret: bytes, seasoned: bytes) -> bytes:
    """Return what one round hashes: of crypt by MD5 and by SHA alike."""
    start, end = (secret, result) if number & 1 else (result, secret)
    middle = (seasoned if number % 3 else b"") + (secret if number % 7 else b"")
    return start + middle + end


def _encoded(digest: bytes, kind: str) -> str:
    if kind == "sha512":
        groups = [_rotated(i, 21, 22) for i in range(21)]
    else:
        groups = [_rotated(i, 10, 21) for i in range(10)]
    text = "".join(letters(digest[a] << 16 | digest[b] << 8 | digest[c], 4) for a, b, c in groups)
    if kind == "sha512":
        return text + letters(digest[63], 2)
    return text + letters(digest[31] << 8 | digest[30], 3)


def _rotated(index: int, size: int, stride: int) -> tuple[int, int, int]:
    first = index * stride % (3 * size)
    return first, (first + size) % (3 * size), (first + 2 * size) % (3 * size)


def letters(number: int, count: int) -> str:
    """Return a number as letters of six bits each, the lowest first."""
    return "".join(ALPHABET[number >> (6 * place) & 63] for place in range(count))
