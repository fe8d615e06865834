"""Whether a password is the one that PostgreSQL keeps a hash of."""

import hashlib
import hmac
from base64 import b64decode
from typing import Optional


def fits(user: str, password: str, kept: Optional[str]) -> bool:
    """Return whether a password, or a hash of one, is what the server keeps."""
    if kept is None:
        return password == ""
    if password.startswith("SCRAM-SHA-256$") or (password.startswith("md5") and len(password) == 35):
        return hmac.compare_digest(password, kept)
    if kept.startswith("md5"):
        wanted = hashlib.md5((password + user).encode()).hexdigest()  # noqa: S324 -- the server's own way
        return hmac.compare_digest("md5" + wanted, kept)
    return _scram(password, kept)


def _scram(password: str, kept: str) -> bool:
    try:
        kind, parameters, keys = kept.split("$")
        rounds, salt = parameters.split(":")
        stored, server = (b64decode(key) for key in keys.split(":"))
    except ValueError:
        return False
    if kind != "SCRAM-SHA-256":
        return False
    import unicodedata

    plain = unicodedata.normalize("NFKC", password).encode()
    salted = hashlib.pbkdf2_hmac("sha256", plain, b64decode(salt), int(rounds))
    client = hmac.new(salted, b"Client Key", "sha256").digest()
    told = hmac.new(salted, b"Server Key", "sha256").digest()
    return hmac.compare_digest(hashlib.sha256(client).digest(), stored) and hmac.compare_digest(told, server)
