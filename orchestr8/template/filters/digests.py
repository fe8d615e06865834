"""Filters that make digests."""

from __future__ import annotations

import hashlib
import zlib
from typing import Any


def digest(data: Any, hashtype: str = "sha1") -> str:
    """Return the hexadecimal digest of a text."""
    try:
        engine = hashlib.new(hashtype, usedforsecurity=False)
    except ValueError:
        raise ValueError(f"unsupported hash type {hashtype}") from None
    engine.update(str(data).encode("utf-8", "surrogateescape"))
    return engine.hexdigest()


def crc32(value: Any) -> str:
    """Return the CRC-32 of a text as hexadecimal digits."""
    if not isinstance(value, str):
        raise TypeError(f"Invalid value type ({type(value)}) for crc32 ({value!r})")
    return f"{zlib.crc32(value.encode('utf-8', 'surrogateescape')):x}"


def password_hash(
    password: Any,
    hashtype: str = "sha512",
    salt: str | None = None,
    rounds: int | None = None,
    **options: Any,
) -> str:
    """Return a password hashed as in /etc/shadow."""
    from orchestr8.template.filters.crypt import crypted

    if options.get("salt_size") is not None and salt is None:
        try:
            options["size"] = int(options["salt_size"])
        except (TypeError, ValueError):
            raise ValueError("salt_size must be an integer") from None
    return crypted(str(password), hashtype, salt, rounds, options.get("size"), options.get("ident"))


NAMES: dict[str, Any] = {
    "hash": digest,
    "checksum": lambda data: digest(data, "sha1"),
    "md5": lambda data: digest(data, "md5"),
    "sha1": lambda data: digest(data, "sha1"),
    "crc32": crc32,
    "password_hash": password_hash,
}
