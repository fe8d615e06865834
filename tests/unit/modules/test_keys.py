"""apt_key, openssh_keypair, openssl_dhparam: keys are told apart, made and replaced."""

from __future__ import annotations

import base64
import hashlib
import shutil
from pathlib import Path
from typing import Any

import pytest

from orchestr8.remote import openpgp
from orchestr8.remote.module import Failure
from tests.unit.modules.conftest import Apply


def packet(tag: int, body: bytes) -> bytes:
    return bytes([0xC0 | tag, 255]) + len(body).to_bytes(4, "big") + body


def old_packet(tag: int, body: bytes) -> bytes:
    return bytes([0x80 | tag << 2 | 1]) + len(body).to_bytes(2, "big") + body


def armoured(data: bytes) -> str:
    text = base64.encodebytes(data).decode()
    mark = "PGP PUBLIC KEY BLOCK"
    return f"words before\n-----BEGIN {mark}-----\nVersion: 1\n\n{text}=abcd\n-----END {mark}-----\n"


def key(seed: str) -> tuple[str, bytes]:
    body = b"\x04" + seed.encode() * 40
    fingerprint = hashlib.sha1(b"\x99" + len(body).to_bytes(2, "big") + body).hexdigest().upper()
    return fingerprint, old_packet(6, body) + packet(13, b"somebody") + packet(2, b"signature")


def test_packets_make_keys() -> None:
    (one, first), (two, second) = key("a"), key("b")
    sub = packet(14, b"\x04sub")
    found = openpgp.keys(openpgp.plain(armoured(first + sub + second).encode()))
    assert [entry.fingerprint for entry in found] == [one, two]
    assert b"".join(entry.data for entry in found) == first + sub + second
    assert len(found[0].subkeys) == 1
    assert openpgp.is_named(found[0], "0x" + found[0].subkeys[0][-8:].lower())
    assert not openpgp.is_named(found[0], two)
    assert not openpgp.is_named(found[0], one[-4:])


@pytest.mark.parametrize("data", [b"words", b"\xc6", b"\xc6\x20abc", b"-----BEGIN PGP"])
def test_what_is_no_key_is_refused(data: bytes) -> None:
    with pytest.raises(Failure):
        openpgp.keys(data)


def test_apt_trusts_a_key_once(apply: Apply, tmp_path: Path) -> None:
    (one, first), (two, second) = key("a"), key("b")
    ring = tmp_path / "rings/mine.gpg"
    args: dict[str, Any] = {"keyring": str(ring), "data": armoured(first)}
    assert apply("apt_key", check=True, **args)["changed"] is True
    assert not ring.exists()
    result = apply("apt_key", id=one[-8:], **args)
    assert (result["changed"], result["before"], result["after"]) == (True, [], [one[-16:]])
    assert ring.read_bytes() == first
    assert apply("apt_key", **args)["changed"] is False
    assert apply("apt_key", keyring=str(ring), id=one[-16:])["changed"] is False
    refused = apply("apt_key", keyring=str(ring), id=two, data=armoured(first))
    assert refused["msg"] == "key does not seem to have been added"
    assert apply("apt_key", keyring=str(ring), data=armoured(second))["changed"] is True
    assert ring.read_bytes() == first + second
    assert apply("apt_key", keyring=str(ring), id=one, state="absent")["changed"] is True
    assert ring.read_bytes() == second
    assert apply("apt_key", keyring=str(ring), id=one, state="absent")["changed"] is False


@pytest.mark.skipif(not shutil.which("ssh-keygen"), reason="needs ssh-keygen")
def test_a_pair_of_keys(apply: Apply, tmp_path: Path) -> None:
    path = tmp_path / "key"
    args: dict[str, Any] = {"path": str(path), "type": "ed25519"}
    assert apply("openssh_keypair", check=True, **args)["changed"] is True
    assert not path.exists()
    made = apply("openssh_keypair", comment="me", mode="0600", **args)
    assert made["changed"] is True
    assert made["fingerprint"].startswith("SHA256:")
    assert path.with_suffix(".pub").read_text() == f"{made['public_key']} me\n"
    assert apply("openssh_keypair", **args)["changed"] is False
    assert apply("openssh_keypair", comment="you", **args)["comment"] == "you"
    path.with_suffix(".pub").unlink()
    assert apply("openssh_keypair", **args)["public_key"] == made["public_key"]
    refused = apply("openssh_keypair", path=str(path), type="rsa", size=2048, regenerate="fail")
    assert refused["msg"] == "Key has wrong type and/or size. Will not proceed."
    again = apply("openssh_keypair", force=True, **args)
    assert again["public_key"] != made["public_key"]
    assert apply("openssh_keypair", state="absent", **args)["changed"] is True
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(not shutil.which("openssl"), reason="needs openssl")
def test_parameters(apply: Apply, tmp_path: Path) -> None:
    path = tmp_path / "dh.pem"
    assert apply("openssl_dhparam", path=str(path), size=512)["changed"] is True
    again = apply("openssl_dhparam", path=str(path), size=512, return_content=True)
    assert again["changed"] is False
    assert again["dhparams"].startswith("-----BEGIN DH PARAMETERS-----")
    assert apply("openssl_dhparam", path=str(path), size=1024, check=True)["changed"] is True
    assert apply("openssl_dhparam", path=str(path), state="absent")["changed"] is True
    refused = apply("openssl_dhparam", path=str(tmp_path / "no/dh.pem"), size=512)
    assert "does not exist" in refused["msg"]
