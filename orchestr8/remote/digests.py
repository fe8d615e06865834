"""Checksums of bytes and of files, without loading OpenSSL where the interpreter can do without."""

from typing import Any

_LIGHT = {"sha1": "_sha1", "md5": "_md5"}
CHUNK = 1 << 20


def hasher(algorithm: str) -> Any:
    """Return a new hash object; raise ValueError when the algorithm is unknown or forbidden here."""
    if algorithm in _LIGHT:
        try:
            return getattr(__import__(_LIGHT[algorithm]), algorithm)()
        except ImportError:
            pass
    import hashlib

    return hashlib.new(algorithm)


def digest(data: bytes, algorithm: str = "sha1") -> str:
    """Return the hex digest of bytes."""
    state = hasher(algorithm)
    state.update(data)
    return str(state.hexdigest())


def file_digest(path: str, algorithm: str = "sha1") -> str:
    """Return the hex digest of a regular file; raise OSError."""
    from orchestr8.remote.files import opened

    state = hasher(algorithm)
    with opened(path) as stream:
        while True:
            chunk = stream.read(CHUNK)
            if not chunk:
                return str(state.hexdigest())
            state.update(chunk)
