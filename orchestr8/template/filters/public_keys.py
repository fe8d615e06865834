"""What can be said of public and private keys, by the names of community.crypto."""

from __future__ import annotations

import hashlib
from typing import Any

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import dsa, ec, ed448, ed25519, rsa, x448, x25519
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
    load_pem_private_key,
    load_pem_public_key,
)

_WITHOUT_NUMBERS: dict[Any, str] = {
    x25519.X25519PublicKey: "X25519",
    x448.X448PublicKey: "X448",
    ed25519.Ed25519PublicKey: "Ed25519",
    ed448.Ed448PublicKey: "Ed448",
}
_VARIABLE_LENGTH = 32


def fingerprints(data: bytes) -> dict[str, str]:
    """Return the digests of bytes by every algorithm there is, as octets in hexadecimal digits."""
    found: dict[str, str] = {}
    for name in sorted(hashlib.algorithms_guaranteed):
        engine: Any = hashlib.new(name, data, usedforsecurity=False)
        digest = engine.digest(_VARIABLE_LENGTH) if name.startswith("shake") else engine.digest()
        found[name] = digest.hex(":")
    return found


def kind_and_numbers(key: Any) -> tuple[str, dict[str, Any]]:
    """Return the kind of a public key and its numbers."""
    if isinstance(key, rsa.RSAPublicKey):
        own = key.public_numbers()
        return "RSA", {"size": key.key_size, "modulus": own.n, "exponent": own.e}
    if isinstance(key, ec.EllipticCurvePublicKey):
        at = key.public_numbers()
        curve = key.curve
        return "ECC", {"curve": curve.name, "x": at.x, "y": at.y, "exponent_size": curve.key_size}
    if isinstance(key, dsa.DSAPublicKey):
        field = key.parameters().parameter_numbers()
        numbers = {"p": field.p, "q": field.q, "g": field.g, "y": key.public_numbers().y}
        return "DSA", {"size": key.key_size, **numbers}
    known = (name for kind, name in _WITHOUT_NUMBERS.items() if isinstance(key, kind))
    return next(known, f"unknown ({type(key)})"), {}


def pem(key: Any) -> str:
    """Return a public key as PEM."""
    return str(key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode())


def key_fingerprints(key: Any) -> dict[str, str]:
    """Return the fingerprints of a public key."""
    return fingerprints(key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo))


def public_key_info(data: str) -> dict[str, Any]:
    """Return what a public key in PEM is."""
    try:
        key = load_pem_public_key(_bytes(data))
    except (ValueError, UnsupportedAlgorithm) as failure:
        raise ValueError(f"Error while deserializing key: {failure}") from None
    kind, numbers = kind_and_numbers(key)
    return {"fingerprints": key_fingerprints(key), "type": kind, "public_data": numbers}


def private_key_info(
    data: str,
    passphrase: str | None = None,
    return_private_key_data: bool = False,  # noqa: FBT001, FBT002
) -> dict[str, Any]:
    """Return what a private key in PEM is; its secret numbers only where they are asked for."""
    try:
        key = load_pem_private_key(_bytes(data), None if passphrase is None else _bytes(passphrase))
    except (ValueError, TypeError, UnsupportedAlgorithm) as failure:
        raise ValueError(f"Error while loading private key: {failure}") from None
    public = key.public_key()
    kind, numbers = kind_and_numbers(public)
    found: dict[str, Any] = {
        "public_key": pem(public),
        "public_key_fingerprints": key_fingerprints(public),
        "type": kind,
        "public_data": numbers,
    }
    return {**found, "private_data": _secret_numbers(key)} if return_private_key_data else found


def _secret_numbers(key: Any) -> dict[str, int]:
    if isinstance(key, rsa.RSAPrivateKey):
        own = key.private_numbers()
        return {"p": own.p, "q": own.q, "exponent": own.d}
    if isinstance(key, ec.EllipticCurvePrivateKey):
        return {"multiplier": key.private_numbers().private_value}
    return {"x": key.private_numbers().x} if isinstance(key, dsa.DSAPrivateKey) else {}


def _bytes(text: Any) -> bytes:
    if not isinstance(text, (str, bytes)):
        raise TypeError(f"The input must be a text type, not {type(text)}")
    return text if isinstance(text, bytes) else text.encode()
