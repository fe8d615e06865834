"""Programs that print a password."""

from __future__ import annotations

import os
import subprocess

from orchestr8.core.errors import Diagnostic
from orchestr8.core.vaulted import VaultError

_LONGEST = 300.0
_NO_SUCH_KEY = 2


def from_program(path: str, label: str) -> bytes:
    """Return what a program prints; one named `…-client` is told the vault id."""
    client = os.path.splitext(path)[0].endswith("-client")
    argv = [path, "--vault-id", label] if client and label else [path]
    try:
        done = subprocess.run(argv, stdout=subprocess.PIPE, timeout=_LONGEST, check=False)
    except subprocess.TimeoutExpired:
        raise _failed(f"Vault password script {path} did not end within {_LONGEST:.0f} seconds") from None
    except OSError as error:
        hint = "if this is not a script, remove the executable bit from the file"
        message = f"Problem running vault password script {path} ({error.strerror})"
        raise _failed(message, hint) from None
    if client and done.returncode == _NO_SUCH_KEY:
        raise _failed(f"Vault password client script {path} did not find a secret for vault-id={label}")
    if done.returncode:
        raise _failed(f"Vault password script {path} returned non-zero ({done.returncode})")
    return done.stdout.strip(b"\r\n")


def _failed(message: str, hint: str | None = None) -> VaultError:
    return VaultError(Diagnostic("O8-1804", message, hint=hint))
