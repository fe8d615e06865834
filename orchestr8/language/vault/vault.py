"""Opens what is encrypted with the passwords a run knows."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from orchestr8.core.errors import Diagnostic
from orchestr8.core.secret import Secret
from orchestr8.core.span import Span
from orchestr8.core.vaulted import MARK, Unvaulted, Vaulted, VaultError, is_age, is_encrypted, is_sops, locked
from orchestr8.language.vault.cipher import Derivation, decrypt, encrypt
from orchestr8.language.vault.envelope import DEFAULT, Envelope, Malformed, parse, written
from orchestr8.language.vault.keyring import Key, Keyring

if TYPE_CHECKING:
    from orchestr8.language.vault.age import Identities

MALFORMED, NOT_OPENED = "O8-1801", "O8-1803"
_LARGEST = 256 * 1024 * 1024
Learn = Callable[[str, Span | None], Any]


@dataclass(frozen=True, slots=True)
class Opened:
    """A plaintext, the key that opened it, and the vault id in its header."""

    plaintext: bytes
    key: Key
    label: str


class Vault:
    """Opens and makes encrypted data. learn: is told every plaintext value and where it stands.

    identities: what opens files of age and SOPS.
    """

    def __init__(
        self,
        keyring: Keyring | None = None,
        learn: Learn | None = None,
        identities: Identities | None = None,
    ) -> None:
        self.keyring = keyring or Keyring()
        self._identities = identities
        self._learn = learn
        self._derive = Derivation()
        self._values: dict[str, str] = {}

    def reveal(self, value: Vaulted) -> Unvaulted:
        """Return the plaintext of a value; raise VaultError with its place."""
        known = self._values.get(value.text)
        if known is None:
            found = self.open(value.text.encode("utf-8", "surrogateescape"), value.span)
            known = self._values[value.text] = _decoded(found.plaintext, value.span)
            self.learn(known, value.span)
        return Unvaulted(known, value)

    def learn(self, value: str, span: Span | None) -> None:
        """Tell of a plaintext that nobody should read in what is reported."""
        if self._learn is not None:
            self._learn(value, span)

    def content(self, data: bytes, file: str) -> bytes:
        """Return a file's content, decrypted when a vault, age or SOPS encrypted it; raise VaultError."""
        if is_encrypted(data):
            return self.open(data, Span(file, 1, 1, len(MARK))).plaintext
        if is_age(data) or is_sops(data):
            return self._foreign(data, Span(file, 1, 1))
        return data

    def _foreign(self, data: bytes, span: Span) -> bytes:
        from orchestr8.language.vault import age, sops

        identities = self._identities or age.Identities()
        return identities.open(data, span) if is_age(data) else sops.plaintext(data, identities, span)

    def open(self, data: bytes, span: Span | None = None) -> Opened:
        """Return what encrypted data holds; `span` is where it begins."""
        envelope = _parsed(data, span)
        if not self.keyring.keys:
            raise locked(span)
        for key in self.keyring.candidates(envelope.label):
            plaintext = self._tried(envelope, key)
            if plaintext is not None:
                return Opened(plaintext, key, envelope.label)
        raise self._not_opened(envelope, span)

    def _tried(self, envelope: Envelope, key: Key) -> bytes | None:
        return decrypt(envelope.ciphertext, envelope.digest, self._derive(key.encoded(), envelope.salt))

    def _not_opened(self, envelope: Envelope, span: Span | None) -> VaultError:
        message = "Decryption failed (no vault secrets were found that could decrypt)"
        tried = ", ".join(dict.fromkeys(key.label for key in self.keyring.candidates(envelope.label)))
        notes = (f"encrypted for the vault id `{envelope.label}`; tried: {tried or 'none'}",)
        hint = "the password is another one, or the text was changed"
        return VaultError(Diagnostic(NOT_OPENED, message, span, hint, notes=notes))

    def seal_bytes(self, data: bytes, key: Key, salt: bytes | None = None) -> str:
        """Return data encrypted by a key, its id in the header unless it is "default"."""
        if is_encrypted(data):
            raise VaultError(Diagnostic("O8-1806", "input is already encrypted"))
        if not key.password.reveal():
            raise VaultError(Diagnostic("O8-1804", "a vault password cannot be empty"))
        salt = os.urandom(32) if salt is None else salt
        ciphertext, digest = encrypt(data, self._derive(key.encoded(), salt))
        return written(Envelope(key.label, salt, digest, ciphertext))

    def with_password(self, text: str, password: str, label: str) -> str:
        """Return the plaintext of a text that a given password opens; raise VaultError."""
        if not text.startswith(MARK):
            return text
        one = Vault(Keyring([_key(password, label)]), self._learn)
        return one.reveal(Vaulted(text))

    def seal(self, text: str, password: str, label: str, salt: str | None = None) -> str:
        """Return a text encrypted by a given password; the salt is random when there is none."""
        data = text.encode("utf-8", "surrogateescape")
        return self.seal_bytes(data, _key(password, label), salt.encode() if salt else None)


def _key(password: str, label: str) -> Key:
    return Key(label or DEFAULT, Secret(password))


def _parsed(data: bytes, span: Span | None) -> Envelope:
    if len(data) > _LARGEST:
        message = f"encrypted data of more than {_LARGEST >> 20} MiB cannot be opened"
        raise VaultError(Diagnostic(MALFORMED, message, span))
    try:
        return parse(data)
    except Malformed as error:
        place = span.at(error.line, error.column, error.width) if span else None
        raise VaultError(Diagnostic(MALFORMED, error.message, place, error.hint)) from None


def _decoded(plaintext: bytes, span: Span | None) -> str:
    try:
        return plaintext.decode("utf-8")
    except UnicodeDecodeError:
        message = "the encrypted value is not a text in UTF-8"
        raise VaultError(Diagnostic(MALFORMED, message, span)) from None
