"""What we show a host of ourselves: keys first, few of them, and a password only when one was given."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import paramiko
from paramiko.agent import Agent
from paramiko.auth_strategy import AuthStrategy, InMemoryPrivateKey, Password
from paramiko.config import SSHConfig

from orchestr8.transport.resolve import Target

MOST = 5
"""Offers a host gets at most: servers hang up after six, and some ban who tries more."""


class KeyRing:
    """Private keys, each file read and decoded once a run, and the agent's."""

    def __init__(self) -> None:
        self._keys: dict[str, paramiko.PKey | str] = {}
        self._agent: list[paramiko.PKey] | None = None
        self._lock = threading.Lock()

    def key(self, file: str) -> paramiko.PKey | str:
        """Return a file's key, or why there is none."""
        with self._lock:
            if file not in self._keys:
                self._keys[file] = _load(Path(file).expanduser())
            return self._keys[file]

    def agent(self) -> list[paramiko.PKey]:
        """Return the agent's keys."""
        with self._lock:
            if self._agent is None:
                try:
                    self._agent = list(Agent().get_keys())
                except (OSError, paramiko.SSHException):
                    self._agent = []
            return self._agent


def _load(path: Path) -> paramiko.PKey | str:
    if not path.is_file():
        return f"{path}: no such file"
    try:
        key = paramiko.PKey.from_path(path)
    except paramiko.PasswordRequiredException:
        return f"{path}: needs its passphrase (load it into an agent)"
    except TypeError:
        return f"{path}: needs its passphrase (load it into an agent)"
    except (paramiko.SSHException, ValueError, OSError, paramiko.pkey.UnknownKeyType) as error:
        return f"{path}: {error}"
    certificate = path.with_name(path.name + "-cert.pub")
    if certificate.is_file():
        key.load_certificate(str(certificate))
    return key


class Credentials(AuthStrategy):
    """Offers one target what it may see; `tried` tells afterwards what that was."""

    def __init__(self, target: Target, ring: KeyRing) -> None:
        super().__init__(ssh_config=SSHConfig())
        self._target = target
        self._ring = ring
        self.tried: list[str] = []

    def get_sources(self) -> Iterator[Any]:
        """Give the sources in order."""
        offered: set[bytes] = set()
        for label, key in self._keys():
            blob = key.asbytes()
            if blob in offered or len(offered) >= MOST:
                continue
            offered.add(blob)
            self.tried.append(label)
            yield InMemoryPrivateKey(username=self._target.user, pkey=key)
        password = self._target.password
        if password is not None:
            self.tried.append("password")
            yield Password(username=self._target.user, password_getter=password.reveal)

    def _keys(self) -> Iterator[tuple[str, paramiko.PKey]]:
        """Give the keys that were named, then the agent's, then the usual files."""
        if self._target.given_keys:
            yield from self._files()
        if self._target.agent:
            yield from ((f"agent key {key.fingerprint}", key) for key in self._ring.agent())
        if not self._target.given_keys:
            yield from self._files()

    def _files(self) -> Iterator[tuple[str, paramiko.PKey]]:
        for file in self._target.key_files:
            key = self._ring.key(file)
            if isinstance(key, str):
                if self._target.given_keys:
                    self.tried.append(key)
            else:
                yield file, key
