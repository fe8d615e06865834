"""Known host keys as OpenSSH keeps them: markers, hashed names, wildcards, negation, [host]:port."""

from __future__ import annotations

import base64
import binascii
import fnmatch
import hashlib
import hmac
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

REVOKED = "@revoked"
AUTHORITY = "@cert-authority"


def fingerprint(key: bytes) -> str:
    """Return a key's fingerprint as OpenSSH shows it."""
    return "SHA256:" + base64.b64encode(hashlib.sha256(key).digest()).decode().rstrip("=")


@dataclass(frozen=True, slots=True)
class Known:
    """One line of a file: the names it speaks for, a key, a marker, and where it stands."""

    names: tuple[str, ...]
    kind: str
    key: bytes
    marker: str
    file: str
    line: int

    @property
    def place(self) -> str:
        """The file and line, to be shown."""
        return f"{self.file}:{self.line}"

    def fits(self, name: str) -> bool:
        """Whether the line speaks for a host name; a negated name that fits forbids it."""
        fit = False
        for pattern in self.names:
            negated = pattern.startswith("!")
            if _fits(pattern[1:] if negated else pattern, name):
                if negated:
                    return False
                fit = True
        return fit


def _fits(pattern: str, name: str) -> bool:
    if pattern.startswith("|1|"):
        try:
            _, _, salt, digest = pattern.split("|")
            made = hmac.digest(base64.b64decode(salt), name.encode(), "sha1")
            return hmac.compare_digest(made, base64.b64decode(digest))
        except ValueError:
            return False
    if "*" in pattern or "?" in pattern:
        return fnmatch.fnmatchcase(name, pattern.lower().replace("[", "[[]"))
    return pattern.lower() == name


@dataclass(slots=True)
class KnownHosts:
    """The lines of some files, found by name; lines nobody understands are left out and counted."""

    files: tuple[str, ...] = ()
    malformed: list[str] = field(default_factory=list)
    _plain: dict[str, list[Known]] = field(default_factory=dict)
    _rest: list[Known] = field(default_factory=list)

    @classmethod
    def read(cls, files: Sequence[str]) -> KnownHosts:
        """Read files; those that are not there are empty."""
        known = cls(tuple(files))
        for name in files:
            try:
                text = Path(name).expanduser().read_text("utf-8", "surrogateescape")
            except OSError:
                continue
            for number, line in enumerate(text.splitlines(), 1):
                known.add(line, name, number)
        return known

    def add(self, line: str, file: str, number: int) -> None:
        """Take one line of a file."""
        words = line.split()
        if not words or words[0].startswith("#"):
            return
        marker = words.pop(0) if words[0].startswith("@") else ""
        try:
            names, kind, encoded = words[:3]
            key = base64.b64decode(encoded, validate=True)
        except (ValueError, binascii.Error):
            self.malformed.append(f"{file}:{number}")
            return
        if marker not in ("", REVOKED, AUTHORITY) or not _is_key(key, kind):
            self.malformed.append(f"{file}:{number}")
            return
        self._keep(Known(tuple(names.split(",")), kind, key, marker, file, number))

    def _keep(self, known: Known) -> None:
        if any(set("*?!|") & set(name) for name in known.names):
            self._rest.append(known)
            return
        for name in known.names:
            self._plain.setdefault(name.lower(), []).append(known)

    def find(self, host: str, port: int) -> list[Known]:
        """Return the lines that speak for a host: by name and port, and by name alone as OpenSSH does."""
        names = [host.lower()] if port == 22 else [f"[{host.lower()}]:{port}", host.lower()]
        return [known for name in names for known in self._find(name)]

    def _find(self, name: str) -> Iterable[Known]:
        yield from self._plain.get(name, ())
        yield from (known for known in self._rest if known.fits(name))


def _is_key(key: bytes, kind: str) -> bool:
    size = int.from_bytes(key[:4], "big")
    return key[4 : 4 + size] == kind.encode("ascii", "replace")
