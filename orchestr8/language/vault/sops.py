"""Opens YAML and JSON files of SOPS: the key of the data, each value, and the digest of them all."""

from __future__ import annotations

import hashlib
import hmac
import re
from base64 import b64decode
from binascii import Error as NotBase64
from collections.abc import Iterator
from typing import Any

from orchestr8.core.errors import Diagnostic
from orchestr8.core.span import Span
from orchestr8.core.vaulted import VaultError
from orchestr8.language.vault.age import BROKEN, Identities
from orchestr8.language.vault.sops_text import Leaf, SopsText, read_json, read_yaml

_ENCRYPTED = re.compile(r"ENC\[AES256_GCM,data:(.*),iv:(.+),tag:(.+),type:(\w+)\]", re.DOTALL)
_ONLY_ENCRYPTED = bytes.fromhex("8a3fd2ad54ce66527b1034f3d147be0b0b975b3bf44f72c6fdadec8176f27d69")
"""What the digest begins with where it covers encrypted values only, as SOPS defines it."""
_OTHERS = ("pgp", "kms", "gcp_kms", "azure_kv", "hc_vault")


def plaintext(data: bytes, identities: Identities, span: Span) -> bytes:
    """Return the document without SOPS' part, its values in the clear; raise VaultError.

    What stands where in a YAML file stays so, comments too.
    """
    found = read_json(data, span) if data.lstrip()[:1] == b"{" else read_yaml(data, span)
    if (why := _not_ours(found.metadata)) is not None:
        from orchestr8.language.vault import sops_program

        form = "json" if data.lstrip()[:1] == b"{" else "yaml"
        return sops_program.opened(data, form, why, span)
    key = identities.open_first(_copies(found.metadata), span)
    opened = {leaf.number: _opened(leaf, key, span) for leaf in found.leaves if _match(leaf)}
    _check_digest(found, opened, key, span)
    return found.written({number: _typed(*each) for number, each in opened.items()})


def _groups(metadata: dict[str, Any]) -> list[dict[str, Any]]:
    return metadata.get("key_groups") or [metadata]


def _copies(metadata: dict[str, Any]) -> Iterator[bytes]:
    """Yield the key of the data as it is encrypted for each age recipient."""
    yield from (each["enc"].encode() for group in _groups(metadata) for each in group.get("age") or ())


def _not_ours(metadata: dict[str, Any]) -> str | None:
    """Return why only SOPS itself can open a file, None where age is enough."""
    if int(metadata.get("shamir_threshold") or 0) > 1:
        return "the key of this SOPS file is split between groups"
    groups = _groups(metadata)
    if any(group.get("age") for group in groups):
        return None
    others = [name for group in groups for name in _OTHERS if group.get(name)]
    return f"this SOPS file is encrypted for {', '.join(others) or 'nobody'} and not for age"


def _match(leaf: Leaf) -> re.Match[str] | None:
    return _ENCRYPTED.fullmatch(leaf.value) if isinstance(leaf.value, str) else None


def _opened(leaf: Leaf, key: bytes, span: Span) -> tuple[bytes, str]:
    """Return the plaintext of a value and its type."""
    return _decrypted(str(leaf.value), key, leaf.path, leaf.name, span)


def _decrypted(text: str, key: bytes, bound_to: str, name: str, span: Span) -> tuple[bytes, str]:
    from cryptography.exceptions import InvalidTag
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    found = _ENCRYPTED.fullmatch(text)
    try:
        if found is None:
            raise ValueError
        data, nonce, tag = (b64decode(found[part], validate=True) for part in (1, 2, 3))
        return AESGCM(key).decrypt(nonce, data + tag, bound_to.encode()), found[4]
    except (InvalidTag, NotBase64, ValueError):
        message = f"`{name}` was changed, or moved, after SOPS encrypted it"
        raise VaultError(Diagnostic(BROKEN, message, span)) from None


def _check_digest(found: SopsText, opened: dict[int, tuple[bytes, str]], key: bytes, span: Span) -> None:
    partly = str(found.metadata.get("mac_only_encrypted")).lower() == "true"
    digest = hashlib.sha512(_ONLY_ENCRYPTED if partly else b"")
    for leaf in found.leaves:
        if leaf.number in opened:
            digest.update(opened[leaf.number][0])
        elif not partly:
            digest.update(_hashed(leaf.value))
    sealed, when = str(found.metadata.get("mac", "")), str(found.metadata.get("lastmodified", ""))
    wanted, _ = _decrypted(sealed, key, when, "mac", span)
    if not hmac.compare_digest(wanted.decode("ascii", "replace").upper(), digest.hexdigest().upper()):
        message = "the digest of the SOPS file does not fit: something in it was changed by hand"
        hint = "look at what changed, and edit such files by `sops`"
        raise VaultError(Diagnostic(BROKEN, message, span, hint))


def _hashed(value: Any) -> bytes:
    """Return a value as SOPS puts it into the digest."""
    if isinstance(value, bool):
        return b"True" if value else b"False"
    if isinstance(value, float):
        return (f"{value:.0f}" if value.is_integer() else _plain_float(value)).encode()
    return str(value).encode("utf-8", "surrogateescape")


def _plain_float(value: float) -> str:
    from decimal import Decimal

    return format(Decimal(repr(value)), "f")


def _typed(plain: bytes, kind: str) -> Any:
    text = plain.decode("utf-8", "replace")
    if kind == "bool":
        return text.lower() == "true"
    try:
        return int(text) if kind == "int" else float(text) if kind == "float" else text
    except ValueError:
        return text
