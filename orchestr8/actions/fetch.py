"""fetch: bring a file from a host to the controller."""

from __future__ import annotations

import base64
import hashlib
import os
from pathlib import Path
from typing import Any

from orchestr8.core.errors import Diagnostic, HostFailed
from orchestr8.engine.work import Work
from orchestr8.language.catalog import ModuleSpec
from orchestr8.remote.module import Arg

SPEC = ModuleSpec(
    name="fetch",
    controller=True,
    on_hosts=True,
    checks_itself=True,
    doc="Bring a file from a host to the controller.",
    args={
        "src": Arg("path", "The file on the host.", required=True),
        "dest": Arg("path", "Where to put it on the controller.", required=True),
        "flat": Arg("bool", "Do not add the host's name and the path to `dest`.", default=False),
        "fail_on_missing": Arg("bool", "Fail when the host has no such file.", default=True),
        "validate_checksum": Arg("bool", "Compare checksums afterwards.", default=True),
    },
)


def run(work: Work) -> dict[str, Any]:
    """Write the file unless it is there already; the path is built from the inventory's name only."""
    if work.check:
        return {"changed": False, "skipped": True, "msg": "check mode not (yet) supported for this module"}
    _check(work)
    source = str(work.args["src"])
    got = work.call("slurp", {"src": source})
    if got.get("failed"):
        return _missing(work, source, got)
    content = base64.b64decode(got["content"])
    dest = _destination(work, str(got.get("source") or source))
    checksum = hashlib.sha1(content, usedforsecurity=False).hexdigest()
    known = {"dest": dest, "checksum": checksum, "md5sum": _md5(content), "file": source}
    if Path(dest).is_file() and Path(dest).read_bytes() == content:
        return {"changed": False, **known}
    _write(dest, content, work)
    return {"changed": True, **known, "remote_md5sum": None, "remote_checksum": checksum}


def _check(work: Work) -> None:
    """Raise HostFailed for arguments that are missing or no texts, in words that playbooks look for."""
    for name, shown in (("src", "source"), ("dest", "dest")):
        value = work.args.get(name)
        if value is not None and not isinstance(value, str):
            message = f"Invalid type supplied for {shown} option, it must be a string"
            raise HostFailed(Diagnostic("O8-1203", message, work.task.action_span))
    if not work.args.get("src") or not work.args.get("dest"):
        raise HostFailed(Diagnostic("O8-1202", "src and dest are required", work.task.action_span))


def _write(dest: str, content: bytes, work: Work) -> None:
    try:
        os.makedirs(os.path.dirname(dest) or ".", exist_ok=True)
        Path(dest).write_bytes(content)
    except OSError as error:
        message = f"cannot write {dest}: {error.strerror}"
        raise HostFailed(Diagnostic("O8-2310", message, work.task.span)) from None


def _md5(content: bytes) -> str | None:
    """Return what old playbooks compare, None where the controller forbids it."""
    try:
        return hashlib.md5(content, usedforsecurity=False).hexdigest()
    except ValueError:
        return None


def _missing(work: Work, source: str, got: dict[str, Any]) -> dict[str, Any]:
    said = str(got.get("msg", ""))
    result: dict[str, Any] = {"changed": False, "file": source}
    if "not found" in said:
        result["msg"] = "the remote file does not exist, not transferring, ignored"
    elif "is a directory" in said:
        result["msg"] = "remote file is a directory, fetch cannot work on directories"
    if work.args.get("fail_on_missing", True):
        return {**result, "msg": result.get("msg", said).removesuffix(_IGNORED), "failed": True}
    return {**result, "msg": f"{result.get('msg', said).removesuffix(_IGNORED)}{_IGNORED}"}


def _destination(work: Work, source: str) -> str:
    written = str(work.args["dest"])
    dest = os.path.join(str(work.scope.get("playbook_dir") or ""), os.path.expanduser(written))
    if work.args.get("flat"):
        return _flat(dest, source, work)
    inside = os.path.normpath("/" + source).lstrip("/")
    path = os.path.join(dest, work.host, inside)
    if os.path.commonpath([os.path.abspath(dest), os.path.abspath(path)]) != os.path.abspath(dest):
        raise HostFailed(Diagnostic("O8-2302", f"{source} would leave {dest}", work.task.span))
    return os.path.normpath(path)


def _flat(dest: str, source: str, work: Work) -> str:
    if dest.endswith(os.sep):
        dest = os.path.join(dest, os.path.basename(source))
        wrong = f"calculated dest '{dest}' is an existing directory, use another path that does not"
        wrong += " point to an existing directory"
    else:
        wrong = "dest is an existing directory, use a trailing slash if you want to fetch src into that"
        wrong += " directory"
    if os.path.isdir(dest):
        raise HostFailed(Diagnostic("O8-1203", wrong, work.task.span))
    return os.path.normpath(dest)


_IGNORED = ", not transferring, ignored"
