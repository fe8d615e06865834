"""Sends a file's content to a host: small ones at once, large ones only when the host lacks them."""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping
from hashlib import sha1
from pathlib import Path
from typing import Any

from orchestr8.core.errors import Diagnostic, HostFailed
from orchestr8.core.vaulted import NO_SECRETS, VaultError, is_encrypted
from orchestr8.engine.ports import Request
from orchestr8.engine.work import Work

SEND_AT_ONCE = 64 * 1024
Asking = Generator[Request, dict[str, Any], dict[str, Any]]
"""An action that asks the host: gives requests, takes their results, and returns its own."""


def send(work: Work, args: Mapping[str, Any], content: bytes) -> dict[str, Any]:
    """Put `content` at `args["dest"]` on the target host by the host's copy module."""
    sent = _with_checksum(args, content)
    if len(content) > SEND_AT_ONCE:
        result = work.call("copy", sent)
        if not result.pop("wants_content", False):
            return _listed(result)
    return _listed(work.call("copy", sent, blob=content))


def _listed(result: dict[str, Any]) -> dict[str, Any]:
    """Return a result whose diff is a list, as Ansible's copy and template have it."""
    if isinstance(result.get("diff"), dict):
        result = {**result, "diff": [result["diff"]]}
    return result


def sending(work: Work, args: Mapping[str, Any], content: bytes) -> Asking:
    """Put `content` at `args["dest"]`; what is small goes in one flight with a loop's other rounds."""
    expected, found = args.get("checksum"), sha1(content, usedforsecurity=False).hexdigest()
    if expected and str(expected).lower() != found:
        message = "Copied file does not match the expected checksum. Transfer failed."
        told = {"checksum": found, "expected_checksum": expected}
        return {"failed": True, "changed": False, "msg": message, **told}
    if len(content) > SEND_AT_ONCE:
        return send(work, args, content)
    return _listed((yield work.request("copy", _with_checksum(args, content), blob=content)))


def read(path: str, work: Work, encrypted: Callable[[bytes], bool] = is_encrypted) -> bytes:
    """Return a file's bytes, opened when it is `encrypted`, unless the task says `decrypt: false`.

    Raises HostFailed when it cannot be read or opened.
    """
    try:
        data = Path(path).read_bytes()
    except OSError as error:
        reason = f"cannot read {path}: {error.strerror}"
        raise HostFailed(Diagnostic("O8-2301", reason, work.task.span)) from None
    if not encrypted(data) or work.args.get("decrypt") is False:
        return data
    try:
        return work.templar.vault.content(data, path)
    except VaultError as error:
        if any(each.code == NO_SECRETS for each in error.diagnostics):
            reason = f"A vault password or secret must be specified to decrypt {path}"
            raise HostFailed(Diagnostic(NO_SECRETS, reason, work.task.span)) from None
        raise


def _with_checksum(args: Mapping[str, Any], content: bytes) -> dict[str, Any]:
    return {**args, "checksum": sha1(content, usedforsecurity=False).hexdigest()}
