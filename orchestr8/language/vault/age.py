"""Opens what age encrypted, by the library pyrage, with identities as users of age and SOPS keep them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from orchestr8.core.errors import Diagnostic
from orchestr8.core.secret import Secret
from orchestr8.core.span import Span
from orchestr8.core.vaulted import VaultError

NOT_OPENED, BROKEN = "O8-1808", "O8-1809"
_PLACES = "give one by SOPS_AGE_KEY, SOPS_AGE_KEY_FILE or --vault-id age@FILE"


class Identities:
    """The private keys of a run. fetch: returns their texts, called when the first is needed."""

    def __init__(self, fetch: Callable[[], Sequence[Secret]] | None = None) -> None:
        self._fetch = fetch
        self._known: list[Any] | None = None

    def open(self, data: bytes, span: Span | None) -> bytes:
        """Return the plaintext of a whole age file, armoured or not; raise VaultError."""
        library = _library(span)
        if self._known is None:
            texts = self._fetch() if self._fetch else ()
            self._known = [each for text in texts for each in _identities(library, text.reveal())]
        if not self._known:
            message = "this is encrypted by age, and no age identity is known"
            raise VaultError(Diagnostic(NOT_OPENED, message, span, _PLACES))
        try:
            return bytes(library.decrypt(data, self._known))
        except library.DecryptError as error:
            message = f"no age identity opens this: {error}"
            raise VaultError(Diagnostic(NOT_OPENED, message, span, _PLACES)) from None

    def open_first(self, sealed: Iterable[bytes], span: Span | None) -> bytes:
        """Return the plaintext of the first of several copies that can be opened."""
        problem: VaultError | None = None
        for each in sealed:
            try:
                return self.open(each, span)
            except VaultError as error:
                problem = error
        raise problem or VaultError(Diagnostic(NOT_OPENED, "nothing was encrypted for age", span))


def _library(span: Span | None) -> Any:
    try:
        import pyrage
    except ImportError:
        message = "this is encrypted by age, and the library that opens it is not installed"
        hint = "install it: pip install 'orchestr8[age]'"
        raise VaultError(Diagnostic(NOT_OPENED, message, span, hint)) from None
    return pyrage


def _identities(library: Any, text: str) -> list[Any]:
    """Return the identities of a file of age keys, or the one of an SSH private key."""
    try:
        if "PRIVATE KEY-----" in text:
            return [library.ssh.Identity.from_buffer(text.encode())]
        lines = [line.strip() for line in text.splitlines()]
        return [library.x25519.Identity.from_str(line) for line in lines if line and line[0] != "#"]
    except library.IdentityError as error:
        raise VaultError(Diagnostic(NOT_OPENED, f"an age identity cannot be read: {error}")) from None
