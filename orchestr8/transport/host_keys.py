"""Decides whether a host's key may be talked to; nothing of ours is sent before."""

from __future__ import annotations

import base64
import fcntl
import os
import threading
from collections.abc import Callable, Sequence
from pathlib import Path

from orchestr8.core.errors import Diagnostic, HostKeyRefused
from orchestr8.transport.failures import HOST_KEY, key_refused
from orchestr8.transport.known_hosts import AUTHORITY, REVOKED, Known, KnownHosts, fingerprint
from orchestr8.transport.resolve import Target

Warn = Callable[[Diagnostic], None]


class HostKeys:
    """The judgement over host keys of a run; each set of files is read once."""

    def __init__(self, warn: Warn | None = None) -> None:
        self._warn = warn or (lambda _: None)
        self._known: dict[tuple[str, ...], KnownHosts] = {}
        self._lock = threading.Lock()

    def kinds(self, target: Target) -> list[str]:
        """Return the kinds of key that are known of a host, so that it is asked for one of them."""
        found = self._files(target).find(target.key_name, target.port)
        return list(dict.fromkeys(known.kind for known in found if not known.marker))

    def check(self, target: Target, kind: str, key: bytes) -> None:
        """Return when the key may be trusted, else raise HostKeyRefused."""
        known = self._files(target).find(target.key_name, target.port)
        revoked = [line for line in known if line.marker == REVOKED and line.key == key]
        if revoked:
            why = f"its key {fingerprint(key)} ({kind}) is revoked by {revoked[0].place}"
            raise key_refused(target.name, why, hint="somebody else may hold this key: do not connect")
        plain = [line for line in known if not line.marker]
        if any(line.key == key for line in plain):
            return
        if target.strict == "no":
            self._tell(target, kind, key, "was accepted for this run, since StrictHostKeyChecking is off")
        elif plain:
            raise _changed(target, kind, key, plain)
        elif target.strict == "accept-new":
            self._record(target, kind, key)
        else:
            raise _unknown(target, kind, key, known, self._files(target))

    def _files(self, target: Target) -> KnownHosts:
        files = (*target.user_known_hosts, *target.global_known_hosts)
        with self._lock:
            if files not in self._known:
                self._known[files] = KnownHosts.read(files)
            return self._known[files]

    def _tell(self, target: Target, kind: str, key: bytes, what: str) -> None:
        message = f"{target.name}: the host's key {fingerprint(key)} ({kind}) {what}"
        self._warn(Diagnostic(HOST_KEY, message, severity="warning"))

    def _record(self, target: Target, kind: str, key: bytes) -> None:
        file = target.user_known_hosts[0] if target.user_known_hosts else ""
        line = f"{_shown(target)} {kind} {base64.b64encode(key).decode()}"
        known = self._files(target)
        with self._lock:
            if file:
                _append(Path(file).expanduser(), line)
            known.add(line, file, 0)
        self._tell(target, kind, key, f"was new and is now kept in {file or 'memory'}")


def _shown(target: Target) -> str:
    return target.key_name if target.port == 22 else f"[{target.key_name}]:{target.port}"


def _append(path: Path, line: str) -> None:
    """Add a line under a lock, whatever else writes to the file."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with os.fdopen(os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600), "r+b") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        size = file.seek(0, os.SEEK_END)
        if size:
            file.seek(size - 1)
        broken = size and file.read(1) != b"\n"
        file.write((b"\n" if broken else b"") + line.encode() + b"\n")


def _changed(target: Target, kind: str, key: bytes, known: Sequence[Known]) -> HostKeyRefused:
    same = [line for line in known if line.kind == kind] or list(known)
    expected = "; ".join(f"{fingerprint(line.key)} ({line.kind}) in {line.place}" for line in same[:4])
    why = f"its key is {fingerprint(key)} ({kind}), but known is {expected}"
    hint = (
        f"somebody may be listening. If the host was really given a new key: "
        f"ssh-keygen -R '{_shown(target)}' -f {same[0].file}, then accept the new one"
    )
    return key_refused(target.name, why, hint=hint)


def _unknown(
    target: Target, kind: str, key: bytes, found: Sequence[Known], files: KnownHosts
) -> HostKeyRefused:
    names = ", ".join(files.files) or "no file"
    why = f"its key {fingerprint(key)} ({kind}) is not known (looked in {names})"
    if any(line.marker == AUTHORITY for line in found):
        why += "; a certificate authority is, but host certificates are not supported yet"
    file = files.files[0] if files.files else "~/.ssh/known_hosts"
    hint = (
        f"compare the fingerprint with the host's own, then: "
        f"ssh-keyscan -p {target.port} {target.hostname} >> {file}; "
        "or take it on trust with StrictHostKeyChecking=accept-new"
    )
    notes = tuple(f"not understood: {place}" for place in files.malformed[:5])
    return key_refused(target.name, why, hint=hint, notes=notes)
