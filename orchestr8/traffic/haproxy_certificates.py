"""Certificates with their keys as HAProxy takes them, and how to change one while it runs."""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
from collections.abc import Mapping, Sequence

from orchestr8.core.secret import Secret
from orchestr8.deploy.traffic import Route, Tls
from orchestr8.traffic.haproxy_names import certificate, refused
from orchestr8.traffic.haproxy_socket import PAYLOAD, HaproxySocket

_BLOCK = re.compile(r"-----BEGIN ([A-Z0-9 ]+)-----\s+([A-Za-z0-9+/=\s]+?)-----END \1-----")
_UNKNOWN = "Can't display the certificate"
_FINGERPRINT = re.compile(r"^SHA1 FingerPrint: ([0-9A-F]{40})$", re.MULTILINE)


def pem(service: str, tls: Tls) -> Secret:
    """Return certificate and key as one text of PEM blocks; an error never shows any of it."""
    chain = _blocks(tls.certificate)
    keys = [(kind, body) for kind, body in _blocks(tls.key) if kind.endswith("PRIVATE KEY")]
    certificates = [(kind, body) for kind, body in chain if kind == "CERTIFICATE"]
    if not certificates:
        raise refused(f"service `{service}`: `cert` holds no certificate in PEM", None, "O8-3504")
    if len(keys) != 1 or keys[0][0].startswith("ENCRYPTED"):
        why = f"service `{service}`: `key` has to hold one private key in PEM, not encrypted"
        raise refused(why, "keep the key itself as a secret, such as a vaulted variable", "O8-3504")
    return Secret("".join(map(_written, [*certificates, *keys])))


def certificates(project: str, routes: Sequence[Route]) -> dict[str, Secret]:
    """Return certificates with their keys by the names of their files."""
    return {certificate(project, r.service): pem(r.service, r.tls) for r in routes if r.tls}


def renew(socket: HaproxySocket, folder: str, wanted: Mapping[str, Secret]) -> tuple[set[str], bool]:
    """Have HAProxy serve certificates that it knows by older ones; new connections get them at once.

    Return those that it knows, and whether one is too long to be changed without a reload.
    """
    files = {each: f"{folder}/certs/{each}" for each in wanted}
    answers = socket.tell(
        [f"show ssl cert {file}" for file in files.values()], unless=("Filename: ", _UNKNOWN)
    )
    runs = {each: _told(answer) for each, answer in zip(files, answers, strict=True) if _told(answer)}
    stale = [each for each in runs if runs[each] != fingerprint(wanted[each])]
    short = [each for each in stale if len(wanted[each].reveal()) <= PAYLOAD]
    for each in short:
        text = wanted[each].reveal()
        socket.tell([f"set ssl cert {files[each]} <<\n{text}", f"commit ssl cert {files[each]}"])
    return set(runs), len(short) < len(stale)


def unlike(wanted: Mapping[str, Secret], kept: Mapping[str, str]) -> dict[str, Secret]:
    """Return those certificates whose files hold something else, by the files' digests."""
    return {
        each: text
        for each, text in wanted.items()
        if kept.get(each) != hashlib.sha256(text.reveal().encode()).hexdigest()
    }


def fingerprint(text: Secret) -> str:
    """Return the SHA-1 of the first certificate, as HAProxy shows it."""
    body = next(body for kind, body in _blocks(text) if kind == "CERTIFICATE")
    try:
        return hashlib.sha1(base64.b64decode(body), usedforsecurity=False).hexdigest().upper()
    except binascii.Error:
        raise refused("a certificate is damaged", None, "O8-3504") from None


def _told(answer: str) -> str:
    """Return the fingerprint in an answer to `show ssl cert`, empty when HAProxy has no such certificate."""
    found = _FINGERPRINT.search(answer)
    return found[1] if found else ""


def _blocks(text: Secret) -> list[tuple[str, str]]:
    return [(found[1], found[2]) for found in _BLOCK.finditer(text.reveal())]


def _written(block: tuple[str, str]) -> str:
    kind, body = block
    lines = "\n".join(line.strip() for line in body.splitlines() if line.strip())
    return f"-----BEGIN {kind}-----\n{lines}\n-----END {kind}-----\n"
