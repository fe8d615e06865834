"""Has the program `sops` open what only it can: files whose keys are of PGP, a cloud or a vault server."""

from __future__ import annotations

import shutil
import subprocess

from orchestr8.core.errors import Diagnostic
from orchestr8.core.span import Span
from orchestr8.core.vaulted import VaultError
from orchestr8.language.vault.age import NOT_OPENED

LIMIT = 300
"""Seconds for the program to answer; somebody may have to type a passphrase."""


def opened(data: bytes, form: str, why: str, span: Span) -> bytes:
    """Return a document of SOPS (`form` is yaml or json) in the clear; raise VaultError.

    why: what keeps us from opening it ourselves, told where the program is not there or fails.
    """
    program = shutil.which("sops")
    if program is None:
        hint = "install the program `sops`, which is asked then, or add an age recipient: sops updatekeys"
        raise VaultError(Diagnostic(NOT_OPENED, why, span, hint))
    words = [program, "--decrypt", "--input-type", form, "--output-type", form, "/dev/stdin"]
    try:
        done = subprocess.run(words, input=data, capture_output=True, check=False, timeout=LIMIT)
    except (OSError, subprocess.TimeoutExpired) as failure:
        raise _failed(why, str(failure), span) from None
    if done.returncode != 0:
        lines = done.stderr.decode("utf-8", "replace").strip().splitlines()
        raise _failed(why, lines[-1] if lines else f"it ended with {done.returncode}", span)
    return done.stdout


def _failed(why: str, said: str, span: Span) -> VaultError:
    return VaultError(Diagnostic(NOT_OPENED, f"{why}; the program `sops` failed: {said}", span))
