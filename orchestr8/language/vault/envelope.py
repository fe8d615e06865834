"""The text form of encrypted data: a header line and lines of hexadecimal digits."""

from __future__ import annotations

import re
from binascii import unhexlify
from dataclasses import dataclass

DEFAULT = "default"
CIPHER = "AES256"
_VERSIONS = ("1.1", "1.2")
_WIDTH = 80
_NOT_HEX = re.compile(r"[^0-9a-fA-F]")
_DIGEST = re.compile(rb"[0-9a-fA-F]{64}")


class Malformed(ValueError):
    """A text is no encrypted data; `line` and `column` count from 0."""

    def __init__(
        self, message: str, line: int = 0, column: int = 0, width: int = 1, hint: str | None = None
    ) -> None:
        super().__init__(message)
        self.message, self.line, self.column, self.width, self.hint = message, line, column, width, hint


@dataclass(frozen=True, slots=True)
class Envelope:
    """What an encrypted text holds. label: the vault id in its header, "default" without one."""

    label: str
    salt: bytes
    digest: bytes
    ciphertext: bytes


def parse(data: bytes) -> Envelope:
    """Return what is in an encrypted text; raise Malformed."""
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start)
        message = "Vault format error: the text is not UTF-8"
        raise Malformed(message, line, error.start - data.rfind(b"\n", 0, error.start) - 1) from None
    lines = text.replace("\r\n", "\n").split("\n")
    label = _label(lines[0])
    return _body(label, [line.strip() for line in lines[1:]])


def _label(header: str) -> str:
    parts = [part.strip() for part in header.split(";")]
    if parts[0] != "$ANSIBLE_VAULT" or len(parts) < 3:
        hint = "the first line has to read `$ANSIBLE_VAULT;1.1;AES256`"
        raise Malformed("Vault envelope format error: the header is broken", 0, 0, len(header), hint)
    if parts[1] not in _VERSIONS:
        known = " and ".join(_VERSIONS)
        message = f"Vault format version `{parts[1]}` is unknown; {known} can be read"
        raise Malformed(message, 0, len(parts[0]) + 1, len(parts[1]))
    if parts[2] != CIPHER:
        message = f"Cipher '{parts[2]}' could not be found; {CIPHER} is the only one"
        raise Malformed(message, 0, len(parts[0]) + len(parts[1]) + 2, len(parts[2]))
    return parts[3] if len(parts) > 3 and parts[3] else DEFAULT


def _body(label: str, lines: list[str]) -> Envelope:
    _check_digits(lines)
    whole = "".join(lines)
    if len(whole) % 2:
        raise Malformed(
            "Vault format unhexlify error: Odd-length string", _last(lines), 0, 1, "the text is cut off"
        )
    parts = unhexlify(whole).split(b"\n", 2)
    if len(parts) != 3:
        raise Malformed("Vault vaulttext format error: a part is missing", 1, 0, 1, "the text is cut off")
    salt, digest, body = parts
    try:
        found = unhexlify(salt), unhexlify(body)
    except ValueError as error:
        raise Malformed(f"Vault format unhexlify error: {error}", 1) from None
    if not _DIGEST.fullmatch(digest) or not found[1]:
        raise Malformed("Vault vaulttext format error: a part is cut off", _last(lines))
    return Envelope(label, found[0], unhexlify(digest), found[1])


def _last(lines: list[str]) -> int:
    """Return the number, from 0 at the header, of the last line that is not empty."""
    return max((number for number, line in enumerate(lines, 1) if line), default=0)


def _check_digits(lines: list[str]) -> None:
    for number, line in enumerate(lines, 1):
        if wrong := _NOT_HEX.search(line):
            raise Malformed(
                "Vault format unhexlify error: Non-hexadecimal digit found", number, wrong.start(), 1,
                "something was added to the text, or it was copied badly",
            )  # fmt: skip


def written(envelope: Envelope) -> str:
    """Return encrypted data as a text that ends with a newline; a label other than "default" is kept."""
    label = "" if envelope.label == DEFAULT else f";{envelope.label}"
    version = "1.2" if label else "1.1"
    parts = (envelope.salt.hex(), envelope.digest.hex(), envelope.ciphertext.hex())
    body = "\n".join(parts).encode().hex()
    lines = [body[start : start + _WIDTH] for start in range(0, len(body), _WIDTH)]
    return "\n".join([f"$ANSIBLE_VAULT;{version};{CIPHER}{label}", *lines, ""])
