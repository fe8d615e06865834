"""Encrypted values and what opens them."""

from __future__ import annotations

from typing import Protocol, Self

from orchestr8.core.errors import Diagnostic, InvalidInput
from orchestr8.core.span import Span

MARK = "$ANSIBLE_VAULT"
_BYTES = MARK.encode()


def is_encrypted(data: bytes) -> bool:
    """Return whether a file's content is encrypted by a vault."""
    return data.startswith(_BYTES)


_AGE = (b"age-encryption.org/v1\n", b"-----BEGIN AGE ENCRYPTED FILE-----")


def is_age(data: bytes) -> bool:
    """Return whether a file's content is encrypted by age as a whole."""
    return data.startswith(_AGE)


def is_sops(data: bytes) -> bool:
    """Return whether the values of a file are encrypted by SOPS."""
    return b"ENC[AES256_GCM," in data and b"lastmodified" in data and b"sops" in data


def is_sealed(data: bytes) -> bool:
    """Return whether a file of variables is encrypted in any of the ways that can be opened."""
    return is_encrypted(data) or is_age(data) or is_sops(data)


class Vaulted:
    """An encrypted value (`!vault`) as it stands in the file; opened when somebody looks at it."""

    __slots__ = ("span", "text")

    def __init__(self, text: str, span: Span | None = None) -> None:
        self.text = text
        self.span = span

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Vaulted) and other.text == self.text

    def __hash__(self) -> int:
        return hash(self.text)

    def __repr__(self) -> str:
        return f"<encrypted value at {self.span}>" if self.span else "<encrypted value>"


class Unvaulted(str):
    """What an encrypted value held: an ordinary text, never a template, that knows where it came from."""

    __slots__ = ("source",)
    source: Vaulted

    def __new__(cls, value: str, source: Vaulted) -> Self:
        """Make the plaintext of `source`."""
        text = super().__new__(cls, value)
        text.source = source
        return text

    def __reduce__(self) -> tuple[type[str], tuple[str]]:
        return str, (str(self),)


class VaultError(InvalidInput):
    """Something encrypted cannot be opened or made."""


NO_SECRETS = "O8-1802"


class Opener(Protocol):
    """Opens what is encrypted, and encrypts."""

    def reveal(self, value: Vaulted) -> Unvaulted:
        """Return the plaintext of a value; raise VaultError with its place."""
        ...

    def content(self, data: bytes, file: str) -> bytes:
        """Return a file's content, decrypted when a vault, age or SOPS encrypted it; raise VaultError."""
        ...

    def with_password(self, text: str, password: str, label: str) -> str:
        """Return the plaintext of a text that a given password opens; raise VaultError."""
        ...

    def seal(self, text: str, password: str, label: str, salt: str | None = None) -> str:
        """Return a text encrypted by a given password; the salt is random when there is none."""
        ...


class Locked:
    """Opens nothing: stands where no vault was set up."""

    def reveal(self, value: Vaulted) -> Unvaulted:
        """Raise VaultError."""
        raise locked(value.span)

    def content(self, data: bytes, file: str) -> bytes:
        """Return what is not encrypted."""
        if is_encrypted(data):
            raise locked(Span(file, 1, 1, len(MARK)))
        return data

    def with_password(self, text: str, password: str, label: str) -> str:
        """Raise VaultError."""
        del text, password, label
        raise locked(None)

    def seal(self, text: str, password: str, label: str, salt: str | None = None) -> str:
        """Raise VaultError."""
        del text, password, label, salt
        raise locked(None)


def locked(span: Span | None) -> VaultError:
    """Return the error for something encrypted when no password is known."""
    hint = "give the password with --vault-id, --vault-password-file or --ask-vault-pass"
    message = "Attempting to decrypt but no vault secrets found"
    return VaultError(Diagnostic(NO_SECRETS, message, span, hint))
